"""The forms of fieldwork: the card register, counts of unused cards, quotas, spare cards, named lists."""

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional, ValidationError

from survey_app.admission.operations import MOST_CARDS
from survey_app.invitations.rules.lists import MOST_INVITED
from survey_app.web.forms import AtMost, Needed, OfficeForm
from survey_app.web.language import _


class MovementForm(OfficeForm):
    """What happened to cards of a batch, on which day, and to which office they went."""

    kind = SelectField(choices=["handed_out", "returned_unused"])  # type: ignore[list-item]  # the stubs lag behind
    cards = IntegerField(validators=[Needed(), NumberRange(1, MOST_CARDS)])
    on_day = DateField(validators=[Needed()])
    note = StringField(validators=[AtMost(200)])


class CorrectionForm(OfficeForm):
    """Why an entry of the register is taken back."""

    reason = StringField(validators=[Needed(), AtMost(200)])


class CountForm(OfficeForm):
    """How many unused cards were counted; the office that watched, where nobody else with an account did."""

    unused = IntegerField(validators=[Needed(), NumberRange(0, MOST_CARDS)])
    witness_office = StringField(validators=[AtMost(200)])
    remark = StringField(validators=[AtMost(200)])


class WaiverForm(OfficeForm):
    """Why cards cannot be counted."""

    reason = TextAreaField(validators=[Needed(), AtMost(500)])


class QuotaForm(OfficeForm):
    """The most sittings that a door lets in; blank: no limit."""

    quota = IntegerField(validators=[Optional(), NumberRange(0, 1_000_000)])


class SpareForm(OfficeForm):
    """How many spares, and why."""

    cards = IntegerField(validators=[Needed(), NumberRange(1, MOST_CARDS)])
    reason = StringField(validators=[Needed(), AtMost(200)])


class ListForm(OfficeForm):
    """The file with the people who are invited by name."""

    file = FileField()

    def validate_file(self, field: FileField) -> None:
        """A file must be chosen."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("请选择文件。"))

    def given(self) -> tuple[str, bytes]:
        """Its name and its bytes."""
        return self.file.data.filename or "", self.file.data.stream.read()


class LinksForm(OfficeForm):
    """On paper or as a file; for those without a link, or for all who have not used theirs."""

    kind = SelectField(choices=["letters", "file"])  # type: ignore[list-item]  # the stubs lag behind
    renew = BooleanField()


class CardTakenForm(OfficeForm):
    """Which row of the list takes a card."""

    position = IntegerField(validators=[Needed(), NumberRange(1, MOST_INVITED)])
