"""Clock times of an imported file: a verdict and nothing else."""

import random

from survey_app.scores.operations.import_times import verdict_on_times, worth


def test_pauses_drawn_between_two_limits__are_to_be_looked_into() -> None:
    draw, at = random.Random(7), 0.0
    times: list[float | None] = []
    for _answer in range(120):
        at += draw.uniform(60, 90)
        times.append(at)
    assert verdict_on_times(times, [None] * 120, [1] * 120) == "yes"


def test_people_who_come_by_themselves__are_not() -> None:
    draw, at = random.Random(7), 0.0
    times: list[float | None] = []
    for _answer in range(120):
        at += draw.expovariate(1 / 400)
        times.append(at)
    assert verdict_on_times(times, [draw.lognormvariate(5, 0.5) for _ in range(120)], [1] * 120) == "no"


def test_file_without_times__cannot_be_judged() -> None:
    assert verdict_on_times([None] * 40, [None] * 40, [1] * 40) == "unknown"


def test_worth__is_what_was_measured_for_the_signs_of_times() -> None:
    found = worth()
    assert (found.false_rate, found.gathered) == (0.0, 1.0)
    # Thirty answers: half by a script with drawn pauses are not seen; a fifth only among three hundred.
    assert found.half == (0.0, 1.0, 1.0)
    assert found.fifth == (0.0, 0.0, 0.94)
