"""Every number that R computed is either reproduced within its tolerance or named as waiting for later work.

A golden value is cut into parts (`alpha.total` has nine); each part of each id must appear in COMPUTED or in
`waiting.LATER` and never in both, so that nothing falls out in silence when goldens or functions change.
"""

import numpy as np
import pytest

from tests.analysis.goldens import (
    agreement,
    closed_forms,
    comparison,
    core,
    polychoric,
    quality,
    reliability,
    sampling,
    validity,
)
from tests.analysis.goldens.data import FILES, Computed, expected, golden, parts
from tests.analysis.waiting import LATER

COMPUTED: list[Computed] = [
    found.COMPUTED
    for found in (core, reliability, validity, polychoric, agreement, sampling, comparison, quality, closed_forms)
]


def every_id() -> list[tuple[str, str]]:
    return [(file, id_) for file in FILES for id_ in expected(file)]


def computed_ids() -> list[tuple[int, str, str]]:
    return [(at, file, id_) for at, found in enumerate(COMPUTED) for file, ids in found.items() for id_ in ids]


@pytest.mark.parametrize(("file", "id_"), every_id())
def test_golden_value__each_part__is_computed_once_or_named_as_waiting(file: str, id_: str) -> None:
    value = parts(golden(file, id_))
    waiting = LATER[file].get(id_, {})
    waiting = dict.fromkeys(value, waiting) if isinstance(waiting, str) else waiting
    named = [part for found in COMPUTED if id_ in found.get(file, {}) for part in found[file][id_]()]
    assert sorted([*named, *waiting]) == sorted(value)


def test_lists_of_goldens__all_files__name_no_id_that_does_not_exist() -> None:
    listed = {(file, id_) for _, file, id_ in computed_ids()}
    listed |= {(file, id_) for file, ids in LATER.items() for id_ in ids}
    assert listed == set(every_id())


@pytest.mark.parametrize(("at", "file", "id_"), computed_ids())
def test_golden_value__what_r_computed__is_met_within_its_tolerance(at: int, file: str, id_: str) -> None:
    value, tolerance = parts(golden(file, id_)), expected(file)[id_]["abs_tol"]
    for part, ours in COMPUTED[at][file][id_]().items():
        if part in ("stype", "pair"):
            assert ours == value[part]
        else:
            numbers = list(value[part].values()) if isinstance(value[part], dict) else value[part]
            found, wanted = np.asarray(ours, dtype=np.float64), np.asarray(numbers, dtype=np.float64)
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance, err_msg=f"{file} {id_} {part}")
