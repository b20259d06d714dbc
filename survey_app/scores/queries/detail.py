"""Everything that the page of one unit says, in the order in which it says it. Pure given a snapshot and its names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_app.accounts.rules import ROLE_NAMES
from survey_app.scores.queries import display, sampled, scales, standings
from survey_app.scores.queries.display import Cell, Json
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.sampled import SamplingBlock
from survey_app.scores.queries.scales import AgreementBlock, ScaleBlock, ValidityBlock
from survey_app.scores.queries.snapshots import Confirmed, Snapshot
from survey_app.scores.queries.standings import StandingRow
from survey_app.scores.rules import modes, words

_ROLE_NAMES = {str(role): pair for role, pair in ROLE_NAMES.items()}


@dataclass(frozen=True)
class PartRow:
    """One dimension or item of an indicator. raw: as stored, for the chart. lost: what it takes from the full 100.

    priority: where it stands in importance and score, empty where there is no such picture.
    """

    raw: Json
    title: str
    weight: str
    score: str
    lost: str
    interval: str
    n: str
    status_word: str
    priority: str


@dataclass(frozen=True)
class Slice:
    """One choice in a bar. tone: bad-2 (worst) … middle … good-2 (best), or plain where no choice is better.

    count, share: None where so few chose it that it is not shown.
    """

    label: str
    count: int | None
    share: float | None
    tone: str
    start: float


@dataclass(frozen=True)
class ItemRow:
    """How one item was answered. slices: from the bad end to the good end, or in written order where there is none.

    middle: where the bar is centred, in shares from its left end; None for bars that start at the left. restricted: who
    sees it, in words, if not everybody does.
    """

    raw: Json
    text: str
    restricted: str
    is_reversed: bool
    n: str
    mean: str
    slices: tuple[Slice, ...]
    middle: float | None
    top_two: str
    dont_know: str
    blank: str
    not_applicable: str


@dataclass(frozen=True)
class GroupRow:
    """The score among those of one answer. raw: as stored, for the chart."""

    raw: Json
    label: str
    score: str
    interval: str
    n: str


@dataclass(frozen=True)
class DifferenceRow:
    """Two ways in which answers came, the first less the second; large: to be read with caution."""

    raw: Json
    label: str
    difference: str
    interval: str
    large: bool


@dataclass(frozen=True)
class BreakdownRow:
    """One score by the answers to one item, or by the way they came; groups: empty where one of them is too small."""

    text: str
    groups: tuple[GroupRow, ...]
    differences: tuple[DifferenceRow, ...] = ()


@dataclass(frozen=True)
class Peers:
    """The shown scores of the other units of the same category: how many, their mean, and how far this one is off."""

    category: str
    count: int
    mean: str
    gap: str


@dataclass(frozen=True)
class IndicatorDetail:
    """One indicator of the unit. open_link: nobody knows who was asked. asked: what is counted as asked, in words.

    sampling: None where no score is shown. peers: None where there are none. standing: beside the others of its
    category, None where it is not compared; pairs, pairs_apart: of that category. scales, agreement, validity: over all
    units first, then of this one.
    """

    cell: Cell
    audience: str
    open_link: bool
    asked: str
    sampling: SamplingBlock | None
    peers: Peers | None
    parts: tuple[PartRow, ...]
    breakdowns: tuple[BreakdownRow, ...]
    items: tuple[ItemRow, ...]
    distributions: tuple[ItemRow, ...]
    facts: tuple[ItemRow, ...]
    standing: StandingRow | None
    compared: int
    pairs: int
    pairs_apart: int
    scales: tuple[ScaleBlock, ...]
    agreement: tuple[AgreementBlock, ...]
    validity: tuple[ValidityBlock, ...]


@dataclass(frozen=True)
class OpenAnswerRow:
    """What was written to one item; texts: empty where too few wrote. restricted: as in `ItemRow`."""

    audience: str
    text: str
    restricted: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class UnitDetail:
    """One unit. earlier, later: codes of its neighbours in the office's order."""

    code: str
    name: str
    category: str
    indicators: tuple[IndicatorDetail, ...]
    open_answers: tuple[OpenAnswerRow, ...]
    earlier: str | None
    later: str | None


def unit_detail(
    snapshot: Snapshot, names: Names, decided: Mapping[tuple[str, str], Sequence[Confirmed]], unit: str
) -> UnitDetail:
    """Everything about one unit. Raises NoSuchUnit for a unit that the snapshot does not have."""
    found = snapshot.unit(unit)
    codes = [one["code"] for one in snapshot.units]
    place = codes.index(unit)
    return UnitDetail(
        code=unit,
        name=found["name"],
        category=found["category"],
        indicators=tuple(
            _indicator(snapshot, names, cell, found["name"])
            for cell in display.unit_cells(snapshot, names, decided, unit)
        ),
        open_answers=tuple(
            _open_answer(asked, names, found["name"])
            for asked in snapshot.document["open_answers"]
            if asked["unit"] == unit
        ),
        earlier=codes[place - 1] if place else None,
        later=codes[place + 1] if place + 1 < len(codes) else None,
    )


