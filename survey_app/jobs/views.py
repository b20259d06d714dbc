"""The office page of background work in a campaign: what waits, how far it is, how it ended."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from survey_app import clock
from survey_app.accounts.rules import Role
from survey_app.campaigns.queries import campaigns
from survey_app.jobs import queries
from survey_app.web.access import actor, allow
from survey_app.web.session import session

blueprint = Blueprint("jobs", __name__, url_prefix="/office/campaigns/<campaign_code>")

READ = (
    Role.ADMINISTRATOR, Role.DESIGNER, Role.LEAD_EVALUATOR, Role.EVALUATOR, Role.APPROVER, Role.AUDITOR,
)  # fmt: skip
# Seconds after which the page asks whether the process runs at all: of a job that waits, of one that is being done.
_PATIENCE, _LONG_PATIENCE = 60, 600
_OPEN = ("waiting", "running")


@blueprint.get("/jobs")
@allow(*READ)
def jobs(campaign_code: str) -> ResponseReturnValue:
    """Every job of the campaign. The page can be left: the work goes on."""
    campaign = campaigns.campaign(session(), campaign_code, actor().agency_id)
    found = queries.jobs(session(), campaign.id)
    now = clock.now()
    age = {state: [(now - job.created_at).total_seconds() for job in found if job.state == state] for state in _OPEN}
    waiting, running = (max(age[state], default=0) for state in _OPEN)
    return render_template(
        "jobs/jobs.html",
        campaign=campaign,
        demo=campaign.demo,
        jobs=found,
        stuck=waiting > _PATIENCE and not running,
        lasting=running > _LONG_PATIENCE,
    )
