"""Coming in: whether a door is open today, which language it speaks, its start page, and the first page of a sitting.

Cards, open links and named lists come in by this one way; what differs is how the right to answer is shown.
"""

from babel.dates import format_date
from flask import current_app, render_template
from werkzeug.wrappers import Response as HttpResponse

from survey_app import clock
from survey_app.campaigns.queries.doors import Door, standing
from survey_app.library import queries as library
from survey_app.questionnaire.texts import text
from survey_app.responses.capability import issue, seal
from survey_app.responses.pages.building import Course, Opened, Pages, Sealed, draft_name
from survey_app.responses.pages.notices import html
from survey_app.responses.rules import Closed, Full, NotYetOpen, Paused, closing_moment
from survey_app.responses.spending import room
from survey_app.web.installation import installation
from survey_app.web.language import LANGUAGES, _, language, set_language
from survey_app.web.session import session

_TONGUES = {"zh": "中文", "en": "English"}


def pages() -> Pages:
    """The pages that this process keeps ready."""
    kept: Pages = current_app.extensions["pingyi.pages"]
    return kept


def opened(door: Door) -> Opened:
    """The door with its questionnaire, if answers are taken today. Raises NotYetOpen, Paused, Closed or Full."""
    state = standing(door, clock.today(door.timezone))
    if state == "not_yet" or door.questionnaire_hash is None:
        raise NotYetOpen(**facts(door))
    if state == "paused":
        raise Paused(**facts(door))
    if state == "closed":
        raise Closed(**facts(door))
    if door.quota is not None and room(session(), {door.collector_id: door.quota})[door.collector_id] < 1:
        raise Full(**facts(door))
    questionnaire = library.questionnaire(session(), door.questionnaire_hash)
    found = Opened(door, questionnaire, door.questionnaire_hash)
    pages().opened.put(door.collector_id, found)
    return found


def facts(door: Door) -> dict[str, object]:
    """What the kind pages of this door put into their sentences."""
    opens, closes = (format_date(day, "long", locale=language()) for day in (door.opens, door.closes))
    return {"opens": opens, "closes": closes, "demo": door.demo}


def spoken(found: Opened) -> str:
    """The language of this request as far as the questionnaire speaks it."""
    return language() if language() in found.questionnaire.languages() else "zh"


def start_page(found: Opened, template: str = "responses/start.html", **more: object) -> HttpResponse:
    """What the law and fairness want said before anybody answers; `more` is what this way in adds."""
    set_language(spoken(found))
    door = found.door
    course = Course(door, found.questionnaire, language(), 0, flip=False)
    every_unit = course.most == len(door.units)
    others = [tongue for tongue in found.questionnaire.languages() if tongue in LANGUAGES and tongue != language()]
    page = render_template(
        template,
        demo=door.demo,
        campaign_code=door.campaign_code,
        heading=course.say(found.questionnaire.title),
        intro=[line for line in course.say(found.questionnaire.intro).split("\n") if line.strip()],
        duties=_duties_left(course),
        tier=door.tier,
        department=door.department_name,
        units=course.most,
        unit_names=[unit.name for unit in door.units] if every_unit else [],
        all_units=len(door.units),
        other_language=others[0] if others else None,
        other_name=_TONGUES[others[0]] if others else None,
        **more,
    )
    return html(page)


def first_page(found: Opened, code_hash: bytes | None, *, by_token: bool = False) -> HttpResponse:
    """The questionnaire itself, with a fresh capability in its form; nothing is written."""
    tongue = spoken(found)
    set_language(tongue)
    door, secret = found.door, installation().config.secret
    expires = int(closing_moment(door.closes, door.timezone).timestamp())
    now = int(clock.now().timestamp())
    capability = issue(door.collector_id, code_hash, now, expires, tongue, by_token=by_token)
    course = Course(door, found.questionnaire, tongue, capability.order_number, capability.flip)
    sealed = Sealed(seal(secret, capability), draft=draft_name(secret, code_hash), by_token=by_token)
    return html(pages().blank(course, 0, sealed, {}))


def _duties_left(course: Course) -> list[tuple[str, str]]:
    """What the law wants said and the questionnaire's own introduction does not say by name."""
    written = course.questionnaire.intro
    template = "" if written is None else text(written, course.language)
    names = course.names()
    wanted = {
        "office": (_("委托单位"), names["office"]),
        "agency": (_("承办机构"), names["agency"]),
        "minutes": (_("所需时间"), _("约{minutes}分钟").format(minutes=names["minutes"])),
        "retention": (_("答卷保存期限"), names["retention"]),
        "contact": (_("意见与投诉"), names["contact"]),
    }
    return [fact for name, fact in wanted.items() if "{{" + name + "}}" not in template]
