"""The pages of the trust page: no cookie, no form, nothing written, the same for everybody."""

from importlib.metadata import version

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import render_template
from werkzeug.wrappers import Response as HttpResponse

from survey_app.campaigns.models import Campaign
from survey_app.config import recovery_key_set
from survey_app.invitations.rules import blind_rsa
from survey_app.responses.how import reading, words
from survey_app.responses.how.served import digests
from survey_app.responses.pages.notices import html
from survey_app.responses.rules import NoSuchPage
from survey_app.responses.views import blueprint
from survey_app.web.access import respondent
from survey_app.web.installation import installation
from survey_app.web.language import _
from survey_app.web.session import session


@blueprint.get("/how", strict_slashes=False)
@respondent
def how() -> HttpResponse:
    """How anonymity is kept on this installation, read from its database and its files as they are now."""
    config = installation().config
    found = reading.schema(session())
    explained, office, triggers = words.respondent_tables(), words.office_tables(), words.triggers()
    page = render_template(
        "responses/how.html",
        heading=_("怎样保证匿名，怎样查证"),
        tables=[
            (table, about.purpose, [(name, about.columns.get(name)) for name in found.tables[table]])
            for table, about in explained.items()
            if table in found.tables
        ],
        office=_grouped({name: office[name] for name in found.tables if name in office}),
        unexplained=[
            (name, columns) for name, columns in found.tables.items() if name not in explained and name not in office
        ],
        triggers=[(name, triggers.get(name)) for name in found.triggers],
        digests=digests(),
        version=version("pingyi"),
        public_url=config.public_url,
        https=config.is_https,
        recovery_key=recovery_key_set(config),
    )
    return html(page)


@blueprint.get("/how/<campaign_code>", strict_slashes=False)
@respondent
def how_campaign(campaign_code: str) -> HttpResponse:
    """The keys and counts of one campaign. Counts move by boxes and steps only."""
    found = reading.standing(session(), _campaign(campaign_code))
    states = {"open": _("开放中"), "paused": _("已暂停"), "closed": _("已关闭")}
    page = render_template(
        "responses/how_campaign.html",
        heading=_("本次评估的匿名与计数"),
        demo=found.campaign.demo,
        standing=found,
        state=states[found.campaign.state],
        tiers={"T0": _("开放链接"), "T1": _("填答卡片"), "T2": _("名单邀请")},
        audiences=_audiences(),
    )
    return html(page)


@blueprint.get("/how/<campaign_code>/keys")
@respondent
def how_keys(campaign_code: str) -> HttpResponse:
    """Every published key of a campaign as PEM, with its fingerprint, in one text file."""
    audiences, parts = _audiences(), []
    for key in reading.keys_of(session(), _campaign(campaign_code)):
        label = " · ".join(part for part in (key.place, audiences[key.audience], key.stratum) if part)
        public = blind_rsa.public_key(key.published.public_key)
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        parts.append(f"{label}\nSHA-256 {key.published.fingerprint}\n{pem}")
    if not parts:
        raise NoSuchPage
    return HttpResponse("\n".join(parts), mimetype="text/plain")


def _campaign(code: str) -> Campaign:
    found = reading.campaign(session(), code)
    if found is None:
        raise NoSuchPage
    return found


def _audiences() -> dict[str, str]:
    return {
        "staff": _("工作人员"),
        "service_recipient": _("管理服务对象"),
        "related_department": _("相关部门"),
    }


def _grouped(explained: dict[str, str]) -> list[tuple[str, list[str]]]:
    """What is said of tables, with the tables of which it is said."""
    found: dict[str, list[str]] = {}
    for name, purpose in explained.items():
        found.setdefault(purpose, []).append(name)
    return list(found.items())
