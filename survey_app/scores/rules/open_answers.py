"""People's own words (开放题, and the words beside "other"): from how many on they are shown, how, and to whom. Pure.

Must stay true: words leave masked, in an order that says nothing of when or by whom they were written, never beside
anything else that the same person said; those of staff and departments never leave the commissioning office.
"""

import hmac
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from survey_app.questionnaire.base import AUDIENCES
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.scores.rules.masking import masked


@dataclass(frozen=True)
class Written:
    """What one sitting wrote about one unit. cell: what counts towards the fewest, the sitting or its department."""

    cell: Hashable
    words: str


def fewest(plan: ScoringPlan, restricted: str | None) -> float:
    """How many must have written before any of it is shown. restricted: the rule that the item names.

    A rule that the plan does not have lets nobody see, however many wrote: infinity.
    """
    if restricted is None:
        return plan.disclosure.min_cell_text
    if restricted not in plan.restricted:
        return math.inf
    rule = plan.restricted[restricted]
    return max(plan.disclosure.min_cell_text, rule.min_n, rule.min_count)


def shown(written: Sequence[Written], least: float, max_length: int, *, key: bytes, place: str) -> list[str]:
    """The words as they may be read, or none of them where too few wrote.

    The order is drawn by a keyed hash of each text and `place` (unit and item): of all orders one that only the key
    knows, and the same one whenever a snapshot is computed again.
    """
    found = [(one.cell, words) for one in written if (words := masked(one.words).strip()[:max_length].strip())]
    if len({cell for cell, _ in found}) < least:
        return []
    return sorted((words for _, words in found), key=lambda words: _lot(key, place, words))


def readable(*, outside_office: bool) -> frozenset[str]:
    """The audiences whose words somebody may read. outside_office: an account of an agency."""
    return frozenset({"service_recipient"}) if outside_office else frozenset(AUDIENCES)


def _lot(key: bytes, place: str, words: str) -> bytes:
    return hmac.digest(key, f"{place}\n{words}".encode(), "sha256")
