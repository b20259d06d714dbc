"""Open links on paper and in chat groups: posters, pictures, symbols."""

from collections.abc import Iterator

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.campaigns.export import qr
from survey_app.campaigns.export.archive import zipped
from survey_app.campaigns.export.cards import code_groups, printed_doors
from survey_app.campaigns.export.share import OpenLink, share_png
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.campaigns.queries.campaigns import CollectorRow
from survey_app.campaigns.views.frame import READ, blueprint, campaign_of, file_answer
from survey_app.errors import NotFound
from survey_app.web.access import allow
from survey_app.web.installation import installation
from survey_app.web.language import language
from survey_app.web.session import session


@blueprint.get("/<campaign_code>/collectors/<int:collector_id>/poster")
@allow(*READ)
def poster(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """An A4 poster of an open link."""
    campaign, door, link = _open_link(campaign_code, collector_id)
    modules, public_url = qr.matrix(link), installation().config.public_url
    return render_template(
        "campaigns/poster.html",
        campaign=campaign,
        door=door,
        symbol=qr.path(modules),
        side=len(modules),
        domain=qr.domain(public_url),
        path=qr.typed_path(public_url),
        groups=code_groups(door.open_code or ""),
    )


@blueprint.get("/<campaign_code>/collectors/<int:collector_id>/poster.png")
@allow(*READ)
def poster_symbol(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """The symbol of an open link as a picture, for screens and chat groups."""
    campaign, door, link = _open_link(campaign_code, collector_id)
    return file_answer(qr.png(link), f"{campaign.code}-{door.id}.png", "image/png")


@blueprint.get("/<campaign_code>/collectors/<int:collector_id>/share.png")
@allow(*READ)
def share(campaign_code: str, collector_id: int) -> ResponseReturnValue:
    """A picture of an open link with words, for chat groups."""
    campaign, door, link = _open_link(campaign_code, collector_id)
    return file_answer(_picture(campaign, door, link), f"{campaign.code}-{door.id}-share.png", "image/png")


@blueprint.get("/<campaign_code>/posters.zip")
@allow(*READ)
def posters(campaign_code: str) -> ResponseReturnValue:
    """Pictures and symbols of every open link of the campaign."""
    campaign = campaign_of(campaign_code)
    rows = [row for row in queries.collectors(session(), campaign.id) if row.open_code is not None]
    if not rows:
        raise NotFound(what="open links")
    names = printed_doors(queries.collectors(session(), campaign.id))
    shown = [(names[row.id].mark, _shown(campaign, row, _link(row))) for row in rows]
    chosen, font = language(), installation().config.font

    def files() -> Iterator[tuple[str, bytes]]:
        for mark, link in shown:
            yield f"{mark}-share.png", share_png(link, chosen, font)
            yield f"{mark}-symbol.png", qr.png(link.link)

    return file_answer(zipped(files()), f"{campaign.code}-posters.zip", "application/zip")


def _open_link(campaign_code: str, collector_id: int) -> tuple[Campaign, CollectorRow, str]:
    campaign = campaign_of(campaign_code)
    door = queries.collector(session(), campaign.id, collector_id)
    if door.open_code is None:
        raise NotFound(what=f"open link {collector_id}")
    return campaign, door, _link(door)


def _link(door: CollectorRow) -> str:
    return qr.link(installation().config.public_url, door.open_code or "")


def _shown(campaign: Campaign, door: CollectorRow, link: str) -> OpenLink:
    return OpenLink(
        title=campaign.title,
        office=campaign.office,
        place=door.place,
        link=link,
        public_url=installation().config.public_url,
        groups=code_groups(door.open_code or ""),
        closes=campaign.closes,
        demo=campaign.demo,
    )


def _picture(campaign: Campaign, door: CollectorRow, link: str) -> bytes:
    return share_png(_shown(campaign, door, link), language(), installation().config.font)
