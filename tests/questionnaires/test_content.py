"""The built-in questionnaires, the default plan and the example set-up: that they say what the domain asks for.

Read through the real loader; nothing here knows how the files are written, only what they mean.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from survey_app.questionnaire.answers import read
from survey_app.questionnaire.check import check_plan, check_questionnaire, check_setup, publishing_findings
from survey_app.questionnaire.findings import Finding
from survey_app.questionnaire.items import AnyItem, LikertItem, MultipleItem, SingleItem, TextItem
from survey_app.questionnaire.loading import parse
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import CampaignSetup
from survey_app.questionnaire.texts import PLACEHOLDER, minutes, text
from survey_app.questionnaire.visibility import screened_by, visible

FOLDER = Path(__file__).resolve().parents[2] / "questionnaires"
NAMES = ("staff", "service_recipient", "service_recipient_inspected", "related_department")
RECIPIENTS = ("service_recipient", "service_recipient_inspected")
LANGUAGES = ("zh", "en")
REPORT_ELSEWHERE = "如需举报,请通过纪检监察或12345渠道,本问卷不受理举报。"

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


def raw(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def questionnaire(name: str) -> Questionnaire:
    loaded = parse((FOLDER / f"{name}.json").read_bytes(), "questionnaire")
    assert isinstance(loaded.document, Questionnaire), [str(finding) for finding in loaded.findings]
    return loaded.document


@cache
def plan() -> ScoringPlan:
    loaded = parse((FOLDER / "plans" / "default.json").read_bytes(), "plan")
    assert isinstance(loaded.document, ScoringPlan), [str(finding) for finding in loaded.findings]
    return loaded.document


@cache
def setup() -> CampaignSetup:
    loaded = parse((FOLDER / "setups" / "demo.json").read_bytes(), "setup")
    assert isinstance(loaded.document, CampaignSetup), [str(finding) for finding in loaded.findings]
    return loaded.document


def texts(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every text for readers in a document, with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in {"title", "intro", "thanks", "text", "hint", "label", "description"}:
                yield f"{pointer}/{key}", part
            else:
                yield from texts(part, f"{pointer}/{key}")
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from texts(part, f"{pointer}/{position}")


def said(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings]


def a_closed_answer(item: AnyItem, q: Questionnaire) -> list[str]:
    return [item.choices_in(q)[0].code]
