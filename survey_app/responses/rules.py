"""Why somebody on the respondent path is sent away, or asked again, before anything is stored. Pure."""

from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from survey_app.errors import AppError


class Stop(AppError):
    """Somebody cannot go on from here. The page says why and what to do; `final` ones end with this card."""

    status = 409
    title_zh: ClassVar[str]
    title_en: ClassVar[str]
    final: ClassVar[bool] = False

    def title(self, language: str) -> str:
        """The heading of the page."""
        return self.title_zh if language == "zh" else self.title_en


class UnknownCode(Stop):
    """Not a code, or a code that nobody made."""

    code, status = "unknown_code", 404
    title_zh, title_en = "没有找到这个填答码", "This code was not found"
    zh = "请对照卡片重新输入16位填答码。字母不分大小写，数字0和字母O、数字1和字母I、L可以混写。"
    en = (
        "Please type the 16 characters on your card again. "
        "Capital and small letters are the same, and so are 0 and O, 1, I and L."
    )


class UsedCode(Stop):
    """Another sitting has spent this code."""

    code, final = "used_code", True
    title_zh, title_en = "这张卡已经用过", "This card has been used"
    zh = (
        "每张卡只能提交一次。如果刚才是您提交的，答卷已经收到，不用再填。"
        "如果您还没有填答，请向发卡人换一张没有用过的卡。"
    )
    en = (
        "A card can be used once. If it was you who just sent it in, your answers have been received. "
        "If you have not answered yet, ask for an unused card where you were given this one."
    )


class VoidedCode(Stop):
    """The whole batch of this card was withdrawn before it was handed out."""

    code, final = "voided_code", True
    title_zh, title_en = "这批卡片已作废", "These cards have been withdrawn"
    zh = "这张卡所在的整批卡片已经作废，没有一张能用。请向发卡人领取新卡。"
    en = "The whole batch has been withdrawn. Please ask for a new card where you were given this one."


class InactiveCode(Stop):
    """A spare card that nobody has activated yet."""

    code = "inactive_code"
    title_zh, title_en = "这是一张备用卡，还没有启用", "This is a spare card that is not in use yet"
    zh = "请把卡片交回发卡人，换一张正式的卡，或者请发卡人启用后再扫。"
    en = "Please hand it back for a regular card, or scan it again once it has been activated."


class UsedToken(Stop):
    """Another sitting has spent this token."""

    code, final = "used_token", True
    title_zh, title_en = "这份填答凭证已经用过", "This credential has been used"
    zh = "每份凭证只能提交一次。如果刚才是您提交的，答卷已经收到，不用再填。"
    en = "A credential can be used once. If it was you who just sent it in, your answers have been received."


class TooManyTokens(Stop):
    """More tokens came back than signatures were issued: nothing is taken before somebody has found out why."""

    code, status = "too_many_tokens", 409
    title_zh, title_en = "凭证数对不上，暂停接收", "The credentials do not add up"
    zh = "交回的填答凭证多于发出的，说明有人伪造。为保护结果，系统没有接收这份答卷。请告知首页上的投诉联系人。"
    en = (
        "More credentials came back than were issued, so somebody forges them. To protect the result this was not "
        "taken. Please tell the contact named on the start page."
    )


class UnknownLink(Stop):
    """Not the secret of a personal link, or one that was replaced."""

    code, status = "unknown_link", 404
    title_zh, title_en = "没有找到这个个人链接", "This personal link was not found"
    zh = "请对照邀请函重新输入16位个人码，字母不分大小写。如果您后来又收到过邀请函，请用最新的一份。"
    en = (
        "Please type the 16 characters of your invitation again; capital and small letters are the same. "
        "If you received another invitation later, use that one."
    )


class CardInstead(Stop):
    """This person took a card, which is their one credential."""

    code = "card_instead"
    title_zh, title_en = "您已经领取了填答卡片", "You have taken a card"
    zh = "每人只有一份凭证。您的那份是卡片，请扫描卡片上的二维码填答。没有领过卡的，请联系发邀请的人。"
    en = (
        "Everybody has one credential, and yours is the card: scan the QR code on it. "
        "If you never took one, ask whoever invited you."
    )


