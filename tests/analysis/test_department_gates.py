"""What withholds a score of related departments names no number of their cards: a unit may be rated by one of them."""

import pytest

from analysis.cautions import Code, Reason, Severity
from analysis.frame import Fieldwork
from analysis.report import build
from tests.factories.frames import Row, answers, frame, indicator, item, plan, questionnaire


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("related_department", Reason(Code.DOOR_OVERUSED, Severity.WITHHOLD)),
        ("staff", Reason(Code.MORE_USED_THAN_HANDED_OUT, Severity.WITHHOLD, 8, 7)),
    ],
)
def test_more_used_than_handed_out__of_departments__names_no_number(audience: str, expected: Reason) -> None:
    asked = questionnaire(item("q1", "a"), audience=audience)
    rows = [Row([1 + number % 5]) for number in range(8)]
    around = {"u1": Fieldwork(handed_out=7, used=8)}
    of_frame = frame(answers(asked, rows), audiences=(audience,), fieldwork=around)
    reasons = build(of_frame, plan(indicator(audience=audience))).scores[0].reasons
    assert [one for one in reasons if one.code in (Code.DOOR_OVERUSED, Code.MORE_USED_THAN_HANDED_OUT)] == [expected]
