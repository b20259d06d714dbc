"""All office pages of campaigns: importing this module registers them."""

from survey_app.campaigns.views import campaigns, posters
from survey_app.campaigns.views.frame import blueprint

__all__ = ["blueprint", "campaigns", "posters"]
