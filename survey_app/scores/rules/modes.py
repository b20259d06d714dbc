"""Scores by the way in which answers came (填答方式): on the phone, on paper, from an imported file.

Pure; works on a released document, from numbers that it shows anyway, so that a comparison tells nothing more. People
who answer on paper may differ from those who answer on a phone: a difference is a reason to look, not an effect.
"""

import math
from itertools import combinations
from typing import Any

# The name of this breakdown among those by items; no item can have it.
BY_MODE = "@mode"
CALLED = ("填答方式", "how answers came in")
WORDS = {
    "web": ("手机、网页", "phone or web"),
    "paper": ("纸质", "paper"),
    "import": ("其他平台导入", "imported"),
}
# Points from which a difference is worth a caution, where its interval leaves 0 out.
LARGE = 5.0

Json = dict[str, Any]


def compare_modes(document: Json) -> None:
    """Add to every shown breakdown by mode the differences of its groups."""
    for score in document["scores"]:
        for breakdown in score["breakdowns"]:
            if breakdown["item"] == BY_MODE:
                pairs = combinations(breakdown["groups"], 2)
                breakdown["differences"] = [_difference(one, other) for one, other in pairs]


def _difference(one: Json, other: Json) -> Json:
    """The second mode less the first, with an interval recovered from the two that are shown (MOVER).

    d - sqrt((x2 - l2)^2 + (u1 - x1)^2), d + sqrt((u2 - x2)^2 + (x1 - l1)^2), for independent groups. Zou & Donner 2008,
    doi:10.1002/sim.3095. As the shown intervals are rounded outward it is a little wider than Welch's, of the exact
    means, which would give away more than the two groups do. None where a group has no score or interval.
    """
    found: Json = {"mode": other["choice"], "against": one["choice"]}
    numbers = [group[name] for group in (one, other) for name in ("score", "lo", "hi")]
    if any(number is None for number in numbers):
        return found | {"difference": None, "lo": None, "hi": None, "large": False}
    first, low_1, high_1, second, low_2, high_2 = numbers
    difference = second - first
    lo = difference - math.hypot(second - low_2, high_1 - first)
    hi = difference + math.hypot(high_2 - second, first - low_1)
    large = abs(difference) >= LARGE and not lo <= 0 <= hi
    return found | {"difference": difference, "lo": math.floor(lo), "hi": math.ceil(hi), "large": large}
