"""The base of every form of the office: token against forged forms, messages in the language of the page.

Labels stand in templates and messages of our own are translated when they are raised; the built-in messages of
WTForms come from its own catalogues.
"""

from flask_wtf import FlaskForm
from wtforms import Field, Form
from wtforms.i18n import DummyTranslations, get_translations
from wtforms.validators import StopValidation

from survey_app.web.language import _, language


class OfficeForm(FlaskForm):
    """A form with a CSRF token; `form.validate_on_submit()` as usual."""

    class Meta(FlaskForm.Meta):
        """Where built-in messages come from."""

        def get_translations(self, form: Form) -> object:  # noqa: ARG002  # the signature of WTForms
            """WTForms' own Chinese; English is what they are written in."""
            return get_translations(["zh"]) if language() == "zh" else DummyTranslations()


class Needed:
    """Something must be filled in; blanks do not count. Marks the input as required."""

    def __init__(self) -> None:
        self.field_flags = {"required": True}

    def __call__(self, _form: Form, field: Field) -> None:
        """Stop at an empty field; what could not be read has said so already."""
        data = field.data
        if data is None or (isinstance(data, str) and not data.strip()) or data == []:
            if field.errors and field.raw_data != [""]:
                raise StopValidation
            field.errors = []
            raise StopValidation(_("请填写这一项。"))


class AtMost:
    """At most so many characters, said in both languages and set on the input."""

    def __init__(self, characters: int) -> None:
        self._characters = characters
        self.field_flags = {"maxlength": characters}

    def __call__(self, _form: Form, field: Field) -> None:
        """Count characters, not bytes."""
        if len(field.data or "") > self._characters:
            raise StopValidation(_("最多 {n} 个字符。").format(n=self._characters))