class IssuedBefore(Stop):
    """This link has its signature already, for a token that another browser holds."""

    code = "issued_before"
    title_zh, title_en = "填答凭证已经领取过", "Your credential has been issued"
    zh = (
        "凭证只存在领取时所用的那部手机的那个浏览器里，请回到那里打开个人链接。"
        "凭证不能重发：系统不知道哪份答卷是您的，重发就可能一人两份。"
    )
    en = (
        "The credential is in the browser of the phone that fetched it: open your personal link there. It cannot be "
        "issued again: nobody knows which answer is yours, so one person might count twice."
    )


class BadBlinded(Stop):
    """Not a blinded message of the published key."""

    code, status = "bad_blinded", 400
    title_zh, title_en = "凭证请求不完整", "The request for a credential is damaged"
    zh = "没有发出凭证，您的个人链接仍然有效。请刷新本页再试；仍不行的，请换一个浏览器，或领取卡片。"
    en = (
        "Nothing was issued and your link stays valid. Reload this page and try again; "
        "if that does not help, use another browser or take a card."
    )


class BadToken(Stop):
    """Not a token that the key of this collector has signed."""

    code, status = "bad_token", 400
    title_zh, title_en = "填答凭证无效", "This credential is not valid"
    zh = "这份凭证不是本次评估发出的，或者被改动过。请在领取凭证的手机上重新打开个人链接。"
    en = (
        "This evaluation did not issue it, or it was changed. "
        "Open your personal link again on the phone that fetched it."
    )


class NoSigningKey(Stop):
    """The key file is gone: nobody can be issued anything any more, cards still work."""

    # Not a fault that passes: the phone shows this page instead of asking to try once more.
    code, status = "no_signing_key", 409
    title_zh, title_en = "暂时不能发放凭证", "Credentials cannot be issued at the moment"
    zh = "您的个人链接仍然有效，请稍后再试，或联系发邀请的人领取卡片。"
    en = "Your link stays valid. Please try again later, or ask whoever invited you for a card."


class NotIssued(Stop):
    """The database did not take it: nothing was issued."""

    code, status = "not_issued", 503
    title_zh, title_en = "暂时没有领取成功", "The credential could not be issued just now"
    zh = "您的个人链接仍然有效，请过一两分钟再试。"
    en = "Your link stays valid. Please try again in a minute or two."


class NotYetOpen(Stop):
    """The campaign, or this door of it, has not begun."""

    code = "not_yet_open"
    title_zh, title_en = "问卷还没有开始", "The questionnaire has not opened yet"
    zh = "填答时间从{opens}开始，到{closes}结束。请保管好卡片，到时再扫。"
    en = "It can be answered from {opens} to {closes}. Please keep the card and scan it again then."


class Paused(Stop):
    """Somebody paused collecting; the card stays good."""

    code = "paused"
    title_zh, title_en = "问卷暂停收集", "The questionnaire is paused"
    zh = "现在暂时不能填答，您的卡片仍然有效。请过些时候再来，最晚到{closes}。"
    en = (
        "Answers are not taken at the moment. Your card stays valid; please come back later, by {closes} at the latest."
    )


class Closed(Stop):
    """After the last day, or closed before it."""

    code, final = "closed", True
    title_zh, title_en = "问卷已经结束", "The questionnaire has closed"
    zh = "现在不再接收答卷。谢谢您的关心。"
    en = "Answers are no longer taken. Thank you for coming."


class Full(Stop):
    """As many have answered here as were wanted. A card stays good: the quota may be raised."""

    code = "full"
    title_zh, title_en = "名额已满", "No places left"
    zh = "计划收集的份数已经收满，不再接收答卷；没有提交的内容不会保存。谢谢您的关心。"
    en = "As many answers as were planned have come in, and no more are taken. Nothing unsent is kept. Thank you."


class NoSuchPage(Stop):
    """The page after sending, of a campaign or a questionnaire that does not exist."""

    code, status = "no_such_page", 404
    title_zh, title_en = "没有这个页面", "There is no such page"
    zh = "请核对网址，或者重新扫描卡片上的二维码。"
    en = "Please check the address, or scan the QR code on the card again."


class OutOfOrder(Stop):
    """The database cannot be asked."""

    code, status = "out_of_order", 503
    title_zh, title_en = "系统暂时不能使用", "Out of order for a moment"
    zh = "请过一两分钟再试。您的卡片不会因此失效。"
    en = "Please try again in a minute or two. Your card loses nothing by this."


