"""Named lists: a personal link lets a phone fetch one credential; later, elsewhere, the credential opens a sitting.

What must stay true: `/i` and `/s` know a person and never a token; `/t` and `/a` know a token and never a person. A
signature leaves only after the commit that keeps it. No cookie, nothing written on GET; `/t` writes nothing at all.
"""

import base64
import binascii
import logging
from typing import Any

import orjson
from flask import render_template, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as HttpResponse

from survey_app import clock
from survey_app.admission import rules as admission
from survey_app.campaigns.queries import doors
from survey_app.campaigns.queries.doors import Door
from survey_app.invitations import queries as invitations
from survey_app.invitations.operations.issuing import Issue, judge, keep_signature
from survey_app.invitations.operations.keys import SigningKeys
from survey_app.invitations.rules import blind_rsa
from survey_app.responses.pages.building import Opened, draft_name
from survey_app.responses.pages.entering import facts, first_page, opened, start_page
from survey_app.responses.pages.incoming import one, read_form
from survey_app.responses.pages.notices import CodeForm, html, notice, stopped
from survey_app.responses.rules import (
    BadBlinded,
    BadToken,
    CardInstead,
    Closed,
    IssuedBefore,
    NoSigningKey,
    NotIssued,
    Stop,
    UnknownLink,
    UsedToken,
    closing_moment,
)
from survey_app.responses.views import blueprint
from survey_app.web.access import respondent
from survey_app.web.installation import installation
from survey_app.web.language import _, language
from survey_app.web.session import session

log = logging.getLogger("pingyi.responses")

_STOPS: dict[Issue, type[Stop]] = {
    Issue.OTHER: IssuedBefore,
    Issue.CARD_TAKEN: CardInstead,
    Issue.UNKNOWN: UnknownLink,
}
# A signature of 256 bytes has 342 signs; more is not looked at.
_MOST_ENCODED = 400


@blueprint.get("/i", strict_slashes=False)
@blueprint.get("/I", strict_slashes=False)
@respondent
def ask_link() -> HttpResponse:
    """Where the personal code of an invitation is typed by hand."""
    return notice(_("请输入个人码"), [_("个人码是邀请函上二维码旁边的16位字母和数字。")], form=CodeForm(of="link"))


@blueprint.get("/i/<secret>", strict_slashes=False)
@blueprint.get("/I/<secret>", strict_slashes=False)
@respondent
def invitation(secret: str) -> HttpResponse:
    """The start page of a personal link. Mail filters and chat apps open links too: nothing changes."""
    return _invitation(secret, typed=False)


@blueprint.post("/i", strict_slashes=False)
@blueprint.post("/I", strict_slashes=False)
@respondent
def typed_link() -> HttpResponse:
    """The start page of a personal code that was typed."""
    fields = read_form(request, installation().config.public_url, stores=False)
    return _invitation(one(fields, "code"), typed=True)


@blueprint.post("/s")
@respondent
def sign() -> HttpResponse:
    """One blind signature for the person behind a link; the same one again for the same blinded message.

    Answers with the signature as plain text, or with a kind page.
    """
    config = installation().config
    fields = read_form(request, config.public_url, stores=True)
    link_hash = _link_hash(one(fields, "code"))
    found = _opened_behind(link_hash)
    blinded = _decoded(one(fields, "blinded"))
    if blinded is None:
        raise BadBlinded
    standing = invitations.standing(session(), link_hash)
    outcome = judge(standing, blinded)
    if outcome is Issue.AGAIN and standing is not None and standing.blind_signature is not None:
        return _signature(standing.blind_signature)
    if outcome is not None:
        raise _STOPS[outcome]
    signature = _signed(SigningKeys(config.key_directory), found.door.collector_id, blinded)
    # A read that is still open would keep SQLite's writer out.
    session().rollback()
    kept = _keep(found.door.collector_id, link_hash, blinded, signature)
    if kept not in {Issue.SIGNED, Issue.AGAIN}:
        raise _STOPS[kept]
    return _signature(signature)


@blueprint.get("/t")
@blueprint.get("/T")
@respondent
def token() -> HttpResponse:
    """Where a credential that lies on this phone is taken up. The page is the same for everybody."""
    return html(render_template("responses/token.html", heading=_("开始填答")))


