"""How many answers stand behind an indicator, unit by unit: returned, valid, screened out, by part, by department.

Knows counts only. Must stay true: returned = valid + excluded + ineligible + unscored in every unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.frame import NO_DEPARTMENT, CodedAnswers
from analysis.scores import Persons, cells_of, department_cells, sitting_cells
from analysis.spec import RELATED_DEPARTMENT, IndicatorSpec

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of one indicator, (J,) by unit, (D, J) by part and unit.

    excluded: left out for their quality, whatever they answered; unscored: of the others, too little for any part.
    cells, part_cells: what `min_cell` is held against; cells_by_stratum: (J, H), the same by stratum. departments,
    part_departments: None where departments do not matter. unknown_departments: valid responses without one.
    valid_by_source: (S, J) for each questionnaire.
    audience_returned, audience_ineligible: over all questionnaires of the audience, for response rates.
    """

    returned: Counts
    ineligible: Counts
    valid: Counts
    excluded: Counts
    unscored: Counts
    cells: Counts
    cells_by_stratum: Counts
    departments: Counts | None
    unknown_departments: Counts
    part_valid: Counts
    part_cells: Counts
    part_departments: Counts | None
    valid_by_source: Counts
    audience_returned: Counts
    audience_ineligible: Counts


def tally(
    indicator: IndicatorSpec,
    persons: Persons,
    of_indicator: Sequence[CodedAnswers],
    of_audience: Sequence[CodedAnswers],
    by_stratum: Counts,
) -> Tally:
    """Count. `persons` holds the eligible rows of `of_indicator`, in that order. by_stratum: (J, H) valid responses."""
    n_units = len(by_stratum)
    returned, ineligible = _returned(of_indicator, n_units)
    audience_returned, audience_ineligible = _returned(of_audience, n_units)
    valid = _by_unit(persons, persons.valid, n_units)
    excluded = _by_unit(persons, persons.excluded, n_units)
    answered = list(persons.answered.T)
    part_valid = np.array([_by_unit(persons, rows, n_units) for rows in answered])
    departments = part_departments = None
    if indicator.audience == RELATED_DEPARTMENT or indicator.by_department:
        raters = department_cells(persons.unit, persons.department, n_units)
        departments = raters.count(persons.valid)
        part_departments = np.array([raters.count(rows) for rows in answered])
    cells_by_stratum = by_stratum
    if indicator.audience == RELATED_DEPARTMENT and departments is not None and part_departments is not None:
        cells, part_cells = departments, part_departments
        cells_by_stratum = _by_stratum(indicator.audience, persons, by_stratum.shape)
    else:
        sittings = sitting_cells(persons.unit, persons.sitting, n_units)
        cells, part_cells = valid, part_valid
        if sittings.pair is not None:
            cells = sittings.count(persons.valid)
            part_cells = np.array([sittings.count(rows) for rows in answered])
            cells_by_stratum = _by_stratum(indicator.audience, persons, by_stratum.shape)
    ends = np.cumsum([int(answers.eligible.sum()) for answers in of_indicator])
    sources = np.split(persons.valid, ends[:-1]) if len(ends) else []
    units = np.split(persons.unit, ends[:-1]) if len(ends) else []
    return Tally(
        returned=returned,
        ineligible=ineligible,
        valid=valid,
        excluded=excluded,
        unscored=returned - ineligible - valid - excluded,
        cells=cells,
        cells_by_stratum=cells_by_stratum,
        departments=departments,
        unknown_departments=_by_unit(persons, persons.valid & (persons.department == NO_DEPARTMENT), n_units),
        part_valid=part_valid,
        part_cells=part_cells,
        part_departments=part_departments,
        valid_by_source=np.array(
            [np.bincount(unit[rows], minlength=n_units) for unit, rows in zip(units, sources, strict=True)]
        ),
        audience_returned=audience_returned,
        audience_ineligible=audience_ineligible,
    )


def _by_stratum(audience: str, persons: Persons, shape: tuple[int, int]) -> Counts:
    """(J, H) sittings, or departments, each stratum of a unit looked at as if it were a unit."""
    place = (persons.unit * np.int64(shape[1]) + persons.stratum).astype(np.int32)
    return cells_of(audience, replace(persons, unit=place), shape[0] * shape[1]).count(persons.valid).reshape(shape)


def _by_unit(persons: Persons, rows: NDArray[np.bool_], n_units: int) -> Counts:
    return np.bincount(persons.unit[rows], minlength=n_units)


def _returned(answers: Sequence[CodedAnswers], n_units: int) -> tuple[Counts, Counts]:
    """(J,) responses, and those of people who were screened out."""
    returned, ineligible = np.zeros(n_units, dtype=np.int64), np.zeros(n_units, dtype=np.int64)
    for of_one in answers:
        returned += np.bincount(of_one.unit, minlength=n_units)
        ineligible += np.bincount(of_one.unit[~of_one.eligible], minlength=n_units)
    return returned, ineligible
