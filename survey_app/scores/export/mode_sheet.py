"""The sheet of scores by the way in which answers came; a snapshot with one way only has no such sheet."""

from collections.abc import Iterator

from survey_app.scores.export.book import Book, Cells, table_sheet
from survey_app.scores.queries.display import Json
from survey_app.scores.rules import modes as rules
from survey_app.scores.rules import words


def modes(one: Book) -> None:
    """Each unit and indicator by mode, then the differences of modes."""
    found = list(_shown(one))
    if not found:
        return
    headings = [
        one.say("指标", "Indicator"), one.say("单位代码", "Unit code"), one.say("单位", "Unit"),
        one.say("填答方式", "Mode"), one.say("减去", "Less"), one.say("得分或差", "Score or difference"),
        one.say("下限", "From"), one.say("上限", "To"), one.say("有效数", "Valid"), one.say("提示", "Note"),
    ]  # fmt: skip
    wide = {0: 20, 2: 24, 3: 20, 4: 20, 9: 40}
    table_sheet(one, ("填答方式", "Modes"), headings, lambda: _rows(one, found), wide=wide, names=3)


def _shown(one: Book) -> Iterator[tuple[Json, Json]]:
    for score in one.content.snapshot.document["scores"]:
        for breakdown in score["breakdowns"]:
            if breakdown["item"] == rules.BY_MODE and breakdown["shown"]:
                yield score, breakdown


def _rows(one: Book, found: list[tuple[Json, Json]]) -> Iterator[Cells]:
    language = one.content.language
    document = one.content.snapshot.document
    units = {unit["code"]: unit["name"] for unit in document["units"]}
    titles = {indicator["code"]: indicator["title"] for indicator in document["indicators"]}
    caution = one.say("相差较大，先核对再用合计分", "Large: look into it before the whole score is used")
    for score, breakdown in found:
        title = titles[score["indicator"]]
        said = title if isinstance(title, str) else title.get(language, title["zh"])
        about: Cells = [(said, one.text), (score["unit"], one.text), (units[score["unit"]], one.text)]
        for group in breakdown["groups"]:
            mode = words.one(rules.WORDS[group["choice"]], language)
            numbers: Cells = [(group[name], one.whole) for name in ("score", "lo", "hi", "n")]
            yield [*about, (mode, one.text), (None, one.text), *numbers, (None, one.text)]
        for pair in breakdown["differences"]:
            mode, against = (words.one(rules.WORDS[pair[name]], language) for name in ("mode", "against"))
            numbers = [(pair[name], one.whole) for name in ("difference", "lo", "hi")]
            note: Cells = [(None, one.whole), (caution if pair["large"] else None, one.wrapped)]
            yield [*about, (mode, one.text), (against, one.text), *numbers, *note]
