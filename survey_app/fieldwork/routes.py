"""Every office page of fieldwork, on one blueprint."""

from survey_app.fieldwork import card_views, import_views, list_views, paper_views
from survey_app.fieldwork.views import blueprint

__all__ = ["blueprint", "card_views", "import_views", "list_views", "paper_views"]
