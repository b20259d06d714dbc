"""What a set-up must mean: everybody named exists, sizes agree, and no group is too small to be anonymous."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from survey_app.questionnaire.assignment import LOW_RETURN, expected_by_unit, fewest_units
from survey_app.questionnaire.base import AUDIENCES, Audience
from survey_app.questionnaire.checks.plan import questionnaires_of
from survey_app.questionnaire.findings import Finding, finding, pointer
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.order import ORDERS
from survey_app.questionnaire.plan import ScoringPlan
from survey_app.questionnaire.setup import MIN_STRATUM, CampaignSetup, SetupUnit

# A box group needs ten cards, or the open link; what is recommended for related departments: domain rules of thumb.
MIN_GROUP = 10
_RECOMMENDED_DEPARTMENTS = 8
_RECOMMENDED_RATERS = 20
_RATERS_OF_A_DEPARTMENT = range(2, 6)


def check_setup_meaning(
    setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire], plan: ScoringPlan | None
) -> Iterator[Finding]:
    """Every fault and warning of a set-up. questionnaires: by id, all that were found; plan: None where not found."""
    yield from _campaign(setup)
    yield from _questionnaires(setup, questionnaires)
    if plan is None:
        yield finding("unknown_plan", "/plan", name=setup.plan)
    else:
        yield from _plan_fits(setup, questionnaires, plan)
    yield from _twice("units", [unit.code for unit in setup.units])
    yield from _twice("departments", [department.code for department in setup.departments])
    for position, unit in enumerate(setup.units):
        yield from _unit(pointer("units", position), unit, setup)
    yield from _departments(setup, questionnaires)
    yield from _assigned(setup, questionnaires, plan)
    yield from _groups(setup)


def _campaign(setup: CampaignSetup) -> Iterator[Finding]:
    campaign = setup.campaign
    if campaign.closes < campaign.opens:
        yield finding(
            "closes_before_opens",
            "/campaign/closes",
            opens=campaign.opens.isoformat(),
            closes=campaign.closes.isoformat(),
        )
    try:
        ZoneInfo(campaign.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, such as “Asia”, is an OSError
        yield finding("unknown_timezone", "/campaign/timezone", name=campaign.timezone)


def _questionnaires(setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    yield from _twice("questionnaires", setup.questionnaires, "")
    for position, name in enumerate(setup.questionnaires):
        at = pointer("questionnaires", position)
        if name not in questionnaires:
            yield finding("unknown_questionnaire", at, (name, questionnaires), name=name)
        elif not any(questionnaires[name].audience in unit.audiences for unit in setup.units):
            yield finding("questionnaire_unused", at, name=name, audience=questionnaires[name].audience)
    if any(name not in questionnaires for name in setup.questionnaires):
        return
    asked = {questionnaires[name].audience for name in setup.questionnaires}
    for audience in AUDIENCES:
        first = next((position for position, unit in enumerate(setup.units) if audience in unit.audiences), None)
        if first is not None and audience not in asked:
            place = pointer("units", first, "audiences")
            yield finding("audience_without_questionnaire", place, audience=audience)


def _plan_fits(
    setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire], plan: ScoringPlan
) -> Iterator[Finding]:
    chosen = {name: questionnaires[name] for name in setup.questionnaires if name in questionnaires}
    if len(chosen) < len(set(setup.questionnaires)):
        return
    for indicator in plan.indicators:
        applies = any(indicator.audience in unit.audiences for unit in setup.units)
        if applies and not questionnaires_of(indicator, chosen):
            yield finding("indicator_without_questionnaire", "/questionnaires", name=indicator.code)


def _twice(name: str, codes: Sequence[str], field: str = "code") -> Iterator[Finding]:
    seen: set[str] = set()
    for position, code in enumerate(codes):
        if code in seen:
            yield finding("stands_twice", pointer(name, position, *([field] if field else [])), name=code)
        seen.add(code)


def _unit(at: str, unit: SetupUnit, setup: CampaignSetup) -> Iterator[Finding]:
    for position, audience in enumerate(unit.audiences):
        if audience in unit.audiences[:position]:
            yield finding("stands_twice", f"{at}/audiences/{position}", name=audience)
    seen: set[tuple[Audience, str | None]] = set()
    for position, cell in enumerate(unit.frame):
        place = f"{at}/frame/{position}"
        if cell.audience not in unit.audiences:
            yield finding("frame_without_audience", f"{place}/audience", audience=cell.audience, unit=unit.code)
        if (cell.audience, cell.stratum) in seen:
            yield finding("frame_twice", place, audience=cell.audience, stratum=cell.stratum or "–")
        elif (cell.stratum is None and len(unit.strata(cell.audience)) > 1) or (cell.audience, None) in seen:
            yield finding("frame_mixes_strata", place, audience=cell.audience)
        seen.add((cell.audience, cell.stratum))
        if cell.stratum is not None and cell.size < MIN_STRATUM:
            yield finding("stratum_small", place, stratum=cell.stratum, size=cell.size, limit=MIN_STRATUM)
    yield from _named_lists(at, unit)
    if "staff" in unit.audiences and unit.size("staff") is None:
        yield finding("size_unknown", f"{at}/frame", unit=unit.code, audience="staff")
    if "related_department" in unit.audiences:
        yield from _raters_of(at, unit, setup)


def _named_lists(at: str, unit: SetupUnit) -> Iterator[Finding]:
    """Doors by named list that would point at somebody: departments, fewer than ten people behind one key."""
    for position, cell in enumerate(unit.frame):
        place = f"{at}/frame/{position}/named_list"
        if not cell.named_list:
            continue
        # Strata under ten share one door.
        together = (
            [cell]
            if cell.size >= MIN_STRATUM or cell.stratum is None
            else [other for other in unit.strata(cell.audience) if other.size < MIN_STRATUM]
        )
        people = sum(other.size for other in together)
        if cell.audience == "related_department":
            yield finding("named_list_of_departments", place, unit=unit.code)
        elif not all(other.named_list for other in together):
            yield finding("named_list_in_part", place, unit=unit.code, audience=cell.audience)
        elif people < MIN_STRATUM:
            yield finding("named_list_small", place, unit=unit.code, size=people, limit=MIN_STRATUM)


def _raters_of(at: str, unit: SetupUnit, setup: CampaignSetup) -> Iterator[Finding]:
    departments = setup.departments_rating(unit.code)
    raters = sum(department.raters for department in departments)
    if not departments:
        yield finding("no_departments", f"{at}/audiences", unit=unit.code)
    elif len(departments) < _RECOMMENDED_DEPARTMENTS or raters < _RECOMMENDED_RATERS:
        yield finding(
            "few_departments", at, unit=unit.code, departments=len(departments), raters=raters,
            enough=_RECOMMENDED_DEPARTMENTS, enough_raters=_RECOMMENDED_RATERS,
        )  # fmt: skip
    stated = unit.size("related_department")
    if stated is not None and stated < len(departments):
        place = next(i for i, cell in enumerate(unit.frame) if cell.audience == "related_department")
        yield finding("fewer_than_rate", f"{at}/frame/{place}/size", size=stated, departments=len(departments))


def _departments(setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire]) -> Iterator[Finding]:
    units = {unit.code: unit for unit in setup.units}
    most = [
        section.repeat.max
        for name in setup.questionnaires
        if name in questionnaires and questionnaires[name].audience == "related_department"
        for section in questionnaires[name].sections
        if section.repeat is not None
    ]
    for position, department in enumerate(setup.departments):
        at = pointer("departments", position)
        named: set[str] = set()
        for place, code in enumerate(department.rates):
            if code not in units:
                yield finding("unknown_unit", f"{at}/rates/{place}", (code, units), name=code)
            elif "related_department" not in units[code].audiences:
                yield finding("unit_takes_no_departments", f"{at}/rates/{place}", name=code)
            if code in named:
                yield finding("stands_twice", f"{at}/rates/{place}", name=code)
            named.add(code)
        if department.raters not in _RATERS_OF_A_DEPARTMENT:
            yield finding("raters_unusual", f"{at}/raters", name=department.code, raters=department.raters)
        if most and department.raters * max(most) < len(department.rates):
            yield finding(
                "too_many_to_rate", f"{at}/rates", name=department.code, units=len(department.rates),
                raters=department.raters, most=max(most),
            )  # fmt: skip


def _assigned(
    setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire], plan: ScoringPlan | None
) -> Iterator[Finding]:
    """Units that would be rated by too few because each rater is asked about some of them only."""
    asked = [questionnaires[name] for name in setup.questionnaires if name in questionnaires]
    most = fewest_units(asked)
    if most is None:
        return
    for position, department in enumerate(setup.departments):
        units = len(set(department.rates))
        if units > ORDERS * most:
            at = pointer("departments", position, "rates")
            yield finding("beyond_the_orders", at, name=department.code, units=units, limit=ORDERS * most)
    gates = None if plan is None else plan.gates
    gate = None if gates is None else gates.withhold
    needed = None if gate is None else gate.min_valid.get("related_department")
    least, least_responses = (0, 0) if needed is None else (needed.departments or 0, needed.responses or 0)
    full, low = (expected_by_unit(setup, asked, returned) for returned in (1.0, LOW_RETURN))
    for position, unit in enumerate(setup.units):
        if unit.code not in full:
            continue
        rating = setup.departments_rating(unit.code)
        at_best = len(rating) >= least and sum(department.raters for department in rating) >= least_responses
        if at_best and _below(full[unit.code].departments, full[unit.code].responses, least, least_responses):
            code = "assigned_too_rarely"
        elif _below(low[unit.code].sure_departments, low[unit.code].responses, least, least_responses) or _below(
            full[unit.code].departments, full[unit.code].responses, _RECOMMENDED_DEPARTMENTS, _RECOMMENDED_RATERS
        ):
            code = "assigned_rarely"
        else:
            continue
        yield finding(
            code, pointer("units", position), unit=unit.code, least=least, least_responses=least_responses,
            departments=_one_place(full[unit.code].departments), responses=_one_place(full[unit.code].responses),
            low_departments=_one_place(low[unit.code].departments), low_responses=_one_place(low[unit.code].responses),
            low_sure=low[unit.code].sure_departments,
        )  # fmt: skip


def _below(departments: float, responses: float, least: int, least_responses: int) -> bool:
    return departments < least or responses < least_responses


def _one_place(mean: float) -> str:
    """Rounded down, so that nothing looks like enough that is not."""
    return f"{math.floor(mean * 10) / 10:g}"


def _groups(setup: CampaignSetup) -> Iterator[Finding]:
    """Groups whose sealed answers could never wait in company: fewer than ten cards in all."""
    members = Counter(unit.report_group for unit in setup.units if unit.report_group)
    people: Counter[tuple[str, Audience]] = Counter()
    for position, unit in enumerate(setup.units):
        if unit.report_group is not None and members[unit.report_group] == 1:
            yield finding("report_group_of_one", pointer("units", position, "report_group"), name=unit.report_group)
        for audience in unit.audiences:
            people[(unit.report_group or f"-{unit.code}", audience)] += unit.size(audience) or 0
    for position, unit in enumerate(setup.units):
        for audience in unit.audiences:
            size = people[(unit.report_group or f"-{unit.code}", audience)]
            if audience != "related_department" and 0 < size < MIN_GROUP:
                place = pointer("units", position)
                if audience == "staff":  # who may not have the open link
                    yield finding("staff_group_small", place, unit=unit.code, size=size, limit=MIN_GROUP)
                else:
                    yield finding("group_small", place, unit=unit.code, audience=audience, size=size, limit=MIN_GROUP)
    raters = sum(department.raters for department in setup.departments)
    if 0 < raters < MIN_GROUP:
        yield finding("departments_group_small", "/departments", size=raters, limit=MIN_GROUP)
