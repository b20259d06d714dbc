"""What computes: the versions on which digits may depend."""

import platform
from functools import cache
from importlib.metadata import version

PACKAGES = ("pingyi", "numpy", "pandas", "scipy", "statsmodels")


@cache
def versions() -> dict[str, str]:
    """Name → version of Python and of every package that takes part in computing."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