def _indicator(snapshot: Snapshot, names: Names, cell: Cell, unit: str) -> IndicatorDetail:
    score, document = cell.raw, snapshot.document
    about = bool(score["parts"])  # what holds over all units is no news of a unit that shows nothing

    def of_all(name: str) -> list[Json]:
        return scales.of_indicator(document[name], score["indicator"]) if about else []

    pooled, found = of_all("reliability"), standings.of_unit(snapshot, names, score)
    blocks = {block["questionnaire"]: block for block in pooled}
    return IndicatorDetail(
        cell=cell,
        audience=words.one(words.AUDIENCES[score["audience"]], names.language),
        open_link=display.is_open_link(score),
        asked=words.one(words.ASKED[_asked(snapshot, score)], names.language),
        sampling=sampled.sampling(score, names.language),
        peers=_peers(snapshot, score),
        parts=tuple(_part(part, score, names, unit) for part in score["parts"]),
        breakdowns=tuple(_breakdown(one, score, names, unit) for one in score["breakdowns"]),
        items=tuple(item_row(item, names, unit) for item in score["items"]),
        distributions=tuple(item_row(item, names, unit) for item in score["distributions"]),
        facts=tuple(item_row(item, names, unit) for item in score["facts"]),
        standing=None if found is None else found[1],
        compared=0 if found is None else found[0]["n_units"],
        pairs=0 if found is None else found[0]["pairs"],
        pairs_apart=0 if found is None else found[0]["pairs_apart"],
        scales=tuple(scales.scale(block, names, unit) for block in [*pooled, *score["reliability"]]),
        agreement=(
            *(scales.unit_agreement(one, names) for one in score["agreement"]),
            *(scales.units_agreement(one, names) for one in of_all("agreement")),
        ),
        validity=tuple(
            scales.validity(one, blocks.get(one["questionnaire"]), names, score["audience"], unit)
            for one in of_all("validity")
        ),
    )


def _asked(snapshot: Snapshot, score: Json) -> str:
    """Which cards a response rate is of, a key of `words.ASKED`; a carried score's are those of an earlier snapshot."""
    if any(caution["code"] == "carried_forward" for caution in score["cautions"]):
        return "either"
    place = score["unit"], score["audience"]
    known = next((one for one in snapshot.provenance["circumstances"] if (one["unit"], one["audience"]) == place), None)
    by_activation = known is not None and known["handed_out"] is None and known["activated"] is not None
    return "activated" if by_activation else "handed_out"


def _peers(snapshot: Snapshot, score: Json) -> Peers | None:
    """The others of its category; scores from open links are compared with nothing."""
    category = snapshot.unit(score["unit"])["category"]
    others = {unit["code"] for unit in snapshot.units if unit["category"] == category} - {score["unit"]}
    found = [
        other["score"]
        for other in snapshot.document["scores"]
        if other["unit"] in others
        and other["indicator"] == score["indicator"]
        and other["score"] is not None
        and not display.is_open_link(other)
    ]
    if score["score"] is None or not category or not found or display.is_open_link(score):
        return None
    mean = sum(found) / len(found)
    return Peers(category, len(found), f"{mean:.1f}", _gap(score["score"] - mean, rounded=display.is_rounded(score)))


def _gap(points: float, *, rounded: bool) -> str:
    """A signed difference, with no sign before zero and no decimals for a score that was rounded."""
    written = f"{points:+.0f}" if rounded else f"{points:+.1f}"
    return written.lstrip("+-") if float(written) == 0 else written.replace("-", "−")


def _part(part: Json, score: Json, names: Names, unit: str) -> PartRow:
    rounded = display.is_rounded_part(part)
    n = display.count(part["n"])
    if part["n_departments"] is not None:
        n = f"{n} / {part['n_departments']}"
    return PartRow(
        raw=part,
        title=names.part(score["audience"], part["part"], unit),
        weight=f"{part['weight']:.0%}",
        score=display.figure(part["score"], rounded=rounded),
        lost=display.NOTHING if part["score"] is None else f"{part['weight'] * (100 - part['score']):.1f}",
        interval=display.interval(part["lo"], part["hi"], rounded=rounded),
        n=n,
        status_word=words.status(part["status"], names.language),
        priority=words.quadrant(part["quadrant"], names.language),
    )


