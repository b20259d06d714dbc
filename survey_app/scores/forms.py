"""Forms of the score pages. What they mean is checked in `rules`; here only that something sensible was typed."""

from wtforms import DecimalField, HiddenField, TextAreaField

from survey_app.web.forms import AtMost, Needed, OfficeForm

LONGEST_REASON = 500


class ConfirmForm(OfficeForm):
    """Points that an evaluator confirms for one indicator, and why."""

    indicator = HiddenField(validators=[Needed()])
    points = DecimalField("确认分", places=None, validators=[Needed()])
    reason = TextAreaField("理由", validators=[Needed(), AtMost(LONGEST_REASON)])


class HoldForm(OfficeForm):
    """A proven case of guiding or filling in for others, or taking it back."""

    audience = HiddenField(validators=[Needed()])
    reason = TextAreaField("情况说明", validators=[Needed(), AtMost(LONGEST_REASON)])
