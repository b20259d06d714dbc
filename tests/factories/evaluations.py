"""An evaluation that looks like a real one: three units, two strata, a common attitude, slips, what is left out."""

import numpy as np

from analysis.frame import BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN, Frame
from analysis.spec import Part
from tests.factories.frames import UNEVEN, Row, answers, frame, indicator, item, questionnaire

FULL = questionnaire(
    item("q1", "a"),
    item("q2", "a", reverse=True),
    item("q3", "a"),
    item("q4", "b"),
    item("q5", "b"),
    item("overall", scale="sat5", points=UNEVEN),
    item("change", points=None, scale="change5"),
)
WHOLE = indicator(
    Part(0.4, dimension="a"),
    Part(0.4, dimension="b"),
    Part(0.2, item="overall"),
    strata="poststratify",
    distributions=("change",),
)


def people(n: int, seed: int = 1, units: int = 3, strata: int = 2) -> list[Row]:
    """Answers with a common attitude, slips, and all kinds of missing."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        attitude = int(rng.integers(1, 6))
        codes = [int(np.clip(attitude + rng.integers(-1, 2), 1, 5)) for _ in FULL.items]
        codes[1] = 6 - codes[1]
        for place in np.flatnonzero(rng.random(len(codes)) < 0.08):
            codes[place] = int(rng.choice([BLANK, DONT_KNOW, NOT_APPLICABLE, NOT_SHOWN]))
        rows.append(Row(codes, unit=number % units, stratum=int(rng.integers(strata)), eligible=rng.random() > 0.05))
    return rows


def evaluation(rows: list[Row]) -> Frame:
    strata = ("window", "online")
    sizes = {(f"u{unit}", stratum): 500 for unit in (1, 2, 3) for stratum in strata}
    return frame(answers(FULL, rows), units=3, strata=strata, sizes=sizes)
