"""One million responses of twenty items: loading them, and scoring them.

Loading is compared with `pandas.read_sql` of the answers plus `orjson.loads` of each; scoring (`analysis.report.build`
on the loaded coded matrix: 12 units, 3 strata, one indicator with its reliability) with `DataFrame.cov` of the same
matrix; sums of products (`analysis.moments`) with the same product in blocks of float32 that forget exactness; alpha
with its intervals, the one of its influence function too, and all item statistics with `DataFrame.cov`.
`BENCH_ROWS` (1000000), `BENCH_ROUNDS` (5).
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from analysis import report
from analysis.frame import Frame, UnitSpec
from analysis.moments import BLOCK_ROWS, moments
from analysis.reliability.alpha import (
    alpha_if_deleted,
    cronbach_alpha,
    influence_of_sums,
    item_rest_correlations,
    standardized_alpha,
)
from analysis.reliability.covariances import correlations
from analysis.reliability.guttman import guttman_lambdas
from analysis.reliability.influence import influence_sums
from analysis.reliability.intervals import bonett_interval, feldt_interval
from analysis.spec import IndicatorSpec, Part, PlanSpec
from bench.campaign import ITEMS, SCALE, make_campaign, questionnaire
from bench.ratios import ratio, turns
from survey_app.campaigns.models import Campaign, CampaignQuestionnaire, Unit
from survey_app.config import Config
from survey_app.db import Database
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.responses.models import Response
from survey_app.scores.operations.bridge import questionnaire_spec
from survey_app.scores.operations.coding import AnswerCoder
from survey_app.scores.operations.loading import Loaded, Wanted, load

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_STRATA = ("窗口", "网上", "上门")
_UNITS = 12
_SIZE = 1_000_000
_BLOCK = 50_000
_POINTS = {"sa": 100, "a": 75, "n": 50, "d": 25, "sd": 0}


@dataclass(frozen=True)
class Filled:
    """A database with a million answers, and what reading them needs."""

    database: Database
    campaign_id: int
    units: dict[int, str]
    coder: AnswerCoder
    content_hash: str

    def load(self) -> Loaded:
        """The answers as the scores capability loads them, without the digest (the baseline makes none)."""
        wanted = Wanted(
            self.campaign_id,
            frozenset({"service_recipient"}),
            {row: (place, code) for place, (row, code) in enumerate(self.units.items())},
            {},
            {self.content_hash: self.coder},
        )
        with self.database.reading() as session:
            return load(session, wanted, _STRATA, None)

    def frame(self, loaded: Loaded) -> Frame:
        """The loaded answers with units, strata and sizes."""
        units = tuple(UnitSpec(code, code, "类", ("service_recipient",)) for code in self.units.values())
        sizes = {(unit.code, "service_recipient", stratum): _SIZE for unit in units for stratum in _STRATA}
        return Frame(units, loaded.answers, loaded.strata, (), sizes)

    def plain_load(self) -> list[object]:
        """What somebody would write first."""
        with self.database.engine.connect() as connection:
            table = pd.read_sql("SELECT answers FROM response", connection)
        return [orjson.loads(answers) for answers in table["answers"]]


def run() -> None:
    """Fill a SQLite file, then take turns; memory is measured in a process that does nothing else."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        filled = _open(folder, fill=True)
        loaded = filled.load()
        frame, plan = filled.frame(loaded), _plan()
        codes = np.ascontiguousarray(loaded.answers[0].codes)
        answers = pd.DataFrame(codes.astype(np.float64))
        taken = turns(
            {
                "load": filled.load,
                "plain": filled.plain_load,
                "build": lambda: report.build(frame, plan),
                "cov": answers.cov,
                "moments": lambda: moments(codes),
                "product": lambda: _product(codes),
                "alpha": lambda: _alpha(codes),
            },
            ROUNDS,
        )
        filled.database.engine.dispose()
        alone = subprocess.run(
            [sys.executable, "-m", "bench.analysis", folder], check=True, capture_output=True, text=True
        ).stdout
    print(f"{ROWS} responses × {ITEMS} items, {ROUNDS} rounds")
    print(f"  load / (read_sql + orjson): {ratio(taken['load'], taken['plain'])}")
    print(f"  report.build / DataFrame.cov: {ratio(taken['build'], taken['cov'])}")
    print(f"  moments / product of float32 blocks: {ratio(taken['moments'], taken['product'])}")
    print(f"  alpha, intervals, item statistics / DataFrame.cov: {ratio(taken['alpha'], taken['cov'])}")
    print(f"  peak memory of loading and scoring in a process of their own: {alone.strip()}")


