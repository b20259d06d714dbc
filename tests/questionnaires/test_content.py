"""The built-in questionnaires: that they ask what the domain asks for, and that a person can answer them.

Read through the real loader; nothing here knows how the files are written, only what they mean.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from survey_app.questionnaire.answers import read
from survey_app.questionnaire.check import check_questionnaire
from survey_app.questionnaire.findings import Finding
from survey_app.questionnaire.items import LikertItem, MultipleItem, SingleItem, TextItem
from survey_app.questionnaire.loading import parse
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.texts import minutes, text

FOLDER = Path(__file__).resolve().parents[2] / "questionnaires"
NAMES = ("staff", "service_recipient", "service_recipient_inspected", "related_department")
RECIPIENTS = ("service_recipient", "service_recipient_inspected")
LANGUAGES = ("zh", "en")
REPORT_ELSEWHERE = "如需举报，请通过纪检监察或12345渠道，本问卷不受理举报。"

# Every item in order, grouped by dimension; a "-" before an id: reverse-coded.
STAFF = {
    "duty": "st_duty_clear st_duty_match st_duty_core st_duty_ontime -st_duty_gap",
    "operation": "st_op_division st_op_lead st_op_process st_op_info -st_op_shirk",
    "staffing": "st_wl_balance st_wl_match st_wl_skill st_wl_newquota -st_wl_borrow",
    "compliance": "st_rule_proc st_rule_setup st_rule_post st_rule_realname",
    "overall": "st_all_rectify st_all_setup st_all_overall",
}
RECIPIENT = {
    "access": "sr_acc_info sr_acc_once sr_acc_steps",
    "efficiency": "sr_eff_time sr_eff_wait -sr_eff_shirk",
    "conduct": "sr_con_manner sr_con_skill sr_con_fair",
    "result": "sr_res_solved sr_res_explain sr_res_feedback",
}
DEPARTMENT = {
    "duty": "rd_duty_clear rd_duty_progress rd_duty_doc rd_duty_pro",
    "coordination": "rd_co_reply rd_co_part rd_co_consult -rd_co_shirk",
    "boundary": "rd_bd_clear -rd_bd_overlap rd_bd_settle",
    "burden": "rd_bu_meeting rd_bu_report rd_bu_notice",
}
DIMENSIONS = {
    "staff": STAFF,
    "service_recipient": RECIPIENT,
    "service_recipient_inspected": RECIPIENT | {"access": "sr_ins_basis sr_ins_times sr_ins_docs"},
    "related_department": DEPARTMENT,
}
OTHER_ITEMS = {
    "staff": "st_wl_load st_attention st_open_improve st_open_good st_tenure",
    "service_recipient": "sr_contact sr_overall sr_reason sr_change sr_integrity sr_open",
    "service_recipient_inspected": "sr_contact sr_overall sr_reason sr_change sr_integrity sr_open",
    "related_department": "rd_contact rd_overall rd_reason rd_line rd_open",
}


@cache
def questionnaire(name: str) -> Questionnaire:
    loaded = parse((FOLDER / f"{name}.json").read_bytes(), "questionnaire")
    assert isinstance(loaded.document, Questionnaire), [str(finding) for finding in loaded.findings]
    return loaded.document


def said(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings]


def ids(words: str) -> list[str]:
    return [word.lstrip("-") for word in words.split()]


def filled(q: Questionnaire, **chosen: str) -> dict[str, list[str]]:
    """A form with every item answered: its first choice, or what `chosen` says."""
    form: dict[str, list[str]] = {}
    for item in q.answered_items():
        form[item.id] = ["说明"] if isinstance(item, TextItem) else [item.choices_in(q)[0].code]
    return form | {item: [code] for item, code in chosen.items()}


@pytest.mark.parametrize("name", NAMES)
def test_questionnaire__checked__has_neither_errors_nor_warnings(name: str) -> None:
    assert said(check_questionnaire(questionnaire(name), [questionnaire(other) for other in NAMES])) == []


@pytest.mark.parametrize("name", NAMES)
def test_items__of_each_dimension__are_those_of_the_domain(name: str) -> None:
    q = questionnaire(name)
    assert list(q.dimensions) == list(DIMENSIONS[name])
    for dimension, words in DIMENSIONS[name].items():
        scored = [item for item in q.scored_items() if item.dimension == dimension]
        assert [("-" if item.reverse_coded else "") + item.id for item in scored] == words.split()
    everything = [item for words in (*DIMENSIONS[name].values(), OTHER_ITEMS[name]) for item in ids(words)]
    assert sorted(item.id for item in q.items()) == sorted(everything)


@pytest.mark.parametrize(
    ("name", "in_dimensions", "overall", "texts_to_write"),
    [
        ("staff", 22, None, 2),
        ("service_recipient", 12, "sr_overall", 1),
        ("service_recipient_inspected", 12, "sr_overall", 1),
        ("related_department", 14, "rd_overall", 1),
    ],
)
def test_item_counts__by_kind__are_those_of_the_domain(
    name: str, in_dimensions: int, overall: str | None, texts_to_write: int
) -> None:
    q = questionnaire(name)
    assert sum(item.dimension is not None for item in q.scored_items()) == in_dimensions
    assert [item.id for item in q.scored_items() if item.dimension is None] == ([overall] if overall else [])
    written = [item for item in q.items() if isinstance(item, TextItem)]
    assert len(written) == texts_to_write
    assert all(item.max_length == 200 and not item.required for item in written)


def test_scales__wherever_they_stand__are_the_same_in_every_questionnaire() -> None:
    for scale, codes in (("agree5", ["sa", "a", "n", "d", "sd"]), ("sat5", ["vs", "s", "b", "d", "vd"])):
        scales = [questionnaire(name).response_scales[scale] for name in NAMES]
        assert [choice.code for choice in scales[0].choices] == codes
        assert all(one.choices == scales[0].choices for one in scales)
        assert not any(one.flip_scale for one in scales)


@pytest.mark.parametrize("name", NAMES)
def test_satisfaction_scale__not_symmetric__is_used_for_the_overall_item_only(name: str) -> None:
    on_it = [item.id for item in questionnaire(name).items() if isinstance(item, LikertItem) and item.scale == "sat5"]
    assert on_it == [{"staff": "st_all_overall", "related_department": "rd_overall"}.get(name, "sr_overall")]


@pytest.mark.parametrize("name", NAMES)
def test_missing_codes__of_the_scales__are_typed_and_every_one_is_offered_somewhere(name: str) -> None:
    q = questionnaire(name)
    offered = {code.code for item in q.items() if isinstance(item, LikertItem) for code in item.missing_in(q)}
    defined = {code.code: code.kind for code in q.response_scales["agree5"].missing}
    assert offered == set(defined)
    assert defined["dk"] == "dont_know"
    assert {kind for code, kind in defined.items() if code != "dk"} == {"not_applicable"}
    assert q.response_scales["sat5"].missing == ()


@pytest.mark.parametrize("name", NAMES)
def test_no_item__of_a_voluntary_questionnaire__is_required(name: str) -> None:
    assert [item.id for item in questionnaire(name).answered_items() if item.required] == []


def test_uses__outside_the_scores__are_distribution_fact_or_none() -> None:
    uses = {
        item.id: item.use
        for name in NAMES
        for item in questionnaire(name).answered_items()
        if item.use not in (None, "score")
    }
    assert uses == {
        "st_wl_load": "distribution",
        "st_attention": "none",
        "st_tenure": "fact",
        "sr_contact": "fact",
        "sr_reason": "fact",
        "sr_change": "distribution",
        "sr_integrity": "fact",
        "rd_contact": "fact",
        "rd_reason": "fact",
        "rd_line": "fact",
    }


def test_workload__an_ideal_point_item__has_its_best_answer_in_the_middle() -> None:
    choices = questionnaire("staff").item("st_wl_load").choices_in(questionnaire("staff"))
    assert [choice.code for choice in choices] == ["much_low", "low", "right", "high", "much_high"]


@pytest.mark.parametrize(
    ("name", "item", "rule"),
    [
        ("service_recipient", "sr_integrity", "integrity"),
        ("service_recipient_inspected", "sr_integrity", "integrity"),
        ("related_department", "rd_line", "line_interference"),
    ],
)
def test_sensitive_fact__restricted_by_the_plan__says_where_to_report_instead(name: str, item: str, rule: str) -> None:
    found = questionnaire(name).item(item)
    assert isinstance(found, SingleItem)
    assert found.restricted == rule
    assert rule in json.loads((FOLDER / "plans" / "default.json").read_text(encoding="utf-8"))["restricted"]
    assert found.hint is not None
    assert text(found.hint, "zh") == REPORT_ELSEWHERE
    assert "12345" in text(found.hint, "en")


def test_background__asked_of_staff__is_tenure_alone_and_may_be_declined() -> None:
    q = questionnaire("staff")
    background = [item for item in q.answered_items() if item.use_in() == "fact"]
    assert [item.id for item in background] == ["st_tenure"]
    assert [choice.code for choice in background[0].choices_in(q)] == ["under3", "from3", "from10", "unsaid"]


@pytest.mark.parametrize("name", NAMES)
def test_order__inside_a_questionnaire__goes_from_the_particular_to_the_overall_to_the_sensitive(name: str) -> None:
    order = {item.id: position for position, item in enumerate(questionnaire(name).items())}
    q = questionnaire(name)
    overall = [order[item.id] for item in q.items() if isinstance(item, LikertItem) and item.scale == "sat5"]
    particular = [order[item.id] for item in q.items() if isinstance(item, LikertItem) and item.scale == "agree5"]
    sensitive = [order[item.id] for item in q.answered_items() if item.restricted]
    assert max(particular) < min(overall)
    assert all(max(overall) < place for place in sensitive)


# Follow-ups, screening, repetition, quality


@pytest.mark.parametrize(
    ("name", "overall", "reason"),
    [(name, "sr_overall", "sr_reason") for name in RECIPIENTS] + [("related_department", "rd_overall", "rd_reason")],
)
def test_reasons__after_the_overall_item__are_asked_of_the_dissatisfied_only(
    name: str, overall: str, reason: str
) -> None:
    q = questionnaire(name)
    asked = {}
    for choice in q.response_scales["sat5"].choices:
        reading = read(q, filled(q, **{overall: choice.code}))
        assert reading.errors == []
        asked[choice.code] = reason in reading.answers
    assert asked == {"vs": False, "s": False, "b": False, "d": True, "vd": True}
    item = q.item(reason)
    assert isinstance(item, MultipleItem)
    assert item.max_choices == 3


@pytest.mark.parametrize("name", NAMES)
def test_form__with_every_item_answered__is_read_without_an_error(name: str) -> None:
    q = questionnaire(name)
    reading = read(q, filled(q))
    assert reading.errors == []
    assert reading.screened is None
    shown = {item.id for item in q.answered_items() if item.visible_if is None}
    assert set(reading.answers) == shown


@pytest.mark.parametrize(
    ("name", "item", "ends"),
    [(name, "sr_contact", "sitting") for name in RECIPIENTS] + [("related_department", "rd_contact", "section")],
)
def test_contact__answered_none__screens_out_at_once(name: str, item: str, ends: str) -> None:
    q = questionnaire(name)
    reading = read(q, filled(q, **{item: "none"}))
    assert (reading.screened, reading.errors, set(reading.answers)) == (ends, [], {item})
    assert q.items()[0].id == item


@pytest.mark.parametrize("name", RECIPIENTS)
def test_no_contact__together_with_a_contact__is_refused(name: str) -> None:
    q = questionnaire(name)
    reading = read(q, filled(q) | {"sr_contact": ["handle", "none"]})
    assert [error.item for error in reading.errors] == ["sr_contact"]


def test_department_questionnaire__rating_units__repeats_its_one_section() -> None:
    q = questionnaire("related_department")
    repeated = q.repeated_section()
    assert repeated is not None
    assert repeated.repeat is not None
    assert [section.id for section in q.sections] == [repeated.id]
    assert (repeated.repeat.max, repeated.repeat.order) == (5, "random")
    assert all(questionnaire(name).repeated_section() is None for name in NAMES if name != "related_department")


def test_quality__of_each_questionnaire__names_the_pair_and_instructs_staff_only() -> None:
    pairs = {name: [pair.items for pair in questionnaire(name).quality.consistency_pairs] for name in NAMES}
    assert pairs == {
        "staff": [("st_op_lead", "st_op_shirk")],
        "service_recipient": [("sr_res_solved", "sr_overall")],
        "service_recipient_inspected": [("sr_res_solved", "sr_overall")],
        "related_department": [("rd_co_part", "rd_co_shirk")],
    }
    attention = {
        name: [(one.item, one.expect) for one in questionnaire(name).quality.attention]
        for name in NAMES
        if questionnaire(name).quality.attention
    }
    assert attention == {"staff": [("st_attention", ("a",))]}
    q = questionnaire("staff")
    wanted = next(choice for choice in q.response_scales["agree5"].choices if choice.code == "a")
    for language in LANGUAGES:
        assert text(wanted.label, language) in text(q.item("st_attention").text, language)


@pytest.mark.parametrize(
    ("name", "target"),
    [("staff", 6), ("service_recipient", 3), ("service_recipient_inspected", 3), ("related_department", 4)],
)
def test_reading_time__of_one_sitting_with_one_unit__is_within_the_domains_estimate(name: str, target: int) -> None:
    assert minutes(questionnaire(name)) <= target


def test_inspected_variant__beside_its_base__replaces_the_access_items_and_nothing_else() -> None:
    base, variant = (questionnaire(name) for name in RECIPIENTS)
    assert (variant.variant_of, variant.audience) == (base.id, base.audience)
    of_base, of_variant = ({item.id: item for item in q.items()} for q in (base, variant))
    assert set(of_base) - set(of_variant) == set(ids(RECIPIENT["access"]))
    assert set(of_variant) - set(of_base) == set(ids("sr_ins_basis sr_ins_times sr_ins_docs"))
    for item in set(of_base) & set(of_variant):
        # Not everybody who was inspected came with a matter of their own: there, one item more offers "not applicable".
        same = {"exclude": {"offer_missing"}} if item in {"sr_eff_shirk", "sr_res_solved"} else {}
        assert of_variant[item].model_dump(**same) == of_base[item].model_dump(**same)
