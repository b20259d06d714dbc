"""Office pages of campaigns: creating one, looking at it, choosing doors, printing cards."""

from collections.abc import Iterator

from flask import Response, current_app, redirect, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts.operations.people import grant
from survey_app.accounts.rules import Role
from survey_app.admission.operations import Batch
from survey_app.campaigns import rules
from survey_app.campaigns.export import qr
from survey_app.campaigns.export.card_pdf import Occasion, PrintRun, card_pdf
from survey_app.campaigns.export.cards import Sheet, printed_doors, sheets
from survey_app.campaigns.export.workbook import example, workbook
from survey_app.campaigns.forms import PAPERS, AllCardsForm, BasicsForm, CardsForm, TierForm, UploadForm
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.operations import cards as card_acts
from survey_app.campaigns.operations import creating
from survey_app.campaigns.operations.reading import ReadSetup, read_form, read_setup
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.campaigns.views.frame import MANAGE, READ, blueprint, campaign_of, file_answer
from survey_app.errors import BadInput, NotFound
from survey_app.questionnaire.check import check_setup
from survey_app.web.access import access_of, actor, allow
from survey_app.web.installation import installation
from survey_app.web.language import _, language
from survey_app.web.session import commits, session

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.app_template_global()
def may_read_scores(campaign_code: str) -> bool:
    """Whether the scores of a campaign let this person in, as their own page declares: for the ways that lead there."""
    access = access_of(current_app, "scores.overview")
    return access is not None and actor().holds(access.roles, campaign_code)


@blueprint.get("")
@allow(*READ)
def campaigns() -> ResponseReturnValue:
    """Every campaign in scope; those that no role of this person opens are named but not linked."""
    found = queries.campaigns(session(), actor().agency_id)
    shown = [(one, actor().holds(frozenset(READ), one.code)) for one in found]
    if actor().agency_id is None:
        shown = [(one, opens) for one, opens in shown if opens]
    return render_template("campaigns/list.html", campaigns=shown, may_create=_may_manage(None))


@blueprint.get("/new")
@allow(*MANAGE)
def new() -> ResponseReturnValue:
    """Two ways to a campaign: a whole set-up file, or a form with a workbook of units."""
    return _new_page(UploadForm(prefix="upload"), BasicsForm(prefix="basics"))


@blueprint.post("/new/file")
@allow(*MANAGE)
@commits
def create_from_file() -> ResponseReturnValue:
    """Create a draft from one file."""
    form = UploadForm(prefix="upload")
    if not form.validate_on_submit():
        return _new_page(form, BasicsForm(formdata=None, prefix="basics")), 422
    try:
        read = read_setup(form.given(), form.own_files())
    except BadInput as refused:
        return _new_page(form, BasicsForm(formdata=None, prefix="basics"), refused), 422
    return _created(read)


@blueprint.post("/new/form")
@allow(*MANAGE)
@commits
def create_from_form() -> ResponseReturnValue:
    """Create a draft from the form and its workbook."""
    form = BasicsForm(prefix="basics")
    form.offer()
    if not form.validate_on_submit():
        if not form.file.errors:
            form.file.errors = [_("请重新选择文件。")]
        return _new_page(UploadForm(formdata=None, prefix="upload"), form), 422
    try:
        return _created(read_form(form.campaign(), form.given(), form.own_files()))
    except BadInput as refused:
        return _new_page(UploadForm(formdata=None, prefix="upload"), form, refused), 422
    except (rules.CodeTaken, rules.ForeignAgency) as refused:
        # Said on the form, so that nothing that was typed is lost.
        field = form.code if isinstance(refused, rules.CodeTaken) else form.agency
        field.errors, form.file.errors = [refused.message(language())], [_("请重新选择文件。")]
        return _new_page(UploadForm(formdata=None, prefix="upload"), form), refused.status


@blueprint.get("/template.xlsx")
@allow(*MANAGE)
def template() -> ResponseReturnValue:
    """The set-up workbook with a filled example."""
    return file_answer(workbook(example()), "pingyi-setup.xlsx", _XLSX)


@blueprint.get("/<campaign_code>")
@allow(*READ)
def overview(campaign_code: str) -> ResponseReturnValue:
    """State, days, what is asked by which definition, cards needed and made, and what can be done next."""
    campaign = campaign_of(campaign_code)
    setup, plan = queries.setup_of(campaign), queries.plan_of(session(), campaign)
    questionnaires = queries.questionnaires_of(session(), campaign)
    warnings = check_setup(setup, questionnaires.values(), plan) if campaign.state == "draft" else []
    return render_template(
        "campaigns/overview.html",
        campaign=campaign,
        demo=campaign.demo,
        questionnaires=questionnaires,
        plan=plan,
        totals=queries.totals(setup, queries.collectors(session(), campaign.id)),
        warnings=warnings,
        may_manage=_may_manage(campaign_code),
        expected=rules.EXPECTED_RETURN,
    )


