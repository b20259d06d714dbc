"""Suspicion over a campaign: planted repeats are seen, small units are not named, honest campaigns are left alone."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.estimate import Status
from analysis.frame import CodedAnswers, Frame, UnitSpec
from analysis.quality.signatures import SignatureKind
from analysis.simulation.forgers import World, honest_campaign
from analysis.spec import DisclosureSpec, QuestionnaireSpec
from analysis.suspecting import suspicions
from tests.factories.frames import AUDIENCE, item

RULES = DisclosureSpec()


def campaign(sizes: tuple[int, ...], seed: int = 4) -> Frame:
    codes, unit = honest_campaign(World.THREE_DIMENSIONS, sizes, seed)
    n = len(codes)
    of = QuestionnaireSpec("recipients", "hash", AUDIENCE, tuple(item(f"q{at}", "a") for at in range(codes.shape[1])))
    units = tuple(UnitSpec(f"u{number}", "name", "bureau", (AUDIENCE,)) for number in range(len(sizes)))
    coded = CodedAnswers(
        of,
        (6 - codes).astype(np.int8),  # choice order runs from good to bad
        unit.astype(np.int32),
        np.zeros(n, np.int32),
        np.full(n, -1, np.int32),
        np.arange(n, dtype=np.int32),
        np.ones(n, dtype=bool),
    )
    return Frame(units, (coded,))


def repeated(of: Frame, unit: int, times: int) -> Frame:
    """The same answers sent so many more times in one unit, in place of others of it."""
    answers = of.answers[0]
    rows = np.flatnonzero(answers.unit == unit)
    codes = answers.codes.copy()
    # Answers that hardly vary are never compared, so a varied one is repeated.
    varied = rows[np.argmax(codes[rows].std(axis=1))]
    codes[np.setdiff1d(rows, [varied])[:times]] = codes[varied]
    return replace(of, answers=(replace(answers, codes=codes),))


def kind(found, which: SignatureKind):
    return next(one for one in found if one.kind == which.value)


def test_honest_campaign__names_no_unit_and_says_how_often_it_would_err():
    found = suspicions(campaign((100,) * 6), RULES)
    assert [one.kind for one in found] == ["identical_answers", "near_identical_answers", "missing_structure"]
    for one in found:
        assert (one.units, one.more) == ((), 0)
        assert one.false_rate is not None
        assert one.false_rate <= 0.02
        assert one.power_low is not None
        assert one.power_low <= one.power_high <= 1


def test_repeated_answers__are_counted_beside_what_chance_makes():
    one = kind(suspicions(repeated(campaign((100,) * 6), 2, 15), RULES), SignatureKind.IDENTICAL_ANSWERS)
    assert [unit.unit for unit in one.units] == ["u2"]
    assert one.pairs >= 16 * 15 / 2
    assert one.expected < 5
    assert one.p < 1e-6
    assert one.units[0].found >= 16 * 15 / 2
    assert one.units[0].expected < one.units[0].found


def test_small_unit__is_counted_but_not_named():
    one = kind(suspicions(repeated(campaign((100,) * 5 + (9,)), 5, 8), RULES), SignatureKind.IDENTICAL_ANSWERS)
    assert one.units == ()
    assert one.more == 1


def test_people_screened_out__are_no_suspicion():
    of = repeated(campaign((100,) * 6), 2, 15)
    answers = of.answers[0]
    eligible = np.ones(len(answers.codes), dtype=bool)
    rows = np.flatnonzero(answers.unit == 2)
    same = (answers.codes[rows][:, None] == answers.codes[rows][None]).all(axis=2).sum(axis=1)
    eligible[rows[same > 10]] = False
    out = replace(of, answers=(replace(answers, eligible=eligible),))
    assert kind(suspicions(out, RULES), SignatureKind.IDENTICAL_ANSWERS).units == ()


@pytest.mark.parametrize("sizes", [(30,), (1,)])
def test_too_little_to_compare__has_a_status_and_no_number_of_chance(sizes: tuple[int, ...]):
    for one in suspicions(campaign(sizes), RULES):
        assert not one.status.defined
        assert isinstance(one.status, Status)
        assert (one.expected, one.p, one.units) == (None, None, ())


def test_same_campaign__twice__says_the_same():
    of = repeated(campaign((60,) * 6), 1, 9)
    assert suspicions(of, RULES) == suspicions(of, RULES)


def test_questionnaire_that_nobody_answered__is_silent():
    of = campaign((30,) * 3)
    nobody = np.zeros(len(of.answers[0].codes), dtype=bool)
    assert suspicions(replace(of, answers=(of.answers[0].only(nobody),)), RULES) == ()
