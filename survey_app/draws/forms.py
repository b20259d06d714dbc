"""The forms of draws: announcing one, drawing with the list and the seed."""

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange, ValidationError

from survey_app.draws.rules import LONGEST_SEED, MOST_ROWS
from survey_app.web.forms import AtMost, Needed, OfficeForm
from survey_app.web.language import _


class _WithList(OfficeForm):
    file = FileField()

    def validate_file(self, field: FileField) -> None:
        """A file must be chosen."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("请选择文件。"))

    def given(self) -> tuple[str, bytes]:
        """Its name and its bytes."""
        return self.file.data.filename or "", self.file.data.stream.read()


class AnnounceForm(_WithList):
    """What will be drawn, and by which seed."""

    purpose = StringField(validators=[Needed(), AtMost(200)])
    wanted = IntegerField(validators=[Needed(), NumberRange(1, MOST_ROWS)])
    stratum_column = StringField(validators=[AtMost(200)])
    seed_source = StringField(validators=[AtMost(200)])
    seed_hash = StringField(validators=[AtMost(64)])


class PerformForm(_WithList):
    """The announced list again, and the seed."""

    seed = StringField(validators=[Needed(), AtMost(LONGEST_SEED)])
