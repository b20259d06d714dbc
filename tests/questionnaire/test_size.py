"""The largest sitting: reached by the longest answers, never passed (that is a property in test_answers)."""

from survey_app.questionnaire.answers import read
from survey_app.questionnaire.identity import canonical
from survey_app.questionnaire.size import largest_sitting
from tests.questionnaire.documents import MISSING, choices, every_type, item, likert, load, questionnaire


def test_longest_words__in_the_widest_characters__fill_the_bound_exactly() -> None:
    made = load(questionnaire(item("t", "text", max_length=50), likert("x")))
    answers = read(made, {"t": ["😀" * 50], "x": ["a"]}).answers
    assert len(canonical({"s": [answers]})) - len('{"s":}') == largest_sitting(made) - 2
    # Two bytes to spare: the comma after the last member, and the one after the last object.


def test_escaped_characters__are_not_wider_than_the_bound_allows() -> None:
    made = load(questionnaire(item("t", "text", max_length=9)))
    answers = read(made, {"t": ['"\\\n' * 3]}).answers
    assert answers["t"] == '"\\\n"\\\n"\\'
    assert len(canonical(answers)) <= largest_sitting(made)


def test_every_choice_and_the_longest_other__fit() -> None:
    codes = [f"code_{number:027d}" for number in range(30)]
    document = questionnaire(item("m", "multiple", choices=choices(*codes, other=codes[:1]), missing=MISSING))
    answers = read(load(document), {"m": codes, "m__other": ["😀" * 200]}).answers
    assert len(answers) == 2
    assert largest_sitting(load(document)) - 10 < len(canonical(answers)) <= largest_sitting(load(document))


def test_units__in_one_sitting__each_add_the_repeated_section() -> None:
    made = load(every_type())
    one, two, five = (largest_sitting(made, units) for units in (1, 2, 5))
    assert two > one
    assert five - two == 3 * (two - one)
    # Two units with the longest words each: [{},{"t":"…"},{"t":"…"}] and the same spare commas as above.
    repeated = {"id": "s", "items": [item("t", "text", max_length=5)], "repeat": {"over": "units", "max": 2}}
    widest = load(questionnaire(sections=[repeated]))
    sitting = [{}, {"t": "😀" * 5}, {"t": "😀" * 5}]
    assert largest_sitting(widest, 2) == len(canonical({"s": sitting})) - len('{"s":}') + 3
    plain = load(questionnaire(likert("x")))
    assert largest_sitting(plain, 5) == largest_sitting(plain, 1)