def _product(codes: NDArray[np.int8]) -> NDArray[np.float64]:
    """X'X as one would write it for speed alone."""
    total = np.zeros((codes.shape[1],) * 2)
    for start in range(0, len(codes), BLOCK_ROWS):
        block = codes[start : start + BLOCK_ROWS].astype(np.float32)
        total += block.T @ block
    return total


def _alpha(codes: NDArray[np.int8]) -> tuple[object, ...]:
    """Everything that covariances and the influence function say of a scale, from its codes."""
    sums = influence_sums(codes)
    cov, n, k = sums.covariance(), len(codes), codes.shape[1]
    alpha = cronbach_alpha(cov, n)
    return (
        influence_of_sums(sums),
        feldt_interval(alpha, n, k),
        bonett_interval(alpha, n, k),
        standardized_alpha(cov, n),
        item_rest_correlations(cov, n),
        alpha_if_deleted(cov, n),
        guttman_lambdas(correlations(cov), n),
    )


def _open(folder: str, *, fill: bool) -> Filled:
    environment = {"PINGYI_HOME": folder}
    if fill:
        doors = make_campaign(environment, codes=0)
    database = Database(Config.from_environment(environment).database_url)
    asked = questionnaire()
    with database.writing() as session:
        campaign = session.scalars(select(Campaign)).one()
        content_hash = session.scalars(select(CampaignQuestionnaire.hash)).one()
        if content_hash is None:
            raise SystemExit("the campaign is not open")
        if fill:
            _add_units(session, campaign.id)
        units = {unit.id: unit.code for unit in session.scalars(select(Unit).order_by(Unit.position))}
        if fill:
            rng = np.random.default_rng(20260101)
            for start in range(0, ROWS, _BLOCK):
                count = min(_BLOCK, ROWS - start)
                session.connection().execute(insert(Response), _rows(rng, count, doors.t1, list(units), content_hash))
        session.commit()
    spec = questionnaire_spec(asked, content_hash, _plan_document())
    return Filled(database, campaign.id, units, AnswerCoder(asked, spec), content_hash)


def _add_units(session: Session, campaign: int) -> None:
    for place in range(1, _UNITS):
        code = f"u{place + 1:02}"
        session.add(
            Unit(
                campaign_id=campaign, position=place, code=code, name=code, category="类", audiences="service_recipient"
            )
        )
    session.flush()


def _rows(
    rng: np.random.Generator, count: int, collector: int, units: list[int], content_hash: str
) -> list[dict[str, object]]:
    liking = rng.normal(1.4, 0.8, (count, 1))
    chosen = np.clip(np.rint(liking + rng.normal(0, 0.8, (count, ITEMS))), 0, 4).astype(int)
    blank = rng.random((count, ITEMS)) < 0.02
    rows = []
    for codes, missing, unit, stratum in zip(
        chosen, blank, rng.integers(0, len(units), count), rng.integers(0, len(_STRATA), count), strict=True
    ):
        answers = {f"q{at + 1:02}": SCALE[code] for at, code in enumerate(codes) if not missing[at]}
        rows.append(
            {
                "id": rng.bytes(16),
                "collector_id": collector,
                "unit_id": units[unit],
                "department_id": None,
                "stratum": _STRATA[stratum],
                "mode": "web",
                "language": "zh",
                "pilot": False,
                "questionnaire_hash": content_hash,
                "answers": orjson.dumps(answers).decode(),
                "period": None,
                "duration": 12,
                "order_number": 0,
                "flip": False,
                "sitting": rng.bytes(16),
            }
        )
    return rows


def _plan_document() -> ScoringPlan:
    return ScoringPlan.model_validate_json(
        orjson.dumps(
            {
                "format": 1,
                "id": "bench",
                "version": "1",
                "points": {"agree5": _POINTS},
                "indicators": [
                    {
                        "code": "public_satisfaction",
                        "title": {"zh": "群众满意度", "en": "Public satisfaction"},
                        "audience": "service_recipient",
                        "role": "suggested",
                        "full_marks": 9,
                        "parts": [{"dimension": "all", "weight": 1}],
                        "strata": "poststratify",
                    }
                ],
            }
        )
    )


def _plan() -> PlanSpec:
    indicator = IndicatorSpec(
        code="public_satisfaction",
        audience="service_recipient",
        parts=(Part(1.0, dimension="all"),),
        full_marks=9,
        strata="poststratify",
    )
    return PlanSpec("bench", "1", "0" * 64, (indicator,))


def _peak() -> float:
    """GiB. Of this process alone: what `getrusage` reports begins with the peak of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024**2


if __name__ == "__main__":
    opened = _open(sys.argv[1], fill=False)
    report.build(opened.frame(opened.load()), _plan())
    print(f"{_peak():.2f} GiB")
