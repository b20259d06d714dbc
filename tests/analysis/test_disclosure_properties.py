"""The whole of a released report, against the answers themselves: no number of a hidden cell is anywhere in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cautions import Code, ScoreStatus
from analysis.disclosure import SMALL_POPULATION
from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE
from analysis.spec import CautionGates, GateSpec, MinValid, Part
from tests.factories.frames import AUDIENCE, Row, answers, frame, indicator, item, questionnaire
from tests.factories.released import numbers_in, released

TWO = questionnaire(item("q1", "a"), item("q2", "b"), item("load", points=None))
HALVES = indicator(Part(0.5, dimension="a"), Part(0.5, dimension="b"), distributions=("load",))
PERSON = st.tuples(
    st.integers(0, 2),
    st.tuples(*[st.sampled_from([1, 2, 3, 4, 5, BLANK, DONT_KNOW, NOT_APPLICABLE])] * 3),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PERSON, max_size=45), st.sampled_from([8, 19, 60]))
def test_release__any_evaluation__holds_no_number_of_a_hidden_cell(crowd, size):
    rows = [Row(codes, unit=place, eligible=eligible) for place, codes, eligible in crowd]
    sizes = {(f"u{number}", None): size for number in (1, 2, 3)}
    gates = GateSpec(caution=CautionGates(min_valid={AUDIENCE: MinValid(responses=20)}, moe_above=2.0))
    report = released(frame(answers(TWO, rows), units=3, sizes=sizes), HALVES, gates=gates)
    for place, score in enumerate(report.scores):
        here = [row for row in rows if row.unit == place and row.eligible]
        answered = [[row for row in here if row.codes[column] > 0] for column in range(3)]
        valid = [row for row in here if row.codes[0] > 0 or row.codes[1] > 0]
        if len(valid) < 5:
            assert score.status is ScoreStatus.SUPPRESSED
            assert list(numbers_in(score)) == []
            continue
        for part, of_part in zip(score.parts, answered[:2], strict=False):
            if len(of_part) < 5:
                assert list(numbers_in(part)) == []
                assert score.score is None
                assert score.points is None
            elif len(of_part) < 10 or size < SMALL_POPULATION:
                assert part.score is None or part.score == int(part.score)
                assert score.score is None or score.score == int(score.score)
                assert (part.se, part.se_process, part.df, score.se, score.df) == (None,) * 5
        for of_item, given_answers in zip((*score.items, *score.distributions), answered, strict=False):
            if len(given_answers) < 5:
                assert list(numbers_in(of_item)) == []
            if len(given_answers) < 10:
                assert of_item.counts is None
                assert of_item.share_dont_know is None
        if size < SMALL_POPULATION:
            exact = [where for where, number in numbers_in(score) if number == len(valid) and "band" not in where]
            assert all(where.endswith((".score", ".lo", ".hi", ".mean", ".points", ".population")) for where in exact)
        for reason in (*score.reasons, *score.cautions):
            counted = reason.code in (Code.FEW_RESPONSES, Code.PART_WITHOUT_ANSWERS, Code.NO_VARIATION)
            assert not counted or reason.number is None or reason.number >= 5
