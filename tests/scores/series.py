"""Snapshots of one unit as documents, made from answers, and an attacker who holds all of them.

The attacker is not the rule: it reasons about how many gave each choice, the rule about sums of points.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog

from survey_app.scores.operations.document import hide
from survey_app.scores.rules import differences, release

ITEMS = {"q1": "a", "q2": "a", "q3": "a", "q4": "b"}
WORTH = np.array([100.0, 75.0, 50.0, 25.0, 0.0])
POINTS = {("people", name): WORTH.tolist() for name in ITEMS}
CHOICES = len(WORTH)

Document = dict[str, Any]


def document(answers: np.ndarray, *, excluded: int = 0, before_exclusion: float | None = None) -> Document:
    """What a snapshot shows of (n, 4) choices, 0 the best: exact from ten people on, whole numbers below."""
    n, exact = len(answers), len(answers) >= 10
    means = WORTH[answers].mean(axis=0)

    def shown(value: float) -> float:
        return float(value) if exact else float(math.floor(value + 0.5))

    items = [
        {
            "questionnaire": "people",
            "item": name,
            "part": part,
            "shown": True,
            "several": False,
            "n": n,
            "mean": shown(means[place]),
            "counts": np.bincount(answers[:, place], minlength=CHOICES).tolist() if exact else None,
        }
        for place, (name, part) in enumerate(ITEMS.items())
    ]
    parts = [
        {
            "part": part,
            "weight": 0.5,
            "n": n,
            "score": shown(means[[of == part for of in ITEMS.values()]].mean()),
            "lo": None,
            "hi": None,
            "se_process": 1.0 if exact else None,
        }
        for part in ("a", "b")
    ]
    score = {
        "unit": "u01",
        "indicator": "satisfaction",
        "audience": "service_recipient",
        "n_valid": n,
        "valid_band": None,
        "n_excluded": excluded,
        "score_all": before_exclusion,
        "parts": parts,
        "items": items,
        "distributions": [],
        "facts": [],
        "breakdowns": [],
        "reasons": [],
        "cautions": [],
    }
    return {"scores": [score]}


def told(
    earlier: Sequence[Document],
    now: Document,
    min_cell: int = 5,
    *,
    for_good: set[str] | None = None,
    counts_only: bool = False,
) -> Document | None:
    """The document as it may be shown beside the earlier ones; None where it has to wait.

    for_good: keys that no later document may show, added to. counts_only: without the rule of `differences`.
    """
    never = set() if for_good is None else for_good
    before: dict[str, int] = {}
    for one in earlier:
        before = release.shown(before, one)
    if release.short_cells(before, now, min_cell):
        return None
    hidden = release.short_details(before, now, min_cell, apart_from=()) | never
    found = differences.unsafe(earlier, now, POINTS, min_cell, hidden=hidden, apart_from=())
    if found.cells and not counts_only:
        return None
    if not counts_only:
        never |= found.for_good
    made = copy.deepcopy(now)
    for score in made["scores"]:
        hide(score, hidden if counts_only else found.details)
    return made


@dataclass(frozen=True)
class Proof:
    """Newcomers whose answers to an item an attacker proves: between which two documents, how many."""

    item: str
    then: int
    now: int
    people: int


class Attacker:
    """Everything that a series of documents says of how many gave each choice, by item and document.

    sizes: how many people stand behind each document, hidden or not.
    """

    def __init__(self, documents: Sequence[Document], sizes: Sequence[int]) -> None:
        self.sizes, self.width = sizes, len(documents) * len(ITEMS) * CHOICES
        self.equal: list[tuple[np.ndarray, float]] = []
        self.most: list[tuple[np.ndarray, float]] = []
        for number, one in enumerate(documents):
            (score,) = one["scores"]
            for place, item in enumerate(score["items"]):
                self._item(number, place, item)
            for part in score["parts"]:
                self._part(number, part)
            if number:
                for at in range(len(ITEMS) * CHOICES):
                    form = np.zeros(self.width)
                    form[(number - 1) * len(ITEMS) * CHOICES + at], form[number * len(ITEMS) * CHOICES + at] = 1, -1
                    self.most.append((form, 0.0))

    def at(self, number: int, place: int) -> slice:
        first = (number * len(ITEMS) + place) * CHOICES
        return slice(first, first + CHOICES)

    def _between(self, form: np.ndarray, least: float, most: float) -> None:
        if least == most:
            self.equal.append((form, least))
        else:
            self.most += [(form, most), (-form, -least)]

    def _item(self, number: int, place: int, item: dict[str, Any]) -> None:
        n, here = self.sizes[number], self.at(number, place)
        everybody = np.zeros(self.width)
        everybody[here] = 1
        self.equal.append((everybody, n))
        if item["counts"] is not None:
            for choice, count in enumerate(item["counts"]):
                form = np.zeros(self.width)
                form[here.start + choice] = 1
                self.equal.append((form, count))
        elif item["mean"] is not None:
            form = np.zeros(self.width)
            form[here] = WORTH / n
            self._between(form, item["mean"] - 0.5, item["mean"] + 0.5)

    def _part(self, number: int, part: dict[str, Any]) -> None:
        places = [place for place, of in enumerate(ITEMS.values()) if of == part["part"]]
        form = np.zeros(self.width)
        for place in places:
            form[self.at(number, place)] = WORTH / self.sizes[number] / len(places)
        off = 1e-9 if part["se_process"] is not None else 0.5
        self._between(form, part["score"] - off, part["score"] + off)

    def reach(self, form: np.ndarray) -> tuple[float, float]:
        """The least and the most that a form can be."""
        ends = []
        for sign in (1, -1):
            solved = linprog(
                sign * form,
                A_eq=np.array([row for row, _ in self.equal]),
                b_eq=[value for _, value in self.equal],
                A_ub=np.array([row for row, _ in self.most]) if self.most else None,
                b_ub=[value for _, value in self.most] or None,
                bounds=(0, None),
                method="highs",
            )
            assert solved.status == 0, solved.message
            ends.append(sign * float(solved.fun))
        return ends[0], ends[1]

    def proofs(self, min_cell: int = 5) -> list[Proof]:
        """Fewer than `min_cell` newcomers whose mean is known; or fewer than twice that, all known to answer alike."""
        found = []
        for then in range(len(self.sizes)):
            for now in range(then + 1, len(self.sizes)):
                few = self.sizes[now] - self.sizes[then]
                if 0 < few < 2 * min_cell:
                    names = [name for place, name in enumerate(ITEMS) if self._proves(then, now, place, few, min_cell)]
                    found += [Proof(name, then, now, few) for name in names]
        return found

    def _proves(self, then: int, now: int, place: int, few: int, min_cell: int) -> bool:
        form = np.zeros(self.width)
        form[self.at(now, place)], form[self.at(then, place)] = WORTH / few, -WORTH / few
        if few < min_cell:
            least, most = self.reach(form)
            return most - least < 1.0
        for choice in range(CHOICES):
            form = np.zeros(self.width)
            form[self.at(now, place).start + choice], form[self.at(then, place).start + choice] = 1, -1
            if self.reach(form)[0] > few - 1e-6:
                return True
        return False
