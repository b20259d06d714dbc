"""Access codes (填答码): how one looks, how it is typed, what is kept of it, and what may happen to cards.

A code is 16 Crockford base32 symbols, 80 random bits. The database never holds one: it holds its SHA-256.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Literal

from survey_app.errors import AppError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_BITS = 5 * LENGTH
_GROUP = 4
_READ_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SYMBOLS = frozenset(ALPHABET)
_MAX_TYPED = 64

MovementKind = Literal["printed", "handed_out", "returned_unused"]
PaperKind = Literal["handed_out", "returned_unused", "entered"]


def new_code() -> str:
    """A fresh code from the operating system's random numbers."""
    number = secrets.randbits(_BITS)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(_BITS - 5, -1, -5))


def normalise(text: str) -> str | None:
    """What somebody typed, as the code it stands for; None when it cannot be one.

    Case, spaces, hyphens, signs that nobody sees, full-width letters of a Chinese keyboard, O for 0 and I or L for 1
    are forgiven.
    """
    if len(text) > _MAX_TYPED:
        return None
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFKC", text)
        if unicodedata.category(sign) not in {"Zs", "Pd", "Cc", "Cf"}
    )
    code = kept.upper().translate(_READ_ALIKE)
    return code if len(code) == LENGTH and set(code) <= _SYMBOLS else None


def code_hash(code: str) -> bytes:
    """SHA-256 of a normalised code: 32 bytes, all that is ever stored of it.

    80 random bits need no salt and no slow hash: nobody can list them.
    """
    return hashlib.sha256(code.encode("ascii")).digest()


def draw(cards: int, activated: int) -> tuple[str, ...]:
    """New codes for a batch: the first `activated` for cards in play, then the spares in the order of their hashes.

    Spares are activated in that order: "备用 1" comes first, and nothing has to be stored to know which card that is.
    """
    drawn = [new_code() for _ in range(cards)]
    return tuple(drawn[:activated] + sorted(drawn[activated:], key=code_hash))


