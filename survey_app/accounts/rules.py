"""Who may do what, without a database: roles, what an engagement allows, passwords, how long things last."""

import re
import secrets
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from survey_app.errors import AppError


class Role(StrEnum):
    """What a person may be in a campaign. ADMINISTRATOR and AUDITOR hold for the whole installation."""

    ADMINISTRATOR = "administrator"
    DESIGNER = "designer"
    EVALUATOR = "evaluator"
    LEAD_EVALUATOR = "lead_evaluator"
    APPROVER = "approver"
    AUDITOR = "auditor"


INSTALLATION_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
# What the commissioning office never hands to the agency that it pays.
OFFICE_ROLES = INSTALLATION_ROLES | {Role.APPROVER}

ROLE_NAMES = {
    Role.ADMINISTRATOR: ("管理员", "administrator"),
    Role.DESIGNER: ("问卷设计人", "designer"),
    Role.EVALUATOR: ("评估人", "evaluator"),
    Role.LEAD_EVALUATOR: ("评估组长", "lead evaluator"),
    Role.APPROVER: ("审定人", "approver"),
    Role.AUDITOR: ("审计员", "auditor"),
}

# What the audit log calls an act, for people; an act that is not named here shows under its code.
ACTION_NAMES = {
    "sign_in": ("登录", "signed in"),
    "sign_in.blocked": ("登录失败过多，暂停", "sign-in blocked"),
    "session.end": ("结束会话", "ended a sign-in"),
    "session.end_all": ("结束全部会话", "ended all sign-ins"),
    "access.refused": ("越权访问被拒", "refused a page"),
    "person.create": ("新建账号", "created an account"),
    "person.activate": ("启用账号", "switched an account on"),
    "person.deactivate": ("停用账号", "switched an account off"),
    "person.change_password": ("修改密码", "changed a password"),
    "person.reset_password": ("重置密码", "reset a password"),
    "role.grant": ("授予角色", "gave a role"),
    "role.revoke": ("收回角色", "took a role away"),
    "agency.create": ("登记机构", "registered an agency"),
    "agency.engage": ("委托机构", "engaged an agency"),
    "agency.declare": ("签署利益冲突声明", "signed the declaration"),
    "campaign.create": ("新建评估轮次", "created a campaign"),
    "campaign.replace_setup": ("更换轮次设置", "replaced a set-up"),
    "campaign.open": ("开启评估轮次", "opened a campaign"),
    "campaign.pause": ("暂停评估轮次", "paused a campaign"),
    "campaign.resume": ("恢复评估轮次", "resumed a campaign"),
    "campaign.stop": ("停止接收答卷", "stopped taking answers"),
    "campaign.close": ("结束评估轮次", "closed a campaign"),
    "collector.set_tier": ("设定投放方式", "set how a collector collects"),
    "list.import": ("导入受邀人名单", "imported a list of invited people"),
    "list.discard": ("删除受邀人名单", "deleted a list of invited people"),
    "list.make_links": ("制作邀请", "made invitations"),
    "list.card_taken": ("登记领卡", "registered a card taken"),
    "paper.register": ("登记纸质问卷", "registered paper questionnaires"),
    "paper.open_batch": ("开始录入纸质批次", "began to enter a batch of paper"),
    "paper.settle": ("核对纸质双录", "settled a sheet entered twice"),
    "paper.hand_in": ("纸质批次交卷", "handed in a batch of paper"),
    "paper.discard": ("作废纸质批次", "discarded a batch of paper"),
    "answers.import": ("导入答卷文件", "imported a file of answers"),
    "cards.make": ("制作填答卡", "made cards"),
    "cards.register": ("登记填答卡", "registered cards"),
    "cards.void": ("作废整批填答卡", "voided a batch of cards"),
    "cards.request_spares": ("申请启用备用卡", "asked for spare cards"),
    "cards.activate_spares": ("启用备用卡", "activated spare cards"),
    "score.compute": ("计算得分", "computed scores"),
    "score.confirm": ("确认得分", "confirmed a score"),
    "score.hold": ("暂不计分", "withheld a score"),
    "score.lift_hold": ("恢复计分", "lifted a hold"),
}

