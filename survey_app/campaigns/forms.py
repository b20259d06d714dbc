"""The forms of campaigns. Labels stand in the templates; what a set-up means is judged by its own checks."""

from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import DateField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from survey_app.admission.operations import MOST_CARDS
from survey_app.campaigns.export.card_pdf import CardsAPage
from survey_app.campaigns.operations.reading import GivenFile
from survey_app.library import queries as library
from survey_app.questionnaire.base import AUDIENCES
from survey_app.web.forms import AtMost, Needed, OfficeForm
from survey_app.web.language import _, language

# What a form may ask for -> cards on a page of the PDF file; none for the page of a browser.
PAPERS: dict[str, CardsAPage | None] = {"page": None, "pdf12": 12, "pdf24": 24}


class _Files(OfficeForm):
    own = MultipleFileField()

    def own_files(self) -> list[GivenFile]:
        """Questionnaires and plans of the office's own, where any were sent."""
        return [_given(file) for file in self.own.data or [] if isinstance(file, FileStorage) and file.filename]


class UploadForm(_Files):
    """A whole set-up as one file, JSON or Excel."""

    file = FileField()

    def validate_file(self, field: FileField) -> None:
        """A file must be chosen."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("请选择文件。"))

    def given(self) -> GivenFile:
        """The file, read."""
        return _given(self.file.data)


class BasicsForm(UploadForm):
    """The campaign itself by form; units and departments as a workbook."""

    code = StringField(validators=[Needed(), AtMost(64)])
    title = StringField(validators=[Needed(), AtMost(200)])
    office = StringField(validators=[Needed(), AtMost(200)])
    agency = StringField(validators=[Needed(), AtMost(200)])
    opens = DateField(validators=[Needed()])
    closes = DateField(validators=[Needed()])
    timezone = StringField(validators=[Needed(), AtMost(64)], default="Asia/Shanghai")
    retention = StringField(validators=[Needed(), AtMost(400)])
    contact = TextAreaField(validators=[Needed(), AtMost(400)])
    questionnaires = SelectMultipleField(validators=[Needed()], validate_choice=False)
    plan = StringField(validators=[Needed(), AtMost(64)], default="default")

    def offer(self) -> None:
        """Fill in the choices: the built-in questionnaires."""
        self.questionnaires.choices = {
            name: library.builtin("questionnaire", name)[0]["title"][language()]
            for name in library.builtin_names("questionnaire")
        }

    def campaign(self) -> dict[str, object]:
        """What the form says, in the shape of a set-up."""
        facts = {name: (self[name].data or "").strip() for name in ("code", "title", "office", "agency")}
        facts |= {name: (self[name].data or "").strip() for name in ("timezone", "retention", "contact")}
        assert self.opens.data is not None and self.closes.data is not None  # both are needed by the form
        days = {"opens": self.opens.data.isoformat(), "closes": self.closes.data.isoformat()}
        return {"campaign": facts | days, "questionnaires": self.questionnaires.data, "plan": self.plan.data}


class TierForm(OfficeForm):
    """Open link, cards or named list for one door."""

    tier = SelectField(choices=["T0", "T1", "T2"])  # type: ignore[list-item]  # the stubs lag behind WTForms 3.3


def _paper() -> SelectField:
    """How cards come: the page that a browser prints, or a PDF file of 12 or 24 a page."""
    return SelectField(choices=list(PAPERS), default="page")  # type: ignore[arg-type]  # the stubs lag behind


class CardsForm(OfficeForm):
    """How many cards to make for one door; `made_before`: how many it had had when the page was shown."""

    cards = IntegerField(validators=[Needed(), NumberRange(1, MOST_CARDS)])
    paper = _paper()
    made_before = IntegerField(widget=HiddenInput())


class AllCardsForm(OfficeForm):
    """Cards for every door of an audience that has none yet; `spares` more for each door."""

    audience = HiddenField(validators=[AnyOf(AUDIENCES)])
    paper = _paper()
    spares = IntegerField(validators=[NumberRange(0, 100)], default=0)


def _given(file: FileStorage) -> GivenFile:
    return GivenFile(file.filename or "", file.stream.read())