@blueprint.post("/t")
@blueprint.post("/T")
@respondent
def begin_with_token() -> HttpResponse:
    """The questionnaire for whoever holds a token that the collector's key has signed; nothing is written."""
    fields = read_form(request, installation().config.public_url, stores=False)
    message, signature = _decoded(one(fields, "token")), _decoded(one(fields, "signature"))
    number = one(fields, "collector")
    if message is None or signature is None or not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise BadToken
    door = doors.door(session(), int(number))
    public = invitations.public_key(session(), int(number))
    if door is None or public is None or len(message) != blind_rsa.MESSAGE_BYTES:
        raise BadToken
    if not blind_rsa.verify(blind_rsa.public_key(public), message, signature):
        raise BadToken
    found = opened(door)
    spent_hash = blind_rsa.spent_hash(message)
    if invitations.token_receipt(session(), spent_hash) is not None:
        return stopped(UsedToken(demo=door.demo), draft_name(installation().config.secret, spent_hash))
    return first_page(found, spent_hash, by_token=True)


def _invitation(typed_secret: str, *, typed: bool) -> HttpResponse:
    secret = admission.normalise(typed_secret)
    try:
        link_hash = _link_hash(typed_secret)
    except UnknownLink as error:
        return _mistyped(error, typed_secret)
    standing = invitations.standing(session(), link_hash)
    if standing is None:
        return _mistyped(UnknownLink(), typed_secret)
    found = _opened_behind(link_hash)
    if standing.card_taken:
        raise CardInstead
    public = invitations.public_key(session(), standing.collector_id)
    if public is None:
        raise NoSigningKey
    door = found.door
    numbers = blind_rsa.public_key(public).public_numbers()
    return start_page(
        found,
        "responses/invitation.html",
        code=secret,
        typed=typed,
        # By the row, not by the link: after a new letter the phone still finds what it has fetched.
        token_name=draft_name(installation().config.secret, b"%d/%d" % (standing.collector_id, standing.position)),
        collector=door.collector_id,
        key=_encoded(numbers.n.to_bytes(blind_rsa.KEY_BYTES, "big")),
        fingerprint=blind_rsa.fingerprint(public),
        until=int(closing_moment(door.closes, door.timezone).timestamp()),
        words=_script_words(),
    )


def _link_hash(typed_secret: str) -> bytes:
    secret = admission.normalise(typed_secret)
    if secret is None:
        raise UnknownLink
    return admission.code_hash(secret)


def _opened_behind(link_hash: bytes) -> Opened:
    standing = invitations.standing(session(), link_hash)
    door = None if standing is None else doors.door(session(), standing.collector_id)
    if door is None:
        raise UnknownLink
    return opened(door)


def _mistyped(error: UnknownLink, typed_secret: str) -> HttpResponse:
    return notice(error.title(language()), [], error.status, form=CodeForm.wrong_link(typed_secret, error))


def _signed(keys: SigningKeys, collector_id: int, blinded: bytes) -> bytes:
    key = keys.read(collector_id)
    if key is None:
        log.error("signing_key_missing collector=%d", collector_id)
        raise NoSigningKey
    try:
        return blind_rsa.blind_sign(key, blinded)
    except blind_rsa.NotBlinded:
        raise BadBlinded from None
    except blind_rsa.SigningFault:
        log.error("signing_fault collector=%d", collector_id)  # noqa: TRY400  # a traceback could hold the key
        raise NoSigningKey from None


def _keep(collector_id: int, link_hash: bytes, blinded: bytes, signature: bytes) -> Issue:
    """In a transaction of its own, which looks once more whether answers are still taken."""

    def work(writing: Session) -> Issue | Door:
        door = doors.door(writing, collector_id)
        if door is None or doors.standing(door, clock.today(door.timezone)) != "open":
            return Issue.UNKNOWN if door is None else door
        return keep_signature(writing, collector_id, link_hash, blinded, signature)

    try:
        kept = installation().writer.exclusively(work)
    except (SQLAlchemyError, OSError) as error:
        log.error("signature_not_kept %s", type(error).__name__)  # noqa: TRY400  # a traceback may carry the link
        raise NotIssued from None
    if isinstance(kept, Door):
        opened(kept)  # says how it stands
        raise Closed(**facts(kept))
    return kept


def _signature(signature: bytes) -> HttpResponse:
    return HttpResponse(_encoded(signature), mimetype="text/plain")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes | None:
    """URL-safe base64 without padding; None for anything else."""
    if not text or len(text) > _MOST_ENCODED or not text.isascii():
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None


def _script_words() -> str:
    """What the script says, in this request's language."""
    words: dict[str, Any] = {
        "making": _("正在领取，请稍候。"),
        "failed": _("没有领取成功，网络或系统暂时不通。您的个人链接仍然有效，请稍后再点一次。"),
        "false": _("系统给出的签名不对，没有领取成功。请换个网络再试一次；仍不行的，请领取卡片，并告知投诉联系人。"),
        "differs": _("本页的公钥与公布的指纹不一致，请不要继续，并告知投诉联系人。"),
    }
    return orjson.dumps(words).decode()