ABSOLUTE_SESSION = timedelta(hours=12)
FREE_FAILURES = 5
FIRST_BLOCK = timedelta(minutes=1)
LONGEST_BLOCK = timedelta(hours=1)
FAILURES_FORGOTTEN_AFTER = timedelta(hours=24)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]")
_FEWEST_SIGNS = 5
# Twelve signs or more that guessing programs try first; shorter ones fail by their length already.
_COMMON_LIST = (
    "password1234 password12345 password123456 passw0rd1234 administrator administrator1 admin1234567 admin12345678 "
    "1qaz2wsx3edc 1qaz2wsx3edc4rfv qazwsxedcrfv qwertyuiop12 qwertyuiop123 qwertyuiop[] 1q2w3e4r5t6y 1q2w3e4r5t6y7u "
    "123456789012 1234567890123 12345678910 123456123456 123123123123 abcd12345678 abcdefghijkl abc123456789 "
    "woaini1314520 woaini5201314 5201314woaini iloveyou1234 letmein12345 welcome12345 changeme1234 mima12345678"
)
_COMMON = frozenset(_COMMON_LIST.split())


@dataclass(frozen=True)
class Engagement:
    """委托: one agency's mandate for one campaign, as far as opening that campaign depends on it."""

    starts: date
    ends: date
    declaration_signed: bool

    def allows(self, day: date) -> bool:
        """Within the dates, and only with a signed declaration of no conflict of interest."""
        return self.declaration_signed and self.starts <= day <= self.ends


@dataclass(frozen=True)
class Grant:
    """A role that holds now: everywhere (no campaign) or in one campaign."""

    role: Role
    campaign_code: str | None


@dataclass(frozen=True)
class SignedIn:
    """The person behind a request. `grants` are only those that hold at this moment, engagements considered."""

    person_id: int
    name: str
    login: str
    agency_id: int | None
    language: str
    grants: frozenset[Grant]
    session_id: bytes
    last_seen: datetime
    password_is_initial: bool = False

    def holds(self, roles: AbstractSet[str], campaign_code: str | None) -> bool:
        """Whether one of these roles is held: in that campaign or everywhere; without a campaign, in any at all."""
        return any(
            grant.role in roles and (grant.campaign_code in {None, campaign_code} or campaign_code is None)
            for grant in self.grants
        )


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was typed, in both languages."""

    zh: str
    en: str

    def message(self, language: str) -> str:
        """The sentence in `zh` or `en`."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class LoginTaken(AppError):
    """Two people cannot sign in under one name."""

    code, status = "login_taken", 409
    zh = "登录名“{login}”已被使用，请另取一个。"
    en = "The sign-in name “{login}” is taken; choose another."


class AgencyNameTaken(AppError):
    """Two agencies of one name could not be told apart."""

    code, status = "agency_name_taken", 409
    zh = "机构“{name}”已经登记。"
    en = "The agency “{name}” is registered already."


class LastAdministrator(AppError):
    """Without an administrator nobody could make one again."""

    code, status = "last_administrator", 409
    zh = "“{name}”是唯一在用的管理员，不能停用或收回其管理员角色。请先指定另一位管理员。"
    en = "“{name}” is the only active administrator; name another one first."


class NotForAgencies(AppError):
    """A role that only people of the commissioning office may hold."""

    code, status = "not_for_agencies", 409
    zh = "“{name}”属于第三方机构，不能担任{role_zh}：该角色只能由编办人员担任。"
    en = "“{name}” belongs to an agency and cannot be {role_en}: only people of the commissioning office can."


class CampaignRoleNeeded(AppError):
    """A role of one campaign without the campaign, or an installation role with one."""

    code, status = "campaign_role_needed", 422
    zh = "角色“{role_zh}”{why_zh}。"
    en = "The role {role_en} {why_en}."


class NoEngagement(AppError):
    """An agency's account outside its mandate."""

    code, status = "no_engagement", 403
    zh = "贵机构在这一轮次没有在期内的委托，不能打开。请与委托方联系，核对委托起止日期。"
    en = "Your agency has no engagement in force for this campaign. Ask the commissioning office about its dates."


class NoDeclaration(AppError):
    """An agency's account whose agency has not declared that it has no conflict of interest."""

    code, status = "no_declaration", 403
    zh = "贵机构尚未签署这一轮次的利益冲突声明。请先在“利益冲突声明”页签署。"
    en = "Your agency has not signed the conflict-of-interest declaration of this campaign. Sign it first."


