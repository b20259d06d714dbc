"""The three audiences of the project's simulated evaluation: 12 units, 8 % careless, questionnaires of 10 and 12 items.

Knows sizes and rates; beside them the staff before a questionnaire of any shape. Read off
`tests/analysis/golden/synthetic` (statistics.md 4) so that fresh draws have the same means, correlations, times and
response rates; nothing here is an estimate of how real people answer.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.quality.budget_shapes import Shape
from analysis.simulation.people import Behaviour, Population
from analysis.spec import AttentionCheck, ConsistencyPair, ItemSpec, QualitySpec, QuestionnaireSpec


@dataclass(frozen=True, eq=False)
class Audience:
    """One audience: what it is asked, who it is and how it behaves; the arguments of `draw_people`."""

    questionnaire: QuestionnaireSpec
    population: Population
    behaviour: Behaviour


def recipients(*, attention: bool = True) -> Audience:
    """Service recipients: 12 items of 5 choices, 2 reversed; three strata, 160 to 9,000 people a unit."""
    window = (112, 230, 73, 4480, 3139, 1021, 2180, 341, 503, 179, 698, 1487)
    online = (89, 173, 69, 3147, 2222, 748, 1521, 243, 335, 106, 533, 1074)
    home = (30, 77, 18, 1373, 878, 310, 625, 109, 161, 48, 210, 438)
    return Audience(
        _questionnaire("service_recipient", 5, (4, 4, 4), reverse=(3, 8), attention=attention),
        _population((window, online, home), (0.3025, 0.495, 0.165), (-0.01, 0.055, -0.10)),
        Behaviour(mean=0.63, duplicates=0.0075),
    )


def departments() -> Audience:
    """Related departments: 10 items of 10 choices, none reversed, none instructed; 12 to 39 people a unit."""
    city = (14, 8, 8, 7, 15, 9, 18, 6, 16, 6, 5, 13)
    district = (13, 16, 14, 13, 24, 22, 19, 6, 18, 7, 11, 16)
    return Audience(
        _questionnaire("related_department", 10, (4, 3, 3)),
        _population((city, district), (0.81, 0.475), (-0.03, 0.02)),
        Behaviour(
            mean=0.66, unit_sd=0.06, person_sd=0.12, noise_sd=0.17, seconds_per_item=6.5, missing=0.007,
            straight_weights=None,
        ),
    )  # fmt: skip


def staff(*, attention: bool = True) -> Audience:
    """Staff: 12 items of 5 choices, 2 reversed; strata lead, middle, front, 45 to 368 people a unit."""
    lead = (36, 34, 22, 34, 13, 10, 27, 10, 24, 3, 7, 27)
    middle = (108, 97, 59, 113, 39, 24, 112, 48, 55, 23, 8, 97)
    front = (193, 171, 153, 221, 65, 51, 228, 106, 125, 35, 30, 166)
    return Audience(
        _questionnaire("staff", 5, (4, 4, 4), reverse=(5, 10), attention=attention),
        _population((lead, middle, front), (0.89, 0.80, 0.63), (0.095, 0.033, -0.031)),
        Behaviour(mean=0.60, seconds_per_item=4.0),
    )


def any_shape(shape: Shape, *, subscales: int = 1, n: int = 1000) -> Audience:
    """Staff, who lose most careful people of the three, before a questionnaire of another shape; n people answer, all.

    Reversed items lie evenly spread. One instructed item; the first two items and the last two are said to ask the
    same, at opposite ends of the scale. 20 units.
    """
    dimensions = tuple(len(part) for part in np.array_split(np.arange(shape.items), subscales))
    turned = np.linspace(1, shape.items - 1, shape.reversed_items).round().astype(int).tolist()
    asked = _questionnaire("staff", shape.choices, dimensions, reverse=tuple(turned), attention=True)
    scored = [item.id for item in asked.items if item.scored]
    pairs = tuple(ConsistencyPair((first, second), 1.0) for first, second in (scored[:2], scored[-2:]))
    units = ((n // 20,) * 20,)
    return Audience(
        replace(asked, quality=replace(asked.quality, pairs=pairs)),
        _population(units, (1.0,), (0.0,)),
        staff().behaviour,
    )


def _questionnaire(
    audience: str, choices: int, dimensions: tuple[int, ...], *, reverse: tuple[int, ...] = (), attention: bool = False
) -> QuestionnaireSpec:
    """Items q01 ... with linear points; the instructed item comes last and is passed with `yes`."""
    named = [f"d{number}" for number, size in enumerate(dimensions) for _ in range(size)]
    codes = tuple(f"c{code}" for code in range(1, choices + 1))
    points = tuple(100 * step / (choices - 1) for step in range(choices))
    items = [
        ItemSpec(f"q{at + 1:02d}", f"rating{choices}", codes, points, reverse=at in reverse, dimension=dimension)
        for at, dimension in enumerate(named)
    ]
    checks: tuple[AttentionCheck, ...] = ()
    if attention:
        items.append(ItemSpec("attention_ok", "check", ("yes", "no")))
        checks = (AttentionCheck("attention_ok", ("yes",)),)
    return QuestionnaireSpec(audience, f"simulated {audience}", audience, tuple(items), QualitySpec(attention=checks))


def _population(strata: tuple[tuple[int, ...], ...], rates: tuple[float, ...], shifts: tuple[float, ...]) -> Population:
    """strata: the sizes of each, by unit."""
    return Population(sizes=np.array(strata, dtype=np.int64).T, response_rates=np.array(rates), shifts=np.array(shifts))
