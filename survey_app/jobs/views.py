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
_PATIENCE = 60  # seconds that a job waits before the page asks whether the process runs at all


@blueprint.get("/jobs")
@allow(*READ)
def jobs(campaign_code: str) -> ResponseReturnValue:
    """Every job of the campaign. The page can be left: the work goes on."""
    campaign = campaigns.campaign(session(), campaign_code, actor().agency_id)
    found = queries.jobs(session(), campaign.id)
    now = clock.now()
    stuck = [job for job in found if job.state == "waiting" and (now - job.created_at).total_seconds() > _PATIENCE]
    working = any(job.state == "running" for job in found)
    return render_template(
        "jobs/jobs.html", campaign=campaign, demo=campaign.demo, jobs=found, stuck=bool(stuck) and not working
    )