@blueprint.get("/<campaign_code>/units")
@allow(*READ)
def units(campaign_code: str) -> ResponseReturnValue:
    """Units with the cards and answers that each stratum needs, departments with what they rate."""
    campaign = campaign_of(campaign_code)
    setup = queries.setup_of(campaign)
    needs: dict[str, list[rules.Need]] = {}
    for need in rules.needs(setup):
        needs.setdefault(need.unit, []).append(need)
    questionnaires = queries.questionnaires_of(session(), campaign)
    raters = {need.unit: need for need in rules.rater_needs(setup, questionnaires.values())}
    return render_template(
        "campaigns/units.html",
        campaign=campaign,
        demo=campaign.demo,
        setup=setup,
        needs=needs,
        raters=raters,
        rules=rules,
    )


@blueprint.get("/<campaign_code>/setup.xlsx")
@allow(*READ)
def setup_workbook(campaign_code: str) -> ResponseReturnValue:
    """The set-up as a workbook, to work on and upload again."""
    campaign = campaign_of(campaign_code)
    return file_answer(workbook(queries.setup_of(campaign)), f"{campaign.code}.xlsx", _XLSX)


@blueprint.get("/<campaign_code>/setup")
@allow(*MANAGE)
def setup(campaign_code: str) -> ResponseReturnValue:
    """Replace the set-up of a draft."""
    return _setup_page(campaign_of(campaign_code), UploadForm())


@blueprint.post("/<campaign_code>/setup")
@allow(*MANAGE)
@commits
def replace_setup(campaign_code: str) -> ResponseReturnValue:
    """Put another set-up in the place of a draft's."""
    campaign, form = campaign_of(campaign_code), UploadForm()
    if not form.validate_on_submit():
        return _setup_page(campaign, form), 422
    try:
        read = read_setup(form.given(), form.own_files())
    except BadInput as refused:
        return _setup_page(campaign, form, refused), 422
    creating.replace(
        session(), campaign, read, now=clock.now(), person_id=actor().person_id, agency_id=actor().agency_id
    )
    return redirect(f"/office/campaigns/{campaign_code}", 303)


@blueprint.get("/<campaign_code>/collectors")
@allow(*READ)
def collectors(campaign_code: str) -> ResponseReturnValue:
    """Every door, what is made for it, and the ways to make more."""
    return _collectors_page(campaign_of(campaign_code), AllCardsForm(formdata=None))


