"""The form that takes a hashes file."""

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from survey_app.web.forms import OfficeForm
from survey_app.web.language import _


class HashesForm(OfficeForm):
    """A hashes file made by `pingyi codes make`."""

    file = FileField()

    def validate_file(self, field: FileField) -> None:
        """A file must be chosen."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("请选择文件。"))
