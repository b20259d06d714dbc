"""Cells become the codes that the answers of a phone page would become: through the same validator and coder."""

import json
from functools import cache
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.cli.statistics.faults import Faults
from survey_app.cli.statistics.item_columns import ItemColumns
from survey_app.config import data_folder
from survey_app.questionnaire.answer_readers import other_key
from survey_app.questionnaire.answers import read_row
from survey_app.questionnaire.items import MultipleItem, NumberItem, RankingItem
from survey_app.questionnaire.loading import parse
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.scores.operations.bridge import questionnaire_spec
from survey_app.scores.operations.coding import AnswerCoder

FOLDER = data_folder("questionnaires")
BUILT_IN = ("staff", "service_recipient", "related_department")


@cache
def built_in(name: str) -> Questionnaire:
    document = parse((FOLDER / f"{name}.json").read_bytes(), "questionnaire").document
    assert document is not None
    return document


@cache
def default_plan() -> ScoringPlan:
    document = parse((FOLDER / "plans" / "default.json").read_bytes(), "plan").document
    assert document is not None
    return document


def cells_of(item: Any, questionnaire: Questionnaire) -> list[str]:
    """What may stand in a cell of an item."""
    codes = [choice.code for choice in item.choices_in(questionnaire)]
    missing = [one.code for one in item.missing_in(questionnaire)]
    if isinstance(item, NumberItem):
        return ["", "0", "1", "7", *missing]
    if isinstance(item, MultipleItem | RankingItem):
        return ["", *codes, ";".join(codes[:2]), "；".join(codes[1:3]), f" {codes[0]} ", *missing]
    return ["", "NA", *codes, *missing] if codes else ["", "有话要说"]


def as_categories(rows: list[dict[str, str]], name: str) -> pd.Categorical:
    return pd.Categorical([None if row.get(name, "").strip() in {"", "NA"} else row[name].strip() for row in rows])


def compare(questionnaire: Questionnaire, rows: list[dict[str, str]]) -> None:
    """Rows that the validator takes are coded as AnswerCoder codes what it returned; the others are faults."""
    spec = questionnaire_spec(questionnaire, "hash", default_plan())
    readings = [
        read_row(questionnaire, {name: "" if cell == "NA" else cell for name, cell in row.items()}) for row in rows
    ]
    refused = [at for at, one in enumerate(readings) if any(error.code != "required" for error in one.errors)]
    columns = ItemColumns(questionnaire, spec, list(rows[0]))
    cells = {name: as_categories(rows, name) for name in columns.names}
    faults = Faults()
    codes, eligible = columns.code(cells, np.arange(1, len(rows) + 1), faults)
    kept = [at for at in range(len(rows)) if at not in refused]
    expected = AnswerCoder(questionnaire, spec).codes([orjson.dumps(readings[at].answers).decode() for at in kept])
    assert eligible[kept].tolist() == expected.eligible.tolist()
    # Who was screened out is not scored, so only the others' codes matter.
    here = expected.eligible
    assert np.array_equal(codes[kept][here], expected.codes[here])
    if refused:
        assert faults.count


@pytest.mark.parametrize("name", BUILT_IN)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_built_in_questionnaires__any_answers__get_the_codes_of_stored_ones(name: str, data: st.DataObject) -> None:
    questionnaire = built_in(name)
    columns = {item.id: st.sampled_from(cells_of(item, questionnaire)) for item in questionnaire.answered_items()}
    others = {
        other_key(item.id): st.sampled_from(["", "别的"])
        for item in questionnaire.answered_items()
        if any(choice.other for choice in item.choices_in(questionnaire))
    }
    rows = data.draw(st.lists(st.fixed_dictionaries(columns | others), min_size=1, max_size=6))
    compare(questionnaire, rows)


def test_cells__that_only_differ_in_blanks__are_the_same_answer() -> None:
    questionnaire = built_in("staff")
    item = next(item for item in questionnaire.answered_items() if item.choices_in(questionnaire))
    code = item.choices_in(questionnaire)[0].code
    compare(questionnaire, [{item.id: code}, {item.id: f" {code}"}])


def test_number_that_decides__shows_what_it_should() -> None:
    document = {
        "format": 1,
        "id": "counted",
        "version": "1",
        "audience": "staff",
        "title": "次数",
        "sections": [
            {
                "id": "main",
                "items": [
                    {"id": "times", "type": "number", "max": 9, "text": "几次？"},
                    {
                        "id": "liked",
                        "type": "rating",
                        "text": "打分",
                        "visible_if": {"item": "times", "at_least": 2},
                    },
                ],
            }
        ],
    }
    questionnaire = parse(json.dumps(document).encode(), "questionnaire").document
    assert questionnaire is not None
    rows = [{"times": times, "liked": liked} for times in ("", "1", "2", "9") for liked in ("", "0", "10")]
    compare(questionnaire, rows)
    spec = questionnaire_spec(questionnaire, "hash", default_plan())
    columns = ItemColumns(questionnaire, spec, ["times", "liked"])
    cells = {name: as_categories(rows, name) for name in columns.names}
    codes, _ = columns.code(cells, np.arange(12), Faults())
    assert codes[:, spec.column("liked") or 0].tolist() == [-3] * 6 + [0, 1, 11] * 2
    assert columns.dropped == {"liked": 4}
