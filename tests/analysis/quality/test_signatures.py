"""One unit beside the others, by hand; and no number without the status that fits."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.estimate import Status
from analysis.quality.signatures import Signature, SignatureKind, low_beside_others


def test_low_beside_others__by_hand__is_weighted_by_error_and_floor() -> None:
    values, errors = np.array([0.2, 1.0, 1.1, 0.9, 1.3]), np.array([0.1, 0.1, 0.2, 0.1, 0.3])
    found = low_beside_others(values, errors, 0.05)
    weights = 1 / (errors[1:] ** 2 + 0.05**2)
    centre = float(np.average(values[1:], weights=weights))
    between = max(float(((values[1:] - centre) ** 2 - errors[1:] ** 2).mean()), 0.05**2)
    sd = math.sqrt((0.1**2 + between) * 5 / 4)
    assert (found.centre[0], found.sd[0]) == pytest.approx((centre, sd))
    # The others differ less than their errors: only the floor is allowed for, and it is known
    assert between == 0.05**2
    assert found.p[0] == pytest.approx(stats.norm.cdf((0.2 - centre) / sd), rel=1e-4)
    assert stats.norm.cdf((found.threshold(0, 0.001) - centre) / sd) == pytest.approx(0.001, rel=1e-3)


def test_low_beside_others__others_that_differ__make_a_low_value_usual() -> None:
    errors = np.full(6, 0.05)
    alike = low_beside_others(np.array([0.4, 1.0, 1.0, 1.0, 1.0, 1.0]), errors, 0.05)
    unlike = low_beside_others(np.array([0.4, 0.5, 1.5, 0.6, 1.4, 1.0]), errors, 0.05)
    assert alike.p[0] < 1e-6
    assert unlike.p[0] > 0.05
    values = np.array([0.5, 1.5, 0.6, 1.4, 1.0])
    between = float((values - 1.0).var() - 0.05**2)
    df = 4 * ((0.05**2 + between) / (between - 0.05**2)) ** 2
    assert unlike.df[0] == pytest.approx(df)
    assert unlike.p[0] == pytest.approx(stats.t.cdf(-0.6 / math.sqrt((0.05**2 + between) * 6 / 5), df))


def test_low_beside_others__fewer_than_four_others__is_nothing() -> None:
    found = low_beside_others(np.array([0.4, 1.0, np.nan, 1.0, 1.0]), np.full(5, 0.1), 0.05)
    assert np.isnan(found.p).all()


def test_signature__numbers_that_do_not_fit_its_status__are_a_wrong_call() -> None:
    right = {"kind": SignatureKind.BURST, "unit": 0, "n": 5, "unusual": False}
    numbers = {"statistic": 1.0, "expected": 1.0, "threshold": 2.0, "p": 0.5}
    assert Signature(**right, **numbers).status is Status.OK
    for wrong in ({"p": None}, {"status": Status.UNDEFINED_FEW_UNITS}, {"expected": math.inf}):
        with pytest.raises(ValueError, match=r"status|numbers to report"):
            Signature(**right, **(numbers | wrong))
