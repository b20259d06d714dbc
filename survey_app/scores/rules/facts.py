"""Items that are counted, not scored: from which numbers on their counts are shown, and to whom. Pure.

Works on items of a released document. Must stay true: a count that is held back does not follow from those beside it;
what a rule of the plan restricts is shown to the roles that it names and to nobody else.
"""

from collections.abc import Collection, Mapping
from typing import Any

from survey_app.questionnaire.plan import RestrictedRule

Item = dict[str, Any]
_NUMBERS = (
    "n",
    "mean",
    "counts",
    "share_dont_know",
    "share_blank",
    "share_not_applicable",
    "top_two",
    "top_two_lo",
    "top_two_hi",
)


def joined(columns: list[Item], item: str, choices: list[str]) -> Item:
    """A multiple, from one item a choice that is either chosen or not; `counts` holds how often each was chosen."""
    first = columns[0]
    whole = {**first, "item": item, "choices": choices, "counts": None, "several": True}
    if not all(column["shown"] for column in columns):
        return hidden(whole)
    if all(column["counts"] is not None for column in columns):
        whole["counts"] = [column["counts"][0] for column in columns]
    return whole


def limited(item: Item, min_n: int, min_count: int) -> Item:
    """The item without counts below `min_count` (zero aside), and without any below `min_n` answers.

    Where one choice excludes the others, the most frequent one goes too: the rest of `n` would be the small one.
    """
    if not item["shown"] or item["counts"] is None:
        return item
    n, counts = item["n"], item["counts"]
    if n < min_n:
        return hidden(item)

    def small(count: int) -> bool:
        # Of a multiple, those who did not choose are a group as well.
        return 0 < count < min_count or (item["several"] and 0 < n - count < min_count)

    if not any(map(small, counts)):
        return item
    most = counts.index(max(counts))
    if not item["several"] and small(counts[most]):
        return hidden(item)
    kept = [
        None if small(count) or (place == most and not item["several"]) else count for place, count in enumerate(counts)
    ]
    return {**item, "mean": None, "counts": kept}


def hidden(item: Item) -> Item:
    """The item without any number."""
    return {**item, "shown": False, **dict.fromkeys(_NUMBERS)}


def without(items: list[Item], rules: Mapping[str, RestrictedRule], roles: Collection[str]) -> list[Item]:
    """The items that somebody in these roles may see. A rule that the plan does not have lets nobody see."""
    return [
        item
        for item in items
        if item["restricted"] is None
        or (item["restricted"] in rules and not set(rules[item["restricted"]].roles).isdisjoint(roles))
    ]