class WrongOrigin(Stop):
    """Another site sent this form, or the browser hides which did."""

    code, status = "wrong_origin", 403
    title_zh, title_en = "这份内容不是从本页面提交的", "This was not sent from this page"
    zh = "为防止他人冒填，没有接收。请用手机自带的浏览器或微信重新扫描二维码，从问卷页面提交。"
    en = (
        "It was not taken, so that nobody can answer in your place. "
        "Scan the QR code again with your phone's browser or WeChat and send from there."
    )


class TooLarge(Stop):
    """More than any questionnaire needs."""

    code, status = "too_large", 413
    title_zh, title_en = "提交的内容过大", "What was sent is too large"
    zh = "一次最多接收256 kB。请回到填写的页面，把文字题写短一些再提交。"
    en = "At most 256 kB are taken. Please go back to your answers, shorten the written ones and send again."


class Incomplete(Stop):
    """The connection broke while the form was on its way."""

    code, status = "incomplete", 400
    title_zh, title_en = "没有收全", "This did not arrive whole"
    zh = "网络中途断开，没有收全，所以没有保存。请回到填写的页面，再提交一次。"
    en = "The connection broke on the way, so nothing was stored. Please go back to your answers and send again."


class WrongType(Stop):
    """Not a form."""

    code, status = "wrong_type", 415
    title_zh, title_en = "提交的格式不能识别", "What was sent is not a form"
    zh = "请从问卷页面提交。如果您用的就是问卷页面，请换一个浏览器再试。"
    en = "Please send from the questionnaire's page. If you did, try again with another browser."


class NotStored(AppError):
    """The database did not take it; the page keeps everything and the phone tries again."""

    code, status = "not_stored", 503
    zh = "系统暂时没能保存，您填写的内容都还在。请稍后再点一次提交。"
    en = "This could not be stored just now. Everything you filled in is still here; please send it again in a moment."


class PausedMeanwhile(AppError):
    """Somebody paused collecting while this person was answering."""

    code, status = "paused_meanwhile", 409
    zh = "问卷暂停收集，这份答卷还没有提交。您填写的内容都还在，请过些时候再点一次提交，最晚到{closes}。"
    en = (
        "The questionnaire is paused and this was not sent. Everything you filled in is still here; "
        "please send it again later, by {closes} at the latest."
    )


class NothingAnswered(AppError):
    """A whole sitting without one answer: most likely a slip of the finger, and it would spend the card."""

    code, status = "nothing_answered", 422
    zh = "您还没有作答任何题目，所以没有提交。不想填答的话，直接关闭页面就可以。"
    en = "Nothing has been answered yet, so nothing was sent. If you would rather not answer, just close this page."


class TooManyUnits(AppError):
    """More units ticked than one sitting rates."""

    code, status = "too_many_units", 422
    zh = "您勾选了{chosen}个单位，一次最多评{most}个。请取消{over}个，已填写的内容都还在。"
    en = "You ticked {chosen} units; at most {most} can be rated. Untick {over}; everything filled in is still here."


class NoUnitKnown(AppError):
    """Every unit was offered and none ticked: most likely somebody has overlooked the boxes."""

    code, status = "no_unit_known", 422
    zh = "您没有勾选任何单位。请勾选您了解的单位；确实都不了解的，请点“都不了解，提交”。"
    en = "No unit is ticked. Please tick those whose work you know; if you know none, tap “I know none of them, send”."


# Titles of errors that other modules raise and that a respondent can meet.
TITLES = {
    "bad_capability": ("这个页面已失效", "This page is no longer valid"),
    "expired_capability": ("问卷已经截止", "The questionnaire has closed"),
    "too_often": ("操作太频繁", "Too many requests"),
}


def title_of(error: AppError, language: str) -> str:
    """The heading of the page that an error becomes."""
    if isinstance(error, Stop):
        return error.title(language)
    zh, en = TITLES.get(error.code, ("没有完成", "Not done"))
    return zh if language == "zh" else en


def closing_moment(closes: date, timezone: str) -> datetime:
    """When the last day ends in the campaign's own time zone."""
    return datetime.combine(closes + timedelta(days=1), time(), ZoneInfo(timezone))
