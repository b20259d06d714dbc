"""The answers to be scored, as coded arrays, with the frame (抽样框) that says whom they stand for.

Knows the codes of an answer cell, and how rows point to units, strata and departments. Never holds a response's
identity, its text or its time. A million responses of twenty items take 40 MB here: one byte a cell, four a pointer.
What must stay true: every array of one `CodedAnswers` has the same number of rows; a pointer is an index into the
tuple of the same name, -1 only where it says so; arrays are read, never written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.spec import QuestionnaireSpec

BLANK = 0
DONT_KNOW = -1
NOT_APPLICABLE = -2
NOT_SHOWN = -3
LOWEST_CODE = NOT_SHOWN
NO_DEPARTMENT = -1


@dataclass(frozen=True)
class UnitSpec:
    """An evaluated unit (被评估单位). An audience that is not named does not apply to it (不适用)."""

    code: str
    name: str
    category: str
    audiences: tuple[str, ...]


@dataclass(frozen=True)
class Fieldwork:
    """What is known of the collection in one unit and audience besides its answers.

    activated, handed_out, used: access codes; None where not counted for this unit. open_link: answers came through
    an open link, so nothing is known of who was asked. held: a proven case of guiding or filling in for others.
    asked: (stratum, cards handed out or activated), empty where they are not counted by stratum. by_quota: answers
    were taken up to a number only, so those who came later count for no response rate. overused: at one of the doors
    more cards were used than had gone out, whatever the sums say. uncounted: unused cards were not counted with a
    witness.
    """

    activated: int | None = None
    handed_out: int | None = None
    used: int | None = None
    open_link: bool = False
    held: bool = False
    asked: tuple[tuple[str | None, int], ...] = ()
    by_quota: bool = False
    overused: bool = False
    uncounted: bool = False


@dataclass(frozen=True, eq=False)
class CodedAnswers:
    """All responses (答卷) to one questionnaire.

    codes: int8 (n, k), column order of the questionnaire's items; 1..K in choice order, BLANK, DONT_KNOW,
    NOT_APPLICABLE or NOT_SHOWN. unit, stratum: int32 (n,) into the frame's units and strata. department: int32 (n,)
    into its departments, NO_DEPARTMENT where unknown. sitting: int32 (n,), equal where one person answered several
    responses in one go. eligible: bool (n,), False for a person screened out. Rows sorted by unit are read fastest.
    seconds: float32 (n,) that the whole sitting took, NaN where not known; None: known of nobody.
    order: int16 (n,) into the questionnaire's `orders`; None: everybody saw the items as written.
    families: uint8 (n,), the quality families that flagged a response, a bit each, 0 where too few of them can be
    measured to exclude anybody; None: not assessed yet.
    mode: int8 (n,), how a response came in, by numbers of the caller's; None: all in one way.
    """

    questionnaire: QuestionnaireSpec
    codes: NDArray[np.int8]
    unit: NDArray[np.int32]
    stratum: NDArray[np.int32]
    department: NDArray[np.int32]
    sitting: NDArray[np.int32]
    eligible: NDArray[np.bool_]
    seconds: NDArray[np.float32] | None = None
    order: NDArray[np.int16] | None = None
    families: NDArray[np.uint8] | None = None
    mode: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        name, width = self.questionnaire.id, len(self.questionnaire.items)
        if self.codes.ndim != 2 or self.codes.shape[1] != width or self.codes.dtype != np.int8:
            raise ValueError(f"{name}: codes are {self.codes.dtype} {self.codes.shape}, expected int8 (n, {width})")
        for label, array in self._pointers():
            if array.shape != (len(self.codes),) or array.dtype != np.int32:
                raise ValueError(f"{name}: {label} is {array.dtype} {array.shape}, expected int32 ({len(self.codes)},)")
        if self.eligible.shape != (len(self.codes),) or self.eligible.dtype != np.bool_:
            raise ValueError(
                f"{name}: eligible is {self.eligible.dtype} {self.eligible.shape}, expected bool, one a row"
            )
        for label, optional, dtype in self._optional():
            if optional is not None and (optional.shape != (len(self.codes),) or optional.dtype != dtype):
                raise ValueError(f"{name}: {label} is {optional.dtype} {optional.shape}, expected one a row")
        if not len(self.codes):
            return
        if self.order is not None and not 0 <= int(self.order.min()) <= int(self.order.max()) < len(
            self.questionnaire.orders
        ):
            raise ValueError(
                f"{name}: order points outside the {len(self.questionnaire.orders)} orders of the questionnaire"
            )
        highest, lowest = self.codes.max(axis=0), self.codes.min(axis=0)
        for item, high, low in zip(self.questionnaire.items, highest.tolist(), lowest.tolist(), strict=True):
            if high > len(item.codes) or low < LOWEST_CODE:
                raise ValueError(f"{name}: item {item.id} holds codes {low}..{high}, choices are 1..{len(item.codes)}")

    def only(self, rows: NDArray[np.bool_]) -> CodedAnswers:
        """Some of the rows."""
        pointers = ("unit", "stratum", "department", "sitting")
        arrays = ("codes", *pointers, "eligible", "seconds", "order", "families", "mode")
        kept: dict[str, Any] = {
            name: None if (found := getattr(self, name)) is None else found[rows] for name in arrays
        }
        return replace(self, **kept)

    def _optional(self) -> tuple[tuple[str, NDArray[Any] | None, type[np.generic]], ...]:
        return (
            ("seconds", self.seconds, np.float32),
            ("order", self.order, np.int16),
            ("families", self.families, np.uint8),
            ("mode", self.mode, np.int8),
        )

    def _pointers(self) -> tuple[tuple[str, NDArray[np.int32]], ...]:
        return (
            ("unit", self.unit),
            ("stratum", self.stratum),
            ("department", self.department),
            ("sitting", self.sitting),
        )


@dataclass(frozen=True, eq=False)
class Frame:
    """Units, whom each stands for, and everything that was answered about them.

    strata: names; None is the stratum of answers without one. departments: codes of the raters.
    population: (unit code, audience, stratum) → people, for a `levels` indicator departments; absent: unknown.
    fieldwork: (unit code, audience) → counts and flags; absent: nothing known. homes: for each department the place of
    the unit that it is itself, -1 for none; empty: not known of any.
    """

    units: tuple[UnitSpec, ...]
    answers: tuple[CodedAnswers, ...]
    strata: tuple[str | None, ...] = (None,)
    departments: tuple[str, ...] = ()
    population: Mapping[tuple[str, str, str | None], int] = field(default_factory=dict)
    fieldwork: Mapping[tuple[str, str], Fieldwork] = field(default_factory=dict)
    homes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.homes and len(self.homes) != len(self.departments):
            raise ValueError(f"{len(self.homes)} homes of {len(self.departments)} departments")
        for label, names in (("units", [unit.code for unit in self.units]), ("strata", list(self.strata))):
            if len(set(names)) != len(names):
                raise ValueError(f"{label} are not distinct")
        ids = [answers.questionnaire.id for answers in self.answers]
        if len(set(ids)) != len(ids):
            raise ValueError("one questionnaire's answers are given twice")
        known = {unit.code for unit in self.units}
        for unit, audience, stratum in self.population:
            size = self.population[unit, audience, stratum]
            if unit not in known or stratum not in self.strata or size < 0:
                raise ValueError(f"population of {unit} {audience} {stratum}: unknown unit or stratum, or {size} < 0")
        for answers in self.answers:
            name = answers.questionnaire.id
            _inside(name, "unit", answers.unit, 0, len(self.units))
            _inside(name, "stratum", answers.stratum, 0, len(self.strata))
            _inside(name, "department", answers.department, NO_DEPARTMENT, len(self.departments))
            _inside(name, "sitting", answers.sitting, 0, np.iinfo(np.int32).max)


def _inside(questionnaire: str, label: str, pointers: NDArray[np.int32], lowest: int, end: int) -> None:
    """Refuse pointers that point outside what they index."""
    if len(pointers) and (pointers.min() < lowest or pointers.max() >= end):
        raise ValueError(
            f"{questionnaire}: {label} points to {pointers.min()}..{pointers.max()}, allowed {lowest}..{end - 1}"
        )
