"""Reliability, agreement and validity of an indicator's items as pages show them: one sentence first, figures behind.

Pure given a snapshot and its names. Must stay true: a figure that the snapshot does not hold is shown as missing, with
its reason where there is one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_app.scores.queries.display import NOTHING
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.snapshots import Snapshot
from survey_app.scores.rules import verdicts, words

Json = Mapping[str, Any]


@dataclass(frozen=True)
class FigureRow:
    """One figure with how to read it. remark: why it is missing, or what to beware of."""

    name: str
    value: str
    interval: str
    remark: str
    reading: str
    source: str


@dataclass(frozen=True)
class ScaleBlock:
    """Reliability of one indicator in one questionnaire. over_all: over all units, else in one.

    items: text, correlation with the rest, α without it. coefficient: the one to report, called `name`; interval: α's.
    """

    raw: Json
    questionnaire: str
    over_all: bool
    n: str
    verdict: str
    name: str
    coefficient: str
    interval: str
    figures: tuple[FigureRow, ...]
    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class AgreementBlock:
    """Whether people of a unit see it alike, or (over_all) whether units differ."""

    questionnaire: str
    over_all: bool
    verdict: str
    figures: tuple[FigureRow, ...]


@dataclass(frozen=True)
class DimensionRow:
    """How well the items of one dimension measure it."""

    title: str
    n_items: int
    composite_reliability: str
    variance_extracted: str
    nearest: str
    htmt: str
    remark: str


@dataclass(frozen=True)
class ValidityBlock:
    """What the items of one α are about. items: text and sampling adequacy."""

    questionnaire: str
    verdict: str
    figures: tuple[FigureRow, ...]
    dimensions: tuple[DimensionRow, ...]
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OverallRow:
    """One line of the overview: an indicator in a questionnaire, over all units."""

    indicator: str
    questionnaire: str
    verdict: str
    coefficient: str
    interval: str
    icc1: str
    icc2: str
    themes: str
    units_verdict: str


def scale(block: Json, names: Names, unit: str = "") -> ScaleBlock:
    """One block of reliability in words."""
    two_items = block["coefficient"] is not None and len(block["items"]) == 2
    name = words.figure("spearman_brown" if two_items else "alpha", names.language).name
    found = block["alpha"] if block["coefficient"] is None else block["coefficient"]
    return ScaleBlock(
        raw=block,
        questionnaire=names.questionnaire(block["questionnaire"]),
        over_all=block["unit"] is None,
        n=NOTHING if block["n"] is None else f"{block['n']:,}",
        verdict=words.one(verdicts.consistency(block), names.language),
        name=name,
        coefficient=two(found),
        interval=between(block["influence_lo"], block["influence_hi"]),
        figures=tuple(_scale_figures(block, names.language, two_items=two_items)),
        items=tuple(
            (names.item(block["questionnaire"], item, unit), two(rest), two(deleted))
            for item, rest, deleted in zip(block["items"], block["item_rest"], block["alpha_if_deleted"], strict=True)
        ),
    )


def _scale_figures(block: Json, language: str, *, two_items: bool) -> Iterator[FigureRow]:
    def row(code: str, value: str, interval: str = "", status: str | None = None) -> FigureRow:
        return figure_row(code, value, language, interval=interval, status=status)

    if two_items:
        yield row("spearman_brown", two(block["coefficient"]))
    yield row("alpha", two(block["alpha"]), between(block["influence_lo"], block["influence_hi"]), block["status"])
    yield row("omega", two(block["omega"]), status=block["omega_status"])
    if block["omega_hierarchical"] is not None or block["omega_hierarchical_status"]:
        yield row("omega_hierarchical", two(block["omega_hierarchical"]), status=block["omega_hierarchical_status"])
    yield row("lambda2", two(block["lambda2"]))
    yield row("halves", between(block["split_least"], block["split_greatest"]))
    yield row("standardized_alpha", two(block["standardized_alpha"]))
    yield row("feldt", between(block["feldt_lo"], block["feldt_hi"]))
    yield row("bonett", between(block["bonett_lo"], block["bonett_hi"]))
    if block["unit"] is None:
        yield row("alpha_total", two(block["alpha_total"]))
        bounds = between(block["alpha_between_lo"], block["alpha_between_hi"])
        yield row("alpha_between", two(block["alpha_between"]), bounds, block["alpha_between_status"])


def unit_agreement(found: Json, names: Names) -> AgreementBlock:
    """Whether the people of one unit agree."""
    language = names.language
    return AgreementBlock(
        questionnaire=names.questionnaire(found["questionnaire"]),
        over_all=False,
        verdict=words.one(verdicts.agreement(found), language),
        figures=(
            figure_row("r_wg_j", two(found["r_wg_j"]), language, status=found["status"]),
            figure_row(
                "r_wg_j_skewed",
                two(found["r_wg_j_skewed"]),
                language,
                status=_no_comparison(found),
            ),
        ),
    )


def _no_comparison(found: Json) -> str | None:
    """Why there is no stricter number beside the other one."""
    if found["r_wg_j"] is None or found["r_wg_j_skewed"] is not None:
        return None
    return "undefined_null_not_tabulated"


def units_agreement(found: Json, names: Names) -> AgreementBlock:
    """Whether units differ in what their people say."""
    language = names.language
    return AgreementBlock(
        questionnaire=names.questionnaire(found["questionnaire"]),
        over_all=True,
        verdict=words.one(verdicts.between_units(found), language),
        figures=(
            figure_row(
                "icc1",
                two(found["icc1"]),
                language,
                interval=between(found["icc1_lo"], found["icc1_hi"]),
                status=found["status"],
            ),
            figure_row("icc2", two(found["icc2"]), language),
        ),
    )


def validity(found: Json, block: Json | None, names: Names, audience: str, unit: str = "") -> ValidityBlock:
    """What the items are about. block: of the reliability of the same items, which names them."""
    language = names.language

    def row(code: str, value: str, status: str | None = None) -> FigureRow:
        return figure_row(code, value, language, status=status)

    fit = found["one_factor_status"]
    return ValidityBlock(
        questionnaire=names.questionnaire(found["questionnaire"]),
        verdict=words.one(verdicts.themes(found), language),
        figures=(
            row("dimensions_found", _whole(found["dimensions_found"]), found["dimensions_status"]),
            row("eigenvalue_ratio", two(found["eigenvalue_ratio"])),
            row("kmo", two(found["kmo"]), found["kmo_status"]),
            row("bartlett", _p(found["bartlett_p"])),
            row("cfi", two(found["cfi"]), fit),
            row("rmsea", two(found["rmsea"])),
            row("srmr", two(found["srmr"])),
            row("ordinal_alpha", two(found["ordinal_alpha"]), found["ordinal_alpha_status"]),
        ),
        dimensions=tuple(_dimension(one, names, audience, unit) for one in found["dimensions"]),
        items=()
        if block is None
        else tuple(
            (names.item(block["questionnaire"], item, unit), two(adequacy))
            for item, adequacy in zip(block["items"], found["kmo_items"], strict=False)
        ),
    )


def _dimension(found: Json, names: Names, audience: str, unit: str) -> DimensionRow:
    nearest = found["nearest"]
    return DimensionRow(
        title=names.part(audience, found["dimension"], unit),
        n_items=found["n_items"],
        composite_reliability=two(found["composite_reliability"]),
        variance_extracted=two(found["average_variance_extracted"]),
        nearest=NOTHING if nearest is None else names.part(audience, nearest, unit),
        htmt=two(found["htmt"]),
        remark=words.estimate(found["status"], names.language),
    )


def overall_rows(snapshot: Snapshot, names: Names) -> list[OverallRow]:
    """Every indicator and questionnaire over all units."""
    document = snapshot.document

    def of(name: str, block: Json) -> Json | None:
        same = (one for one in document[name] if _same(one, block))
        return next(same, None)

    rows = []
    for block in document["reliability"]:
        made, units, about = scale(block, names), of("agreement", block), of("validity", block)
        rows.append(
            OverallRow(
                indicator=names.indicator(block["indicator"]),
                questionnaire=made.questionnaire,
                verdict=made.verdict,
                coefficient=made.coefficient,
                interval=made.interval,
                icc1=NOTHING if units is None else two(units["icc1"]),
                icc2=NOTHING if units is None else two(units["icc2"]),
                themes=NOTHING if about is None else _whole(about["dimensions_found"]),
                units_verdict="" if units is None else words.one(verdicts.between_units(units), names.language),
            )
        )
    return rows


def of_indicator(found: Sequence[Json], indicator: str) -> list[Json]:
    """Those of one indicator."""
    return [one for one in found if one["indicator"] == indicator]


def _same(one: Json, other: Json) -> bool:
    return all(one[field] == other[field] for field in ("indicator", "questionnaire"))


def figure_row(code: str, value: str, language: str, *, interval: str = "", status: str | None = None) -> FigureRow:
    """One figure in words."""
    found = words.figure(code, language)
    return FigureRow(found.name, value, interval, words.estimate(status, language), found.reading, found.source)


def two(number: float | None) -> str:
    """A correlation or reliability with two decimals."""
    return NOTHING if number is None else f"{number:.2f}".replace("-", "−")


def between(lo: float | None, hi: float | None) -> str:
    """An interval of such numbers."""
    return NOTHING if lo is None or hi is None else f"{two(lo)}–{two(hi)}"


def _whole(number: float | None) -> str:
    return NOTHING if number is None else f"{number:.0f}"


def _p(number: float | None) -> str:
    if number is None:
        return NOTHING
    return "< 0.001" if number < 0.001 else f"{number:.3f}"
