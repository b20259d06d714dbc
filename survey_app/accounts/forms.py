"""The forms of accounts. Labels stand in the templates; what is wrong is said in the language of the page."""

import hashlib

from wtforms import BooleanField, DateField, Form, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from survey_app.accounts.rules import (
    ACTION_NAMES,
    INSTALLATION_ROLES,
    LONGEST_PASSWORD,
    OFFICE_ROLES,
    ROLE_NAMES,
    Role,
    password_faults,
)
from survey_app.web.forms import AtMost, Needed, OfficeForm
from survey_app.web.language import _, language


def in_our_time(_form: Form, field: DateField) -> None:
    """A date that has a midnight in every time zone of the calendar."""
    if field.data is not None and not 2000 <= field.data.year < 2100:
        raise ValidationError(_("请填写 2000 年至 2099 年之间的日期。"))


class SignInForm(OfficeForm):
    """Name and password; `next` is the page that was asked for."""

    login = StringField(validators=[Needed(), AtMost(64)])
    password = PasswordField(validators=[Needed(), AtMost(LONGEST_PASSWORD)])
    next = HiddenField()


class ChangePasswordForm(OfficeForm):
    """The present password, and the new one twice; `own_login` is set by the view before validating."""

    own_login = ""
    present = PasswordField(validators=[Needed(), AtMost(LONGEST_PASSWORD)])
    new = PasswordField(validators=[Needed()])
    again = PasswordField(validators=[Needed()])

    def validate_new(self, field: PasswordField) -> None:
        """The rule of rules.password_faults."""
        faults = password_faults(field.data or "", self.own_login)
        if faults:
            raise ValidationError(" ".join(fault.message(language()) for fault in faults))
        if field.data == self.present.data:
            raise ValidationError(_("新密码与现在的密码相同，请换一个。"))

    def validate_again(self, field: PasswordField) -> None:
        """Typed twice the same."""
        if field.data != self.new.data:
            raise ValidationError(_("两次输入的新密码不一致。"))


class PersonForm(OfficeForm):
    """A new person. `agency` 0 is the commissioning office; the first role is optional and for the installation."""

    login = StringField(validators=[Needed(), AtMost(64)])
    name = StringField(validators=[Needed(), AtMost(100)])
    agency = SelectField(coerce=int)
    role = SelectField()


class RoleForm(OfficeForm):
    """A role; an empty campaign is the whole installation."""

    role = SelectField()
    campaign = SelectField()


class AgencyForm(OfficeForm):
    """A new agency."""

    name = StringField(validators=[Needed(), AtMost(200)])


class EngagementForm(OfficeForm):
    """A mandate: campaign and dates, both days included."""

    campaign = SelectField(validators=[Needed()])
    starts = DateField(validators=[Needed()])
    ends = DateField(validators=[Needed()])

    def validate_ends(self, field: DateField) -> None:
        """Not before it starts."""
        if field.data and self.starts.data and field.data < self.starts.data:
            raise ValidationError(_("结束日期早于开始日期。"))


class DeclarationForm(OfficeForm):
    """Signing: the box, and one's own name in full.

    `own_name` and `text`, what is signed now, are set by the view before validating.
    """

    own_name = ""
    text = ""
    read = HiddenField()
    agree = BooleanField()
    signature = StringField(validators=[Needed(), AtMost(100)])

    def digest(self) -> str:
        """What `read` must hold: nobody signs dates that were changed after they had read them."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def validate_read(self, field: HiddenField) -> None:
        """The text that was read is the text that is signed."""
        if field.data != self.digest():
            raise ValidationError(_("声明的内容在您打开本页之后有变动，请重新阅读后再签署。"))

    def validate_agree(self, field: BooleanField) -> None:
        """Signed only by somebody who says that they have read it."""
        if not field.data:
            raise ValidationError(_("请先阅读全文，并勾选此项。"))

    def validate_signature(self, field: StringField) -> None:
        """The signer's own name."""
        if (field.data or "").strip() != self.own_name:
            raise ValidationError(_("请输入您登记的姓名：{name}。").format(name=self.own_name))


class AuditSearchForm(OfficeForm):
    """What to look for; sent by GET, changes nothing, so it has no token."""

    class Meta(OfficeForm.Meta):
        """Without the token against forged forms."""

        csrf = False

    action = SelectField(default="")
    subject = StringField(validators=[Optional()])
    person = SelectField(coerce=int, default=0)
    since = DateField(validators=[Optional(), in_our_time])
    until = DateField(validators=[Optional(), in_our_time])


def role_name(role: str) -> str:
    """The role in the language of the page."""
    zh, en = ROLE_NAMES[Role(role)]
    return zh if language() == "zh" else en.capitalize()


def action_name(action: str) -> str:
    """What an act of the audit log is called in the language of the page; its code where it has no name."""
    if action not in ACTION_NAMES:
        return action
    zh, en = ACTION_NAMES[action]
    return zh if language() == "zh" else en.capitalize()


def role_choices(
    *, campaign_roles: bool = True, of_agency: bool = False, first: str | None = None
) -> list[tuple[str, str]]:
    """Roles for a list to choose from: what people of an agency may hold, or installation roles only, or all.

    first: the words of an empty choice before them.
    """
    some = [role for role in Role if campaign_roles or role in INSTALLATION_ROLES]
    some = [role for role in some if not (of_agency and role in OFFICE_ROLES)]
    empty = [("", first)] if first is not None else []
    return empty + [(role.value, role_name(role)) for role in some]
