"""Released reports of the same campaign, one after another, as the plain values of `analysis.suppression.history`.

Knows which numbers of a report are means in which everybody counts the same. Must stay true: an earlier report cannot
be taken back; only what the last one says can be hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.points import keyed_points
from analysis.results import ItemStatistics, Report, UnitScore
from analysis.spec import IndicatorSpec, PlanSpec, QuestionnaireSpec
from analysis.suppression.answers import item_publication, score_publication
from analysis.suppression.history import ALL, Combination, ReleasedMean
from analysis.suppression.intervals import rounded, shown_interval


@dataclass(frozen=True)
class History:
    """Everything that a series of reports showed, as means of nested sets and weighted sums of them."""

    means: tuple[ReleasedMean, ...]
    combinations: tuple[Combination, ...]


def history_of(
    released: Sequence[Report],
    truth: Sequence[Report],
    plan: PlanSpec,
    questionnaires: Mapping[str, QuestionnaireSpec],
) -> History:
    """The plain values of released reports, the earliest first.

    truth: the same reports before release, for the counts. questionnaires: by id, for the points of choices. ValueError
    where the two series do not fit.
    """
    if len(released) != len(truth):
        raise ValueError(f"{len(released)} released reports and {len(truth)} before release")
    specs = {indicator.code: indicator for indicator in plan.indicators}
    means: dict[str, ReleasedMean] = {}
    combinations: list[Combination] = []
    for number, (shown, true) in enumerate(zip(released, truth, strict=True)):
        last = number == len(released) - 1
        for score, actual in zip(shown.scores, true.scores, strict=True):
            if (score.unit, score.indicator) != (actual.unit, actual.indicator):
                raise ValueError("released and true reports are not about the same scores in the same order")
            if score.indicator not in specs or not actual.n_valid:
                continue
            of_score = list(_of_score(score, actual, specs[score.indicator], number, last=last))
            for mean in (*of_score, *_of_items(score, actual, questionnaires, number, last=last)):
                before = means.get(mean.name)
                if before is None or (before.lo is None and mean.lo is not None):
                    means[mean.name] = mean
            combination = _combination(score, actual, specs[score.indicator], number)
            if combination is not None:
                combinations.append(combination)
    return History(tuple(means.values()), tuple(combinations))


def _of_score(
    score: UnitScore, actual: UnitScore, indicator: IndicatorSpec, number: int, *, last: bool
) -> Iterator[ReleasedMean]:
    """The parts, and the score with and without exclusions."""
    equal = indicator.strata is None and not indicator.by_department
    publication = score_publication(score.unit, score.indicator) if last else None
    by_part = {part.part: part for part in score.parts}
    for part in actual.parts:
        if not part.n:
            continue
        shown = by_part.get(part.part)
        interval = None
        if shown is not None:
            interval = shown_interval(shown.score, shown.lo, shown.hi, exact=shown.se_process is not None)
        lo, hi = interval or (None, None)
        yield ReleasedMean(
            unit=score.unit,
            measure=f"{score.indicator}/{part.part}",
            release=number,
            n=part.n,
            cells=part.n_cell,
            lo=lo,
            hi=hi,
            alike=part.se_process is not None and part.se_process <= 1e-9,
            additive=equal,
            actual=part.score,
            publication=publication,
        )
    n = actual.n_valid or 0
    measure, whole = _measure(actual, indicator, number)
    interval = shown_interval(score.score, score.lo, score.hi, exact=score.se_process is not None)
    lo, hi = interval or (None, None)
    yield ReleasedMean(
        unit=score.unit,
        measure=measure,
        release=number,
        n=n,
        cells=actual.n_cell,
        lo=lo,
        hi=hi,
        additive=whole,
        actual=actual.score,
        publication=publication,
    )
    if actual.n_excluded:
        yield ReleasedMean(
            unit=score.unit,
            measure=measure,
            release=number,
            people=ALL,
            n=n + actual.n_excluded,
            cells=(actual.n_cell or n) + actual.n_excluded,
            lo=score.score_all,
            hi=score.score_all,
            additive=whole,
            actual=actual.score_all,
            publication=publication,
        )


def _of_items(
    score: UnitScore,
    actual: UnitScore,
    questionnaires: Mapping[str, QuestionnaireSpec],
    number: int,
    *,
    last: bool,
) -> Iterator[ReleasedMean]:
    """Items with points; in them every response counts the same."""
    shown_items = {(item.questionnaire, item.item): item for item in (*score.items, *score.distributions)}
    for item in (*actual.items, *actual.distributions):
        counts = _with_points(item, questionnaires)
        if counts is None or not sum(counts):
            continue
        shown = shown_items.get((item.questionnaire, item.item))
        interval = None
        if shown is not None and shown.mean is not None:
            interval = rounded(shown.mean) if shown.counts is None else (shown.mean, shown.mean)
        lo, hi = interval or (None, None)
        yield ReleasedMean(
            unit=score.unit,
            measure=f"item {item.questionnaire}/{item.item}",
            release=number,
            n=sum(counts),
            cells=item.n_cell,
            lo=lo,
            hi=hi,
            alike=sum(1 for count in counts if count) == 1,
            actual=item.mean,
            counts=counts,
            publication=item_publication(score.unit, item.questionnaire, item.item) if last else None,
        )


def _with_points(item: ItemStatistics, questionnaires: Mapping[str, QuestionnaireSpec]) -> tuple[int, ...] | None:
    """How often each choice that has points was given; None for an item without points."""
    if item.mean is None or item.counts is None:
        return None
    asked = questionnaires[item.questionnaire]
    column = asked.column(item.item)
    if column is None:
        raise ValueError(f"questionnaire {asked.id} does not ask {item.item}")
    points = keyed_points(asked.items[column])
    return tuple(count for count, of in zip(item.counts, points, strict=True) if of is not None)


def _measure(actual: UnitScore, indicator: IndicatorSpec, number: int) -> tuple[str, bool]:
    """What a score is a mean of, and whether every response counts the same in it.

    Where somebody lacks a part, a score is no mean of persons' scores, and its parts say all that can be subtracted.
    """
    equal = indicator.strata is None and not indicator.by_department
    whole = all(part.n == actual.n_valid for part in actual.parts if part.weight)
    return indicator.code if whole or not equal else f"{indicator.code} of parts {number}", whole and equal


def _combination(score: UnitScore, actual: UnitScore, indicator: IndicatorSpec, number: int) -> Combination | None:
    """That a score is the weighted sum of its parts, shown or not."""
    if any(not part.n for part in actual.parts if part.weight):
        return None
    weights = {
        f"{score.unit}/{score.indicator}/{part.part}/valid@{number}": part.weight
        for part in actual.parts
        if part.weight
    }
    whole = f"{score.unit}/{_measure(actual, indicator, number)[0]}/valid@{number}"
    return Combination(name=f"{whole} of parts", weights={**weights, whole: -1.0}, lo=0.0, hi=0.0)