class AlreadyDeclared(AppError):
    """A declaration is signed once; its text, name and time are kept."""

    code, status = "already_declared", 409
    zh = "这份声明已经签署，不能重复签署。"
    en = "This declaration has been signed already."


class EndsBeforeItStarts(AppError):
    """An engagement whose dates are the wrong way round."""

    code, status = "ends_before_it_starts", 422
    zh = "委托的结束日期 {ends} 早于开始日期 {starts}，请核对。"
    en = "The engagement ends ({ends}) before it starts ({starts}); check the dates."


def login_faults(login: str) -> list[Fault]:
    """What is wrong with a sign-in name; nothing for a good one."""
    if _LOGIN.fullmatch(login):
        return []
    return [
        Fault(
            "登录名须为 2 至 64 个小写字母、数字、点、横线或下划线，首尾为字母或数字。",
            "A sign-in name has 2 to 64 small letters, digits, dots, dashes or underscores, "
            "and begins and ends with a letter or digit.",
        )
    ]


def password_faults(password: str, login: str) -> list[Fault]:
    """What is wrong with a new password: length first, then what is guessed first (NIST SP 800-63B, 3.1.1.2)."""
    plain = normalise_password(password)
    lowered = plain.casefold()
    faults = []
    if len(plain) < SHORTEST_PASSWORD:
        faults.append(
            Fault(f"密码至少 {SHORTEST_PASSWORD} 个字符。", f"A password has at least {SHORTEST_PASSWORD} characters.")
        )
    if len(plain) > LONGEST_PASSWORD:
        faults.append(
            Fault(f"密码最多 {LONGEST_PASSWORD} 个字符。", f"A password has at most {LONGEST_PASSWORD} characters.")
        )
    if login and login.casefold() in lowered and len(lowered) - len(login) < SHORTEST_PASSWORD // 2:
        faults.append(
            Fault("密码不能是登录名，也不能只比它多几个字符。", "A password is not the sign-in name plus a few signs.")
        )
    if lowered in _COMMON or len(set(lowered)) < _FEWEST_SIGNS:
        faults.append(
            Fault("这个密码太常见，最先会被猜到，请换一个。", "This password is among the first that are guessed.")
        )
    return faults


def normalise_password(password: str) -> str:
    """One form for what different keyboards send for the same characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def initial_password() -> str:
    """A password for handing over once: four groups of five signs that cannot be mistaken, 100 random bits."""
    signs = "0123456789abcdefghjkmnpqrstvwxyz"
    return "-".join("".join(secrets.choice(signs) for _ in range(5)) for _ in range(4))


def blocked_until(failures: int, last_failed: datetime) -> datetime:
    """Until when signing in under a name is refused: one minute at the fifth failure, then doubling up to an hour."""
    if failures < FREE_FAILURES:
        return last_failed
    # The exponent is capped before it is used: nobody needs 2 to the power of a million.
    doublings = min(failures - FREE_FAILURES, 12)
    return last_failed + min(FIRST_BLOCK * (1 << doublings), LONGEST_BLOCK)


def check_role(role: Role, *, in_campaign: bool, person_name: str, agency_id: int | None) -> None:
    """Raise CampaignRoleNeeded or NotForAgencies where a role cannot be given like this."""
    role_zh, role_en = ROLE_NAMES[role]
    if (role in INSTALLATION_ROLES) == in_campaign:
        zh, en = ("对全系统有效，不能只给一个轮次", "holds everywhere, not in one campaign")
        if not in_campaign:
            zh, en = (
                "须指定评估轮次（先创建轮次，再用它的代码）",
                "needs a campaign: create it first, then give its code",
            )
        raise CampaignRoleNeeded(role_zh=role_zh, role_en=role_en, why_zh=zh, why_en=en)
    if agency_id is not None and role in OFFICE_ROLES:
        raise NotForAgencies(name=person_name, role_zh=role_zh, role_en=role_en)


def office_address(wanted: str | None) -> str:
    """Where to go after signing in: a page of our own office, or its start page for anything else."""
    start = "/office/"
    if not wanted or "\\" in wanted or any(ord(sign) < 33 for sign in wanted):
        return start
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or not (parts.path == "/office" or parts.path.startswith(start)):
        return start
    return wanted if ".." not in parts.path.split("/") else start
