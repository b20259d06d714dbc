"""In which order items and choices are shown: one of eight drawn orders and a flip bit a sitting.

The orders are fixed by the questionnaire's id and version, so the stored order number says what was seen. The number
is drawn independently of code and nonce by whoever starts a sitting; nothing here draws.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from survey_app.questionnaire.items import AnyItem, Choice, LikertItem
from survey_app.questionnaire.model import Questionnaire, Section

ORDERS = 8
T = TypeVar("T")


def shuffled(things: Sequence[T], *seed: str | int) -> tuple[T, ...]:
    """The things in an order that depends on the seed alone (Fisher-Yates on SHA-256; the same on every machine)."""
    arranged = list(things)
    material = "\x1f".join(map(str, seed))
    for last in range(len(arranged) - 1, 0, -1):
        digest = hashlib.sha256(f"{material}\x1f{last}".encode()).digest()
        # 256 bits over at most a few hundred places: the remainder's bias is far below anything observable.
        other = int.from_bytes(digest, "big") % (last + 1)
        arranged[last], arranged[other] = arranged[other], arranged[last]
    return tuple(arranged)


def items_in_order(questionnaire: Questionnaire, section: Section, number: int) -> tuple[AnyItem, ...]:
    """The items of a section as shown under an order number from 0 to 7; as written where it is not randomized.

    ValueError for any other number.
    """
    if not 0 <= number < ORDERS:
        raise ValueError(f"order number {number} is not between 0 and {ORDERS - 1}")
    if not section.randomize:
        return section.items
    return shuffled(section.items, questionnaire.id, questionnaire.version, section.id, number)


def choices_in_order(questionnaire: Questionnaire, item: AnyItem, *, flip: bool) -> tuple[Choice, ...]:
    """The choices as shown: last to first where the response scale may be flipped and this sitting's bit says so."""
    choices = item.choices_in(questionnaire)
    flips = isinstance(item, LikertItem) and questionnaire.response_scales[item.scale].flip_scale
    return choices[::-1] if flips and flip else choices
