"""Fixing, at opening, which units each sitting of a related department is asked about.

Computed from the set-up alone and then kept: an order number that is stored with an answer must mean the same for ever.
"""

import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.campaigns.models import Campaign, Collector, Department, DrawnOrders, Unit
from survey_app.questionnaire.assignment import assign, most_units
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.setup import CampaignSetup


def fix_orders(
    session: Session, campaign: Campaign, setup: CampaignSetup, questionnaires: Mapping[str, Questionnaire]
) -> None:
    """The eight orders of every door of a department whose questionnaire repeats over units.

    questionnaires: by name. The doors of one questionnaire are balanced together.
    """
    units = dict(session.execute(select(Unit.code, Unit.id).where(Unit.campaign_id == campaign.id)).all())
    doors = session.execute(
        select(Collector.questionnaire, Collector.id, Department.code)
        .join(Department, Department.id == Collector.department_id)
        .where(Collector.campaign_id == campaign.id)
        .order_by(Collector.id)
    ).all()
    for name in dict.fromkeys(questionnaire for questionnaire, _, _ in doors):
        most = most_units(questionnaires[name])
        if most is None:
            continue
        assignment = assign(setup.departments, most)
        for questionnaire, collector_id, department in doors:
            if questionnaire == name:
                orders = [[units[code] for code in order] for order in assignment.orders[department]]
                session.add(DrawnOrders(collector_id=collector_id, orders=json.dumps(orders, separators=(",", ":"))))