def _breakdown(breakdown: Json, score: Json, names: Names, unit: str) -> BreakdownRow:
    audience, item = score["audience"], breakdown["item"]
    by_mode = item == modes.BY_MODE
    return BreakdownRow(
        words.one(modes.CALLED, names.language) if by_mode else names.part(audience, item, unit),
        tuple(
            GroupRow(
                raw=group,
                label=words.one(modes.WORDS[group["choice"]], names.language)
                if by_mode
                else names.answer(audience, item, group["choice"]),
                score=display.figure(group["score"], rounded=True),
                interval=display.interval(group["lo"], group["hi"], rounded=True),
                n=display.count_in_words(group["n"], None, group["n_departments"], names.language),
            )
            for group in breakdown["groups"]
        ),
        tuple(_mode_difference(one, names.language) for one in breakdown.get("differences", ())),
    )


def _mode_difference(found: Json, language: str) -> DifferenceRow:
    return DifferenceRow(
        raw=found,
        label=" − ".join(words.one(modes.WORDS[found[name]], language) for name in ("mode", "against")),
        difference=display.figure(found["difference"], rounded=True),
        interval=display.interval(found["lo"], found["hi"], rounded=True),
        large=found["large"],
    )


def _open_answer(asked: Json, names: Names, unit: str) -> OpenAnswerRow:
    questionnaire, item, choice = asked["questionnaire"], asked["item"], asked["choice"]
    said = "" if choice is None else f" · {names.choice(questionnaire, item, choice)}"
    return OpenAnswerRow(
        audience=words.one(words.AUDIENCES[asked["audience"]], names.language),
        text=names.item(questionnaire, item, unit) + said,
        restricted=_restricted(asked, names),
        texts=tuple(asked["texts"]),
    )


def item_row(item: Json, names: Names, unit: str) -> ItemRow:
    """One item in words, with its bar."""
    slices, middle = _slices(item, names)
    return ItemRow(
        raw=item,
        text=names.item(item["questionnaire"], item["item"], unit),
        restricted=_restricted(item, names),
        is_reversed=names.is_reversed(item["questionnaire"], item["item"]),
        n=display.count(item["n"]),
        mean=display.figure(item["mean"], rounded=item["counts"] is None),
        slices=slices,
        middle=middle,
        top_two=_top_two(item),
        dont_know=display.share(item["share_dont_know"]),
        blank=display.share(item["share_blank"]),
        not_applicable=display.share(item["share_not_applicable"]),
    )


def _top_two(item: Json) -> str:
    """Share of the two best choices with its interval."""
    if item["top_two"] is None:
        return display.NOTHING
    found = display.share(item["top_two"])
    ends = item["top_two_lo"], item["top_two_hi"]
    return found if None in ends else f"{found} ({display.share(None, ends)})"


def _restricted(item: Json, names: Names) -> str:
    rule = names.plan.restricted.get(item["restricted"])
    if rule is None:
        return ""
    pairs = [_ROLE_NAMES.get(role, (role, role)) for role in rule.roles]
    mark = "、" if names.language == "zh" else ", "
    return words.one(words.RESTRICTED, names.language).format(
        roles=mark.join(words.one(pair, names.language) for pair in pairs), n=rule.min_n, count=rule.min_count
    )


def _slices(item: Json, names: Names) -> tuple[tuple[Slice, ...], float | None]:
    """The choices with their counts: bad end left, good end right; written order where the item has no good end."""
    if not item["counts"] or not item["n"]:
        return (), None
    out = names.screening(item["questionnaire"], item["item"])  # nobody who chose these is counted here
    choices = [found for found in zip(item["choices"], item["counts"], strict=True) if found[0] not in out]
    ranked = item["mean"] is not None
    if ranked and names.best_first(item["questionnaire"], item["item"]):
        choices.reverse()
    tones = _tones(len(choices)) if ranked else ["plain"] * len(choices)
    found, start = [], 0.0
    for (code, count), tone in zip(choices, tones, strict=True):
        share = None if count is None else count / item["n"]
        label = names.choice(item["questionnaire"], item["item"], code)
        found.append(Slice(label, count, share, tone, start))
        start += share or 0.0
    if not ranked:
        return tuple(found), None
    bad = sum(one.share or 0.0 for one in found if one.tone.startswith("bad"))
    centre = sum(one.share or 0.0 for one in found if one.tone == "middle")
    return tuple(found), bad + centre / 2


def _tones(count: int) -> list[str]:
    """From the worst to the best choice; the outer half of each side is the stronger tone."""
    side = count // 2
    strong = side - side // 2
    bad = ["bad-2"] * strong + ["bad-1"] * (side - strong)
    return bad + ["middle"] * (count % 2) + [tone.replace("bad", "good") for tone in reversed(bad)]
