"""What somebody types, and what comes back."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from survey_app.cli.main import main

GOLDEN = Path(__file__).parents[2] / "analysis" / "golden"
ATTITUDE = ("rating", "complaints", "privileges", "learning", "raises", "critical", "advance")
CSV = "a,b,c\n1,2,3\n2,2,4\n3,5,4\n4,4,5\n5,3,1\n"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def said(*words: str | Path) -> dict[str, Any]:
    """The document of a command that ends well."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    assert not result.stderr
    return json.loads(result.stdout, parse_constant=_no_constant)


def errors(*words: str | Path) -> list[dict[str, Any]]:
    """The errors of a command that refuses its input."""
    result = run(*words, "--json")
    assert result.exit_code == 2, result.output
    found = json.loads(result.stdout)
    assert found["count"] >= len(found["errors"]) > 0
    for error in found["errors"]:
        assert error["zh"]
        assert error["en"]
    return found["errors"]


def codes(*words: str | Path) -> list[str]:
    return [error["code"] for error in errors(*words)]


def file(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def golden(name: str, id_: str) -> Any:
    listed = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))["expected"]
    return next(one["value"] for one in listed if one["id"] == id_)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")
