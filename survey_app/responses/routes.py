"""Every route of the respondent path, on one blueprint."""

from survey_app.responses import invited
from survey_app.responses.how import views as how
from survey_app.responses.views import blueprint

__all__ = ["blueprint", "how", "invited"]
