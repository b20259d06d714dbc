"""Tables of counts: the cells that go with a small one, held against every table that has the same totals."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.suppression.audit import audit
from analysis.suppression.tables import cell_name, count_table, suppressed_cells

CASE = next(
    case
    for case in json.loads((Path(__file__).parents[1] / "golden/edge_cases.json").read_text("utf-8"))
    if case["id"] == "disclosure_2x2"
)


def test_two_by_two__one_small_cell_and_all_totals__loses_its_whole_interior():
    counts = np.array(CASE["counts"])
    cells, found = suppressed_cells(counts, CASE["threshold"])
    assert cells == ((0, 1), (1, 0), (1, 1))
    assert found.exposed == ()
    system = count_table(counts, CASE["threshold"])
    assert audit(system)[0].lo == audit(system)[0].hi == 3
    after = audit(system.without(found.hidden))[0]
    assert (after.lo, after.hi) == (0, 20)


def test_two_by_two__without_totals_over_columns__loses_one_cell():
    # Only the totals of rows and all: the other cell of the row is enough.
    cells, _ = suppressed_cells(np.array(CASE["counts"]), 5, totals=[1])
    assert cells == ((0, 1),)


def test_three_by_three__one_small_cell__loses_the_cheapest_rectangle():
    counts = np.array([[3, 20, 30], [17, 40, 50], [60, 70, 80]])
    cells, _ = suppressed_cells(counts, 5)
    assert cells == ((0, 1), (1, 0), (1, 1))


def test_two_small_cells__that_protect_each_other__need_nothing_else():
    counts = np.array([[2, 3, 40], [4, 1, 50], [30, 20, 60]])
    assert suppressed_cells(counts, 5)[0] == ()


def test_zero__is_shown_and_no_secret():
    assert count_table(np.array([[0, 9], [9, 9]]), 5).secrets == ()


def test_three_dimensions__one_small_cell__is_protected_by_a_cube():
    counts = np.array([[[3, 20], [17, 40]], [[30, 41], [22, 35]]])
    cells, found = suppressed_cells(counts, 5)
    assert len(cells) == 7
    assert found.exposed == ()


def possible(counts: np.ndarray, shown: set[tuple[int, int]]) -> list[np.ndarray]:
    """Every table with the same totals and the same shown cells."""
    hidden = [cell for cell in np.ndindex(counts.shape) if cell not in shown]
    top = int(counts.sum())
    found = []
    for values in product(range(top + 1), repeat=len(hidden)):
        table = counts.copy()
        for cell, value in zip(hidden, values, strict=True):
            table[cell] = value
        if (table.sum(0) == counts.sum(0)).all() and (table.sum(1) == counts.sum(1)).all():
            found.append(table)
    return found


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_intervals__of_hidden_cells__are_those_of_all_tables_with_these_totals(values):
    counts = np.array(values).reshape(2, 2)
    system = count_table(counts, 3)
    costs_hidden = suppressed_cells(counts, 3)[1]
    for gone in ((), costs_hidden.hidden):
        findings = audit(system.without(gone))
        shown = {cell for cell in np.ndindex(counts.shape) if not 0 < counts[cell] < 3 and cell_name(cell) not in gone}
        tables = possible(counts, shown)
        for finding in findings:
            cell = tuple(int(place) for place in finding.secret.split(","))
            seen = [int(table[cell]) for table in tables]
            assert (finding.lo, finding.hi) == pytest.approx((min(seen), max(seen)))
    exposed = {finding.secret for finding in costs_hidden.exposed}
    assert all(finding.safe or finding.secret in exposed for finding in audit(system.without(costs_hidden.hidden)))
