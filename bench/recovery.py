"""`make soak`: what the pipeline recovers of evaluations with a planted truth, over many fresh draws.

12 units, three audiences, 8 % careless (`analysis.simulation.audiences`), scored by `analysis.report.build` with the
two-family rule and post-stratification; 200 draws (`SOAK_DRAWS`; of 70 the worst unit is mostly chance). Each bar that
is missed ends the run with an error: specificity .99; sensitivity .65 and second-half .50 for recipients and staff;
coverage of the 95 % interval .90 in every audience and .80 for the worst unit; all true places in their rank sets in
.95 of the draws.
"""

import os
from collections import Counter
from dataclasses import dataclass

import numpy as np

from analysis import report
from analysis.assessing import assess
from analysis.comparison.ranks import rank_sets
from analysis.frame import Frame, UnitSpec
from analysis.simulation.audiences import Audience, departments, recipients, staff
from analysis.simulation.people import CARELESS, Kind, People, draw_people
from analysis.spec import IndicatorSpec, Part, PlanSpec
from analysis.universes import kept

DRAWS = int(os.environ.get("SOAK_DRAWS", "200"))
FIRST_SEED = 7000


@dataclass(frozen=True)
class Draw:
    """One evaluation. counts, left_out: respondents of each kind, and how many of them the rule excluded.

    covered, total: (J,) whether sampling and total intervals hold the truth; places: whether all rank sets do.
    """

    counts: np.ndarray
    left_out: np.ndarray
    covered: np.ndarray
    total: np.ndarray
    error: np.ndarray
    places: bool


def run() -> None:
    """All audiences, with the instructed item and without; ends with an error where a bar is missed."""
    missed = []
    for name, audience, attention in (
        ("recipients", recipients(), True),
        ("staff", staff(), True),
        ("departments", departments(), False),
        ("recipients without instructed item", recipients(attention=False), False),
        ("staff without instructed item", staff(attention=False), False),
    ):
        draws = [_draw(audience, FIRST_SEED + number) for number in range(DRAWS)]
        figures = _figures(draws)
        print(f"  {name}: " + ", ".join(f"{what} {value:.4f}" for what, value in figures.items()))
        bars = {"specificity": 0.99, "coverage": 0.90, "worst unit": 0.80, "all places": 0.95}
        if attention:
            bars |= {"sensitivity": 0.65, "second half": 0.50}
        if attention or name == "departments":
            missed += [
                f"{name}: {what} {figures[what]:.3f} < {bar}" for what, bar in bars.items() if figures[what] < bar
            ]
    if missed:
        raise SystemExit("missed: " + "; ".join(missed))


def _draw(audience: Audience, seed: int) -> Draw:
    people = draw_people(
        audience.questionnaire, audience.population, seed=seed, behaviour=audience.behaviour, time_step=1.25
    )
    plan = _plan(audience)
    frame, _ = assess(_frame(audience, people), plan)
    families = frame.answers[0].families
    if families is None:
        raise SystemExit("the answers were not assessed")
    left_out = ~kept(plan.exclude_when_families)[families]
    scores = report.build(frame, plan, describe=False).scores
    y, lo, hi, total_lo, total_hi, process = (
        np.array([getattr(score, field) for score in scores], dtype=np.float64)
        for field in ("score", "lo", "hi", "total_lo", "total_hi", "se_process")
    )
    truth = people.true_scores()
    ranks = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    sets = rank_sets(y, process, seed=seed)
    return Draw(
        counts=np.bincount(people.kind, minlength=len(Kind)),
        left_out=np.bincount(people.kind, weights=left_out, minlength=len(Kind)),
        covered=(lo <= truth) & (truth <= hi),
        total=(total_lo <= truth) & (truth <= total_hi),
        error=y - truth,
        places=bool(((sets.lower <= ranks) & (ranks <= sets.upper)).all()),
    )


def _plan(audience: Audience) -> PlanSpec:
    """Dimensions weighted by their items, so that the truth is the mean of all items."""
    sizes = Counter(item.dimension for item in audience.questionnaire.items if item.scored)
    parts = tuple(Part(size / sizes.total(), dimension=dimension) for dimension, size in sizes.items())
    indicator = IndicatorSpec("score", audience.questionnaire.audience, parts, strata="poststratify")
    return PlanSpec("soak", "1", "", (indicator,), exclude_when_families=2)


def _frame(audience: Audience, people: People) -> Frame:
    name, sizes = audience.questionnaire.audience, audience.population.sizes
    units = tuple(UnitSpec(f"u{number}", f"u{number}", "", (name,)) for number in range(len(sizes)))
    strata = tuple(f"s{number}" for number in range(sizes.shape[1]))
    population = {
        (unit.code, name, stratum): int(sizes[u, h]) for u, unit in enumerate(units) for h, stratum in enumerate(strata)
    }
    return Frame(units, (people.answers,), strata, (), population)


def _figures(draws: list[Draw]) -> dict[str, float]:
    counts, left_out = (np.sum([getattr(draw, name) for draw in draws], axis=0) for name in ("counts", "left_out"))
    shares = left_out / np.maximum(counts, 1)
    careless = [int(kind) for kind in CARELESS]
    covered, total = (np.mean([getattr(draw, name) for draw in draws], axis=0) for name in ("covered", "total"))
    return {
        "specificity": 1 - float(shares[Kind.ATTENTIVE]),
        "sensitivity": float(left_out[careless].sum() / counts[careless].sum()),
        "second half": float(shares[Kind.SECOND_HALF]),
        "coverage": float(covered.mean()),
        "worst unit": float(covered.min()),
        "coverage of total intervals": float(total.mean()),
        "bias": float(np.mean([draw.error for draw in draws])),
        "all places": float(np.mean([draw.places for draw in draws])),
    }