@blueprint.post("/<campaign_code>/collectors/<int:collector_id>/tier")
@allow(*MANAGE)
@commits
def set_tier(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Open link or cards, while the campaign is a draft."""
    campaign, form = campaign_of(campaign_code), TierForm()
    if not form.validate_on_submit():
        raise NotFound(what="tier")
    card_acts.set_tier(session(), campaign, collector_id, form.tier.data, now=clock.now(), person_id=actor().person_id)
    return redirect(f"/office/campaigns/{campaign_code}/collectors", 303)


@blueprint.get("/<campaign_code>/collectors/<int:collector_id>/cards")
@allow(*MANAGE)
def cards(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """How many cards to make for one door, and what to know before."""
    campaign = campaign_of(campaign_code)
    return _cards_page(campaign, queries.collector(session(), campaign.id, collector_id), CardsForm())


@blueprint.post("/<campaign_code>/collectors/<int:collector_id>/cards")
@allow(*MANAGE)
@commits
def make_cards(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """Make cards and answer with the sheets: the only time that their codes are seen."""
    campaign, form = campaign_of(campaign_code), CardsForm()
    door = queries.collector(session(), campaign.id, collector_id)
    if not form.validate_on_submit():
        return _cards_page(campaign, door, form), 422
    assert form.cards.data is not None  # needed by the form
    who, before = actor().person_id, form.made_before.data
    batch = card_acts.make_cards(
        session(), campaign, door.id, form.cards.data, now=clock.now(), person_id=who, made_before=before
    )
    return _printed(campaign, [(door, batch)], form.paper.data)


@blueprint.post("/<campaign_code>/cards")
@allow(*MANAGE)
@commits
def make_all_cards(campaign_code: str) -> ResponseReturnValue:
    """Make the suggested cards for every door of an audience that has none, and answer with all their sheets."""
    campaign, form = campaign_of(campaign_code), AllCardsForm()
    if not form.validate_on_submit():
        return _collectors_page(campaign, form), 422
    who, audience, spares = actor().person_id, form.audience.data or "", form.spares.data or 0
    made = card_acts.make_lacking_cards(session(), campaign, audience, spares, now=clock.now(), person_id=who)
    return _printed(campaign, made, form.paper.data)


def _may_manage(campaign_code: str | None) -> bool:
    return actor().holds(frozenset(MANAGE), campaign_code)


def _titles(campaign: Campaign) -> dict[str, object]:
    return {name: found.title for name, found in queries.questionnaires_of(session(), campaign).items()}


def _new_page(upload: UploadForm, basics: BasicsForm, refused: BadInput | None = None) -> str:
    basics.offer()
    findings = refused.findings if refused else []
    return render_template("campaigns/new.html", upload=upload, basics=basics, findings=findings)


def _setup_page(campaign: Campaign, form: UploadForm, refused: BadInput | None = None) -> str:
    findings = refused.findings if refused else []
    return render_template("campaigns/setup.html", campaign=campaign, demo=campaign.demo, form=form, findings=findings)


def _created(read: ReadSetup) -> ResponseReturnValue:
    who, now = actor(), clock.now()
    made = creating.create(session(), read, now=now, person_id=who.person_id, agency_id=who.agency_id)
    if not who.holds(frozenset({Role.ADMINISTRATOR}), None):
        grant(session(), now, who.person_id, who.person_id, role=Role.DESIGNER, campaign_code=made.code)
    # An agency's own campaign opens to it only once the office has engaged it and its declaration is signed.
    return redirect(f"/office/campaigns/{made.code}" if who.agency_id is None else "/office/campaigns", 303)


def _collectors_page(campaign: Campaign, form: AllCardsForm) -> str:
    rows = queries.collectors(session(), campaign.id)
    return render_template(
        "campaigns/collectors.html",
        campaign=campaign,
        demo=campaign.demo,
        rows=rows,
        titles=_titles(campaign),
        suggested=queries.suggested_cards(queries.setup_of(campaign), rows),
        too_small=queries.group_faults(rows) if campaign.state != "closed" else [],
        may_manage=_may_manage(campaign.code),
        form=form,
    )


def _cards_page(campaign: Campaign, door: CollectorRow, form: CardsForm) -> str:
    suggested = queries.suggested_cards(queries.setup_of(campaign), queries.collectors(session(), campaign.id))
    if form.cards.data is None and not form.errors:
        form.cards.data, form.made_before.data = suggested.get(door.id), door.cards.made
    return render_template("campaigns/cards.html", campaign=campaign, demo=campaign.demo, door=door, form=form)


def _printed(campaign: Campaign, made: list[tuple[CollectorRow, Batch]], paper: str) -> Response:
    cards_a_page = PAPERS[paper]
    if cards_a_page is None:
        return _sheets(campaign, made)
    config = installation().config
    names = printed_doors(queries.collectors(session(), campaign.id))
    runs = [
        PrintRun(names[door.id], _("第 %(batch)s 批") % {"batch": batch.id}, batch.codes, batch.activated)
        for door, batch in made
    ]
    occasion = Occasion(campaign.title, config.public_url, language(), campaign.demo)
    # Sent as it is drawn and kept nowhere, like the page: only this answer holds the codes.
    pages = card_pdf(occasion, runs, cards_a_page, config.font)
    return file_answer(pages, f"{campaign.code}-cards.pdf", "application/pdf")


def _sheets(campaign: Campaign, made: list[tuple[CollectorRow, Batch]]) -> Response:
    """The sheets as one stream. The batches are committed before its first byte; only this answer holds the codes."""
    public_url = installation().config.public_url

    def pages() -> Iterator[Sheet]:
        for door, batch in made:
            yield from sheets(door, batch, public_url)

    stream = current_app.jinja_env.get_template("campaigns/sheets.html").stream(
        campaign=campaign,
        sheets=pages(),
        cards=sum(len(batch.codes) for _door, batch in made),
        spares=sum(len(batch.codes) - batch.activated for _door, batch in made),
        domain=qr.domain(public_url),
        path=qr.typed_path(public_url),
        titles=_titles(campaign),
    )
    stream.enable_buffering(100)
    return Response(stream_with_context(iter(stream)), mimetype="text/html")
