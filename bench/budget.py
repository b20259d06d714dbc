"""`python -m bench budget`: how often careful people are left out, on questionnaires of 630 shapes.

Prints the tables of `analysis.quality.budget_counted`, row by row: 60 draws of 1,000 people for each shape, seeds 1 to
60, times on the grid of ratio 1.25; from 10 items on every other draw has five or six subscales, whose halves can be
compared, else one. Five minutes; to be run again where a cut or the simulation changes.
"""

from analysis.quality.budget_shapes import Shape, grid
from analysis.simulation.audiences import any_shape
from analysis.simulation.false_flags import attentive_families

SEEDS = range(1, 61)
FEWEST_WITH_SUBSCALES = 10


def run() -> None:
    """All tables, the number of choices above each."""
    choices = 0
    for shape in grid():
        if shape.choices != choices:
            choices = shape.choices
            print(f"{choices} choices")
        print(f"    {shape.key}: {counted(shape)},", flush=True)


def counted(shape: Shape) -> tuple[int, ...]:
    """Attentive responses by mask of flagged families, as far as any occurred."""
    several = min(shape.items // 2, 6) if shape.items >= FEWEST_WITH_SUBSCALES else 1
    counts = [
        attentive_families(any_shape(shape, subscales=subscales), seeds)
        for subscales, seeds in ((1, SEEDS[::2]), (several, SEEDS[1::2]))
    ]
    both = (counts[0] + counts[1]).tolist()
    return tuple(both[: max(mask for mask, count in enumerate(both) if count) + 1])
