"""Whatever people answer: what is published of a score's sampling keeps its own rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.assessing import assess
from analysis.disclosure import SMALL_POPULATION
from analysis.estimate import Status
from analysis.publishing import publish
from analysis.report import build
from analysis.sampling.precision import answers_more_of_design
from tests.analysis.test_any_campaign import some_campaign


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_campaign__published_sampling__follows_from_published_numbers_or_from_solid_strata(seed: int) -> None:
    frame, plan = some_campaign(np.random.default_rng(seed))
    assessed, quality = assess(frame, plan)
    truth = build(assessed, plan, quality)
    for before, shown in zip(truth.scores, publish(assessed, plan, truth).report.scores, strict=True):
        whole, found = before.sampling, shown.sampling
        if whole is None or found is None:
            continue
        assert (found.fewest_in_stratum, found.smallest_stratum) == (None, None)
        if shown.se is None:
            assert (found.answers_more, found.design_effect, found.r_indicator) == (None, None, None)
        if found.coverage is not None:
            n = shown.n_departments if found.of_departments else shown.n_valid
            assert found.coverage == n / shown.population
        if found.answers_more is not None and found.answers_more_status is Status.OK:
            n = shown.n_departments if found.of_departments else shown.n_valid
            how = {"se": shown.se, "se_process": shown.se_process, "df": shown.df, "population": shown.population}
            assert found.answers_more == answers_more_of_design(n, found.target, **how).value
            assert shown.population is None or n + found.answers_more <= shown.population
        if found.r_indicator is not None or (found.weighted and found.design_effect is not None):
            assert (whole.fewest_in_stratum or 0) >= 2 * plan.disclosure.min_cell
            assert (whole.smallest_stratum or 0) >= SMALL_POPULATION
        if found.design_effect is not None and not found.weighted and not found.of_departments:
            assert found.design_effect == pytest.approx(1)
