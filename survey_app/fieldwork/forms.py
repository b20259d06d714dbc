"""The forms of fieldwork: entries of the card register, requests for spare cards."""

from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange

from survey_app.admission.operations import MOST_CARDS
from survey_app.web.forms import AtMost, Needed, OfficeForm


class MovementForm(OfficeForm):
    """What happened to cards of a batch, on which day, and to which office they went."""

    kind = SelectField(choices=["handed_out", "returned_unused"])  # type: ignore[list-item]  # the stubs lag behind
    cards = IntegerField(validators=[Needed(), NumberRange(1, MOST_CARDS)])
    on_day = DateField(validators=[Needed()])
    note = StringField(validators=[AtMost(200)])


class SpareForm(OfficeForm):
    """How many spares, and why."""

    cards = IntegerField(validators=[Needed(), NumberRange(1, MOST_CARDS)])
    reason = StringField(validators=[Needed(), AtMost(200)])
