"""How often attentive people are flagged, by which families together: counted on people whose attention is planted.

Knows the simulation and the quality rules. `analysis.quality.budget` holds what this counted; the same seeds count it
again.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.quality.families import DEFAULT_CUTS, Cuts, Family, flag
from analysis.quality.indices import measure_quality
from analysis.simulation.audiences import Audience
from analysis.simulation.people import draw_people


def attentive_families(
    audience: Audience, seeds: range, *, time_step: float | None = 1.25, cuts: Cuts = DEFAULT_CUTS
) -> NDArray[np.int64]:
    """(32,) attentive responses by the mask of the families that flagged them, over one draw for each seed.

    time_step: ratio of the grid on which times are kept. Copies that somebody sent twice count like others: a second
    sending is no carelessness. Unavailable families have no bit, so an audience should offer all that is to be counted.
    """
    counts = np.zeros(1 << len(Family), dtype=np.int64)
    for seed in seeds:
        people = draw_people(
            audience.questionnaire,
            audience.population,
            seed=seed,
            behaviour=audience.behaviour,
            time_step=time_step,
        )
        families = flag(measure_quality(people.answers), cuts).families
        counts += np.bincount(families[~people.careless], minlength=len(counts))
    return counts