def grouped(code: str) -> str:
    """The code as it is printed and read aloud: `ABCD-EFGH-JKMN-PQRS`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


@dataclass(frozen=True)
class CodeStanding:
    """What the database knows of one code."""

    collector_id: int
    active: bool
    used: bool
    receipt: bytes | None
    voided: bool


@dataclass(frozen=True)
class CardCounts:
    """Cards of one or several collectors. `used` is exact and for comparisons only: it is never shown as it stands."""

    made: int = 0
    activated: int = 0
    used: int = 0
    voided: int = 0
    printed: int = 0
    handed_out: int = 0
    returned_unused: int = 0

    @property
    def standing(self) -> int:
        """Made and not voided: the paper cards that there are."""
        return self.made - self.voided

    @property
    def out(self) -> int:
        """Handed out and not registered as returned."""
        return self.handed_out - self.returned_unused

    @property
    def spare(self) -> int:
        """备用: made, not voided, and not activated."""
        return self.made - self.voided - self.activated

    def __add__(self, other: "CardCounts") -> "CardCounts":
        return CardCounts(
            self.made + other.made,
            self.activated + other.activated,
            self.used + other.used,
            self.voided + other.voided,
            self.printed + other.printed,
            self.handed_out + other.handed_out,
            self.returned_unused + other.returned_unused,
        )


@dataclass(frozen=True)
class PaperCounts:
    """Paper questionnaires of one collector (纸质问卷): sheets, whoever got them."""

    handed_out: int = 0
    returned_unused: int = 0
    entered: int = 0

    @property
    def out(self) -> int:
        """Handed out and not registered as returned unused: how many can come back filled in."""
        return self.handed_out - self.returned_unused


class PaperDoesNotAddUp(AppError):
    """An entry after which more paper would have come back than went out."""

    code, status = "paper_does_not_add_up", 422
    zh = "纸质问卷登记数不符：此项最多还可登记 {most} 份，现为 {sheets} 份。请先登记发放，或核对纸面份数。"
    en = (
        "The register of paper questionnaires would not add up: at most {most} more here, not {sheets}. "
        "Register first what was handed out, or count the sheets again."
    )


class TooManyCards(AppError):
    """More cards than anybody prints in one go, or none."""

    code, status = "too_many_cards", 422
    zh = "一次可制作 1 到 {most} 张卡片，现为 {cards}。请分批制作。"
    en = "Between 1 and {most} cards are made in one go, not {cards}. Make several batches."


class MoreActiveThanPeople(AppError):
    """Cards made elsewhere would put more into play than there are people."""

    code, status = "more_active_than_people", 409
    zh = "要启用 {cards} 张卡片，现在最多还可启用 {room} 张。请下载新的制卡单，重新制卡。"
    en = (
        "{cards} cards would become active, and room is left for {room}. Download a new order and make the cards again."
    )


class CodesKnown(AppError):
    """Some of these codes are already stored."""

    code, status = "codes_known", 409
    zh = "有 {cards} 个填答码摘要已经存在于系统中。请不要拼接文件；请重新制卡，再导入新的摘要文件。"
    en = "{cards} of these hashes are already stored. Do not join files; make new cards and import their hashes file."


class SamePerson(AppError):
    """One person asked for spare cards and approved them."""

    code, status = "same_person", 409
    zh = "备用卡须由两个人启用：申请人不能批准自己的申请。请另一位负责人批准。"
    en = "Spare cards are activated by two people: whoever asks cannot approve. Let another person approve."


class NoRoomForSpares(AppError):
    """Activating these spares would put more cards into play than there are people."""

    code, status = "no_room_for_spares", 409
    zh = (
        "现在最多可启用 {room} 张备用卡，申请的是 {cards} 张。在用卡片不能超过人数："
        "请先登记收回的未用卡片，或作废未发放的批次。"
    )
    en = (
        "At most {room} spare cards can be activated now, not {cards}. Cards in play never exceed the headcount: "
        "first register unused cards that came back, or void a batch that was not handed out."
    )


class BatchIssued(AppError):
    """A batch that left the house cannot be voided: that could be aimed at one person."""

    code, status = "batch_issued", 409
    zh = "第 {batch} 批卡片已经发出或已有人使用，不能作废。只有整批未发放的卡片可以作废。"
    en = "Batch {batch} has been handed out or used and cannot be voided. Only whole unissued batches can."


class BatchVoided(AppError):
    """Something was asked of a batch that has been voided."""

    code, status = "batch_voided", 409
    zh = "第 {batch} 批卡片已经作废，不能再登记。请使用补印的批次。"
    en = "Batch {batch} has been voided; use the batch that was printed instead."


class RegisterDoesNotAddUp(AppError):
    """A movement of cards after which the register would hold more cards than there are."""

    code, status = "register_does_not_add_up", 422
    zh = "登记数不符：第 {batch} 批此项最多还可登记 {most} 张，填写的是 {cards} 张。请核对纸面卡片后重填。"
    en = (
        "The register would not add up: batch {batch} allows at most {most} more cards here, not {cards}. "
        "Count the paper cards and enter them again."
    )


class CorrectedBefore(AppError):
    """An entry that was corrected already, is itself a correction, or that the system wrote."""

    code, status = "corrected_before", 409
    zh = "这条登记不能更正：它已经更正过，或本身就是更正，或由系统自动记入。请刷新页面查看。"
    en = "This entry cannot be corrected: it has been, or is a correction itself, or was written by the system."


class CorrectionDoesNotAddUp(AppError):
    """Taking the cards of an entry back would leave more returned than handed out."""

    code, status = "correction_does_not_add_up", 409
    zh = "更正后第 {batch} 批的收回数会多于发出数。请先更正“收回未用”的登记，再更正这一条。"
    en = "Batch {batch} would have more cards returned than handed out. Correct the entries of returned cards first."
