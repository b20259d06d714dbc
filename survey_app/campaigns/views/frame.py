"""What the office pages of campaigns share: their roles, the campaign of an address, files as answers."""

from collections.abc import Iterator

from flask import Blueprint, Response

from survey_app.accounts.rules import Role
from survey_app.campaigns.models import Campaign
from survey_app.campaigns.queries import campaigns as queries
from survey_app.web.access import actor
from survey_app.web.session import session

blueprint = Blueprint("campaigns", __name__, url_prefix="/office/campaigns")

MANAGE = (Role.ADMINISTRATOR, Role.DESIGNER, Role.LEAD_EVALUATOR)
READ = (*MANAGE, Role.EVALUATOR, Role.APPROVER, Role.AUDITOR)


def campaign_of(code: str) -> Campaign:
    """The campaign of an address, where it is in scope of whoever asks."""
    return queries.campaign(session(), code, actor().agency_id)


def file_answer(data: bytes | Iterator[bytes], name: str, kind: str) -> Response:
    """A file to save."""
    return Response(data, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
