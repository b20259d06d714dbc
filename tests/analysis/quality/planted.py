"""The simulated evaluation with planted truth, as coded answers; recovery of careless people and of scores."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.frame import NO_DEPARTMENT, CodedAnswers
from analysis.means import linear_scores
from analysis.points import keyed_ranks
from analysis.simulation import audiences
from analysis.simulation.audiences import Audience
from analysis.simulation.people import Kind, People
from analysis.spec import AttentionCheck, ItemSpec, QualitySpec, QuestionnaireSpec

HERE = Path(__file__).parents[1] / "golden" / "synthetic"


def audience_of(name: str, *, attention: bool = True) -> Audience:
    if name == "related_department":
        return audiences.departments()
    return {"service_recipient": audiences.recipients, "staff": audiences.staff}[name](attention=attention)


@cache
def golden_people(audience: str, *, attention: bool = True) -> People:
    """The golden file; attention: whether the passed or failed item is declared as an instructed one."""
    made = json.loads((HERE / "instrument.json").read_text())[audience]
    top, names = made["points"], made["items"]
    attention = attention and bool(made["reverse"])
    rows = pd.read_csv(HERE / "responses.csv").merge(pd.read_csv(HERE / "truth_respondents.csv"), on="response")
    rows = rows[rows["audience"] == audience]
    codes, points = (
        tuple(f"c{step}" for step in range(1, top + 1)),
        tuple(100 * step / (top - 1) for step in range(top)),
    )
    items = [
        ItemSpec(name, "rating", codes, points, reverse=name in made["reverse"], dimension=f"d{dimension}")
        for name, dimension in zip(names, made["dimension"], strict=True)
    ]
    answered = rows[names].fillna(0).to_numpy().astype(np.int8)
    if attention:
        items.append(ItemSpec("attention_ok", "check", ("1", "0")))
        answered = np.column_stack((answered, np.where(rows["attention_ok"] == 1, 1, 2))).astype(np.int8)
    checks = (AttentionCheck("attention_ok", ("1",)),) if attention else ()
    truth = pd.read_csv(HERE / "truth_units.csv").query("audience == @audience").set_index("unit")["true_score"]
    units, n = sorted(rows["unit"].unique()), len(rows)
    scores = np.array([truth[unit] for unit in units])
    return People(
        answers=CodedAnswers(
            questionnaire=QuestionnaireSpec(audience, "h", audience, tuple(items), QualitySpec(attention=checks)),
            codes=answered,
            unit=rows["unit"].map(units.index).to_numpy().astype(np.int32),
            stratum=rows["stratum"].map(made["strata"].index).to_numpy().astype(np.int32),
            department=np.full(n, NO_DEPARTMENT, dtype=np.int32),
            sitting=np.arange(n, dtype=np.int32),
            eligible=np.ones(n, dtype=np.bool_),
            seconds=rows["seconds"].to_numpy().astype(np.float32),
        ),
        kind=rows["kind"].to_numpy().astype(np.int8),
        copy=rows["dup"].to_numpy() == 1,
        true_items=np.where([item.scored for item in items], scores[:, None], np.nan),
    )


def shares(people: People, out: np.ndarray) -> tuple[float, float, float]:
    """(specificity, sensitivity, sensitivity to a careless second half)."""
    half = people.kind == Kind.SECOND_HALF
    return float(1 - out[~people.careless].mean()), float(out[people.careless].mean()), float(out[half].mean())


def intervals(people: People, sizes: np.ndarray, keep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(errors, covered) of the post-stratified scores of the units, of the answers that are kept."""
    asked = people.answers.questionnaire
    columns = [column for column, item in enumerate(asked.items) if item.scored]
    ranks = keyed_ranks(people.answers.codes, asked.items, columns)
    answered = (ranks > 0).sum(axis=1)
    total = np.where(ranks > 0, ranks - 1.0, 0.0).sum(axis=1) / (len(asked.items[columns[0]].codes) - 1)
    usable = keep & (2 * answered >= len(columns))
    y = np.where(usable, 100 * total / np.maximum(answered, 1), np.nan)[:, None]
    found = linear_scores(
        y, np.ones(1), people.answers.unit, len(sizes), stratum=people.answers.stratum, sizes=sizes.astype(np.float64)
    )
    truth = people.true_scores()
    errors = np.array([unit.score.value for unit in found], dtype=np.float64) - truth
    covered = [
        unit.score.lo is not None and unit.score.hi is not None and unit.score.lo <= true <= unit.score.hi
        for unit, true in zip(found, truth, strict=True)
    ]
    return errors, np.array(covered)
