"""What refuses publishing: a set-up whose sizes leave too few people behind an answer that divides a unit."""

from collections.abc import Iterator, Sequence

from survey_app.questionnaire.findings import Finding, finding
from survey_app.questionnaire.items import AnyItem, SingleItem
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.setup import CampaignSetup, SetupUnit


def background_items(questionnaire: Questionnaire) -> tuple[SingleItem, ...]:
    """The items that divide a unit's people into groups (背景题): counted facts with one choice, asked of everybody.

    Not among them: screening items, follow-ups, and items under a restricted rule, which has its own minimum.
    """
    return tuple(item for item in questionnaire.items() if isinstance(item, SingleItem) and _divides(item))


def _divides(item: AnyItem) -> bool:
    return (
        isinstance(item, SingleItem)
        and item.use_in() == "fact"
        and item.restricted is None
        and item.screens_out is None
        and item.visible_if is None
    )


def cells_too_small(questionnaire: Questionnaire, setup: CampaignSetup, min_cell: int) -> Iterator[Finding]:
    """A finding for each unit × background item whose cells would hold fewer than `min_cell` on average.

    The size is shared out evenly over the choices: no division of the people can then give every cell enough.
    Units of one report group count together; related departments count as departments. A size that is not known
    (an open link) is not judged. Pointers are into the questionnaire.
    """
    audience = questionnaire.audience
    items = background_items(questionnaire)
    groups: dict[str, list[SetupUnit]] = {}
    for unit in setup.units:
        if audience in unit.audiences:
            # A hyphen cannot begin a name, so a unit's own key never meets a report group's.
            groups.setdefault(unit.report_group or f"-{unit.code}", []).append(unit)
    for units in groups.values():
        sizes = [setup.cells(unit, audience) for unit in units]
        if any(size is None for size in sizes):
            continue
        size = sum(size for size in sizes if size is not None)
        for item in items:
            if size < min_cell * len(item.choices):
                yield finding(
                    "cell_too_small",
                    questionnaire.pointer(item.id),
                    unit=_names(units),
                    audience=audience,
                    size=size,
                    item=item.id,
                    choices=len(item.choices),
                    min_cell=min_cell,
                )


def _names(units: Sequence[SetupUnit]) -> str:
    return ", ".join(unit.code for unit in units)
