"""How one score was sampled, as the page of its unit says it. Pure given a stored score.

Must stay true: what the snapshot does not hold is shown as missing, with its reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.spec import RELATED_DEPARTMENT
from survey_app.scores.queries import display
from survey_app.scores.queries.display import NOTHING
from survey_app.scores.queries.scales import FigureRow, figure_row, two
from survey_app.scores.rules import sampling_words, words

Json = Mapping[str, Any]


@dataclass(frozen=True)
class SamplingBlock:
    """more: how many more answers it takes, in a sentence; reading: how to read that, nothing where nothing is missing.

    figures: coverage, and but for open links design effect, rate and representativity.
    """

    more: str
    reading: str
    figures: tuple[FigureRow, ...]


def sampling(score: Json, language: str) -> SamplingBlock | None:
    """The sampling of a score; None where the snapshot holds none, or no score is shown."""
    found = score["sampling"]
    if found is None or score["score"] is None:
        return None
    more = words.one(sampling_words.still_needed(score), language)
    reading = words.figure("answers_more", language).reading if found["answers_more"] else ""
    return SamplingBlock(more=more, reading=reading, figures=tuple(_figures(score, found, language)))


def _figures(score: Json, found: Json, language: str) -> Iterator[FigureRow]:
    def row(code: str, value: str, status: str | None) -> FigureRow:
        made = figure_row(code, value, language)
        return replace(made, remark=words.one(sampling_words.remark(status), language)) if value == NOTHING else made

    yield row("coverage", display.share(found["coverage"]), found["coverage_status"])
    if display.is_open_link(score):
        return
    yield row("design_effect", two(found["design_effect"]), found["design_effect_status"])
    yield row("n_effective", display.count(found["n_effective"]), found["design_effect_status"])
    rate = display.share(score["response_rate"], score["response_rate_band"])
    yield row("rate", rate, found["rate_status"])
    if score["audience"] == RELATED_DEPARTMENT:
        return
    base = sampling_words.BASES.get(found["r_base"])
    whole = row("r_indicator", two(found["r_indicator"]), found["r_status"])
    yield whole if base is None else replace(whole, remark=words.one(base, language))
    if found["r_adjusted"] is not None:
        yield row("r_adjusted", two(found["r_adjusted"]), found["r_status"])
