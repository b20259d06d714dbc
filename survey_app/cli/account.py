"""`pingyi account` and `pingyi audit`: the first administrator, a forgotten password, the chain of the audit log.

What the command line does stands in the audit log without a person: whoever may run it may read the database too.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from survey_app import clock
from survey_app.accounts import queries
from survey_app.accounts.models import AuditEntry
from survey_app.accounts.operations import people
from survey_app.accounts.operations.audit import Head, verify
from survey_app.accounts.operations.passwords import passwords
from survey_app.accounts.operations.sign_in import end_sessions
from survey_app.accounts.queries import AuditSearch, audit_entries
from survey_app.accounts.rules import ROLE_NAMES, Role, initial_password, password_faults
from survey_app.cli.database import import_every_model
from survey_app.config import Config
from survey_app.db import Database
from survey_app.errors import AppError, BadInput


class UnknownAgency(AppError):
    """An agency that nobody has registered; being named in a set-up does not register it."""

    code, status = "unknown_agency", 404
    zh = "没有登记过名为“{name}”的机构。请管理员先在网页的“机构”中登记。"
    en = "No agency called “{name}” is registered. An administrator registers it first, on the page 机构 (Agencies)."


@dataclass(frozen=True)
class _Password:
    """What to store, and what to tell: nothing where the person typed it themselves."""

    hash: str
    shown: str | None


@click.group("account")
def group() -> None:
    """账号与角色 / Accounts and roles."""
    import_every_model()


@click.group("audit")
def audit_group() -> None:
    """审计日志 / The audit log."""
    import_every_model()


@group.command("create")
@click.argument("login")
@click.option("--name", required=True, help="姓名 / name")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]), help="角色 / role")
@click.option("--campaign", help="轮次代码 / campaign code")
@click.option("--agency", help="第三方机构全称 / full name of the agency")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码 / read the password from standard input")
def create(  # noqa: PLR0917  # one argument an option
    login: str, name: str, roles: tuple[str, ...], campaign: str | None, agency: str | None, password_stdin: bool
) -> None:
    """新建账号并授予角色 / Make an account and give it roles."""
    config = Config.from_environment()
    password = _new_password(config, login, password_stdin)
    with _writing(config) as session:
        now = clock.now()
        person = people.create_person(
            session,
            now,
            None,
            login=login,
            name=name,
            password_hash=password.hash,
            password_is_initial=password.shown is not None,
            agency_id=_agency(session, agency),
        )
        for role in roles:
            people.grant(session, now, None, person.id, role=Role(role), campaign_code=campaign)
        login = person.login
    click.echo(f"已建立账号 {login} / account {login} created")
    _tell(password)


@group.command("list")
def list_accounts() -> None:
    """列出账号和角色 / List accounts and their roles."""
    with Database(Config.from_environment().database_url).reading() as session:
        held = queries.roles_by_person(session, clock.now())
        for person in queries.people(session):
            words = [
                "/".join(ROLE_NAMES[row.role]) + (f" @{row.campaign.code}" if row.campaign else "")
                for row in held.get(person.id, [])
            ]
            state = "" if person.active else "\t停用 / off"
            click.echo(f"{person.login}\t{person.name}\t{', '.join(words) or '-'}{state}")


@group.command("password")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码 / read the password from standard input")
def set_password(login: str, password_stdin: bool) -> None:
    """重置密码，结束全部会话 / Reset a password and end every sign-in."""
    config = Config.from_environment()
    password = _new_password(config, login, password_stdin)
    with _writing(config) as session:
        person = queries.person_by_login(session, login)
        initial = password.shown is not None
        people.set_password(session, clock.now(), None, person.id, password.hash, initial=initial)
    click.echo(f"已重置 {login} 的密码 / the password of {login} was reset")
    _tell(password)


@group.group("sessions")
def sessions() -> None:
    """登录会话 / Sign-ins."""


@sessions.command("end")
@click.argument("login")
def end(login: str) -> None:
    """结束此人的全部会话 / End every sign-in of a person."""
    with _writing(Config.from_environment()) as session:
        person = queries.person_by_login(session, login)
        ended = end_sessions(session, clock.now(), None, person.id)
    click.echo(f"已结束 {ended} 个会话 / {ended} sign-ins ended")


@audit_group.command("verify")
@click.option("--noted", metavar="NUMBER:HASH", help="以前抄存的序号和哈希 / number and hash as noted before")
def verify_chain(noted: str | None) -> None:
    """核对哈希链，断开时退出码为 1 / Follow the chain; exit code 1 where it breaks."""
    with Database(Config.from_environment().database_url).reading() as session:
        head = _head(noted)
        check = verify(session, head)
    if head and check.unlike_noted:
        click.echo(
            f"链条本身完好，但抄存的第 {head.number} 条已不在或已不同：日志被截尾或整体改写过\n"
            f"the chain holds in itself, but entry {head.number} as noted is gone or another one now: "
            "the log was cut off or rewritten",
            err=True,
        )
    elif not check.ok:
        click.echo(
            f"第 {check.first_bad} 条处断开：这一条或它与上一条之间被改动、删除或插入过\n"
            f"the chain breaks at entry {check.first_bad}: it, or what stood between it and the one before, "
            "was changed, removed or inserted",
            err=True,
        )
    else:
        click.echo(f"{check.entries} 条记录依次相连 / {check.entries} entries follow one from the other")
    if check.head:
        click.echo(f"最后一条完好的记录 / last sound entry {check.head.number}:{check.head.hash}")
    sys.exit(0 if check.ok else 1)


@audit_group.command("list")
@click.option("--action", default="", help="动作开头 / action begins with")
@click.option("--subject", default="", help="对象或内容含 / subject or detail contains")
@click.option("--last", default=50, show_default=True, help="最多几条 / at most")
def list_entries(action: str, subject: str, last: int) -> None:
    """列出审计记录，新的在后 / List entries, newest last."""
    with Database(Config.from_environment().database_url).reading() as session:
        names = queries.names(session)
        found: list[AuditEntry] = []
        before: int | None = None
        while len(found) < last:
            page = audit_entries(session, AuditSearch(action=action, subject=subject), before)
            found.extend(page)
            if not page:
                break
            before = page[-1].number
        for entry in reversed(found[:last]):
            nobody = "未登录/not signed in" if entry.action == "sign_in.blocked" else "命令行/cli"
            who = nobody if entry.person_id is None else names.get(entry.person_id, str(entry.person_id))
            at = entry.at.astimezone().isoformat(timespec="seconds")
            click.echo(f"{entry.number}\t{at}\t{who}\t{entry.action}\t{entry.subject}\t{entry.detail}")


@contextmanager
def _writing(config: Config) -> Iterator[Session]:
    with Database(config.database_url).writing() as session:
        yield session
        session.commit()


def _new_password(config: Config, login: str, from_stdin: bool) -> _Password:
    typed = sys.stdin.readline().rstrip("\r\n") if from_stdin else None
    if typed is not None:
        faults = password_faults(typed, login)
        if faults:
            raise BadInput(list(faults))
    password = initial_password() if typed is None else typed
    return _Password(passwords(config).hash(password), password if typed is None else None)


def _tell(password: _Password) -> None:
    if password.shown is not None:
        click.echo(f"初始密码（只显示这一次）/ initial password, shown once: {password.shown}")


def _agency(session: Session, name: str | None) -> int | None:
    if name is None:
        return None
    for agency in queries.agencies(session):
        if agency.name == name:
            return agency.id
    raise UnknownAgency(name=name)


def _head(noted: str | None) -> Head | None:
    if noted is None:
        return None
    parts = re.fullmatch(r"([1-9][0-9]{0,8})[:：]([0-9a-f]{64})", noted.strip().lower())
    if parts is None:
        raise click.BadParameter(
            "须为 序号:64 位哈希 / give NUMBER:HASH with 64 hexadecimal digits", param_hint="--noted"
        )
    return Head(int(parts[1]), parts[2])
