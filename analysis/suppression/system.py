"""What somebody knows who holds everything that was ever published: linear statements about hidden numbers.

Knows unknowns (sums of answers of a set of people, or counts of people), statements about them, and secrets: linear
forms that must stay uncertain. Must stay true: a system never knows less than a reader. So counts of people are known
wherever sums are what is protected (a reader who does not know them knows less, and finds wider intervals), and a
rounded number is the closed interval of what it was rounded from.

Answers are bounded, so the sum s of n people lies in [0, 100 n]; that a set lies inside another is a statement like any
other, and is nobody's to take back. What a system leaves out is in `analysis.suppression`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Terms = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number that is not published: a sum of points, or a count (whole). lower, upper: what it can be at all."""

    name: str
    lower: float
    upper: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """lo <= sum of coefficient * unknown <= hi; equal for an exact number, an interval for a rounded number or a band.

    terms: (place of the unknown, coefficient). publication: what would have to be hidden to take it back; None: known
    without any publication (a set inside another one), or published long ago.
    """

    name: str
    terms: Terms
    lo: float
    hi: float
    publication: str | None = None

    @property
    def exact(self) -> bool:
        """Whether it is an equation."""
        return self.hi - self.lo <= 1e-9 * max(1.0, abs(self.lo))


@dataclass(frozen=True, slots=True)
class Secret:
    """What nobody may learn: a mean of few people, or a count.

    terms: the linear form. people: behind it. needed: least width of the interval that a reader may work out, in the
    unit of the form (points for means, number of people for counts).
    """

    name: str
    terms: Terms
    people: int
    needed: float


@dataclass(frozen=True)
class System:
    """Unknowns, statements about them, and what must not follow. Secrets have names of their own."""

    unknowns: tuple[Unknown, ...]
    statements: tuple[Statement, ...]
    secrets: tuple[Secret, ...]

    def __post_init__(self) -> None:
        end = len(self.unknowns)
        forms: tuple[Statement | Secret, ...] = (*self.statements, *self.secrets)
        for named in forms:
            if any(not 0 <= place < end for place, _ in named.terms):
                raise ValueError(f"{named.name}: a term points outside the {end} unknowns")
        if len({secret.name for secret in self.secrets}) != len(self.secrets):
            raise ValueError("two secrets have the same name")
        for unknown in self.unknowns:
            if not unknown.lower <= unknown.upper:
                raise ValueError(f"{unknown.name}: from {unknown.lower} to {unknown.upper}")

    def without(self, publications: Collection[str]) -> System:
        """The system of a reader who was not shown these."""
        gone = frozenset(publications)
        return replace(self, statements=tuple(one for one in self.statements if one.publication not in gone))

    def about(self, secrets: Collection[str]) -> System:
        """The same knowledge, held against some of the secrets only (by name)."""
        return replace(self, secrets=tuple(secret for secret in self.secrets if secret.name in secrets))


def joined(systems: Collection[System]) -> System:
    """Systems about different numbers side by side; they share no unknown."""
    unknowns: list[Unknown] = []
    statements: list[Statement] = []
    secrets: list[Secret] = []
    for system in systems:
        shift = len(unknowns)
        unknowns += system.unknowns
        statements += [replace(one, terms=_moved(one.terms, shift)) for one in system.statements]
        secrets += [replace(one, terms=_moved(one.terms, shift)) for one in system.secrets]
    return System(tuple(unknowns), tuple(statements), tuple(secrets))


def components(system: System) -> tuple[System, ...]:
    """The parts of a system that hold a secret and have no unknown in common, in the order of their first secrets.

    Nothing that is said of one part says anything of another. A campaign falls apart into its units, and most of those
    hold no secret, so the cost of an audit grows with the secrets and not with the campaign.
    """
    if not system.secrets:
        return ()
    size = len(system.unknowns)
    forms: tuple[Statement | Secret, ...] = (*system.statements, *system.secrets)
    places = np.array([place for form in forms for place, _ in form.terms], dtype=np.intp)
    rows = np.repeat(np.arange(len(forms)), [len(form.terms) for form in forms])
    links = coo_array((np.ones(len(places), dtype=np.int8), (rows + size, places)), shape=(size + len(forms),) * 2)
    _, label = connected_components(links, directed=False)
    first_secret = size + len(system.statements)
    order = {int(of): number for number, of in enumerate(dict.fromkeys(label[first_secret:].tolist()))}
    unknowns: list[list[Unknown]] = [[] for _ in order]
    statements: list[list[Statement]] = [[] for _ in order]
    secrets: list[list[Secret]] = [[] for _ in order]
    place_in_part = np.zeros(size, dtype=np.intp)
    for place, unknown in enumerate(system.unknowns):
        part = order.get(int(label[place]))
        if part is not None:
            place_in_part[place] = len(unknowns[part])
            unknowns[part].append(unknown)
    for number, statement in enumerate(system.statements):
        part = order.get(int(label[size + number]))
        if part is not None:
            statements[part].append(replace(statement, terms=_placed(statement.terms, place_in_part)))
    for number, secret in enumerate(system.secrets):
        part = order[int(label[first_secret + number])]
        secrets[part].append(replace(secret, terms=_placed(secret.terms, place_in_part)))
    return tuple(
        System(tuple(unknowns[part]), tuple(statements[part]), tuple(secrets[part])) for part in range(len(order))
    )


def _moved(terms: Terms, shift: int) -> Terms:
    return tuple((place + shift, coefficient) for place, coefficient in terms)


def _placed(terms: Terms, place: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Terms:
    return tuple((int(place[of]), coefficient) for of, coefficient in terms)
