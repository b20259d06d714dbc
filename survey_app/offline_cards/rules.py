"""The two files of cards made elsewhere, and what can be wrong with them.

An order (制卡单) says which doors there are and how many cards each may have; the installation signs it, so that a
hashes file (摘要文件) made from it cannot name other doors, people or addresses. The hashes file holds SHA-256 of
codes, by door, in the order of the hashes: neither file holds a code.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from survey_app.admission.rules import code_hash
from survey_app.errors import AppError
from survey_app.questionnaire.base import Audience

FORMAT = 1
_LABEL = 8
_DOMAIN = b"pingyi card order\0"

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=10**6)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OrderedDoor(_Strict):
    """One door of an order. room: cards that may still become active; suggested: cards that it lacks."""

    collector: int
    place: str
    audience: Audience
    stratum: str | None
    number: Count
    mark: str
    headcount: Count
    room: Count
    suggested: Count


class CardOrder(_Strict):
    """制卡单: what an agency needs to make cards, and nothing that is secret."""

    kind: Literal["pingyi-card-order"]
    format: Literal[1]
    campaign: str
    title: str
    public_url: str
    demo: bool
    doors: list[OrderedDoor]
    signature: Hash


class HashedDoor(_Strict):
    """The hashes of one door, in rising order: those of cards in play, those of spares."""

    collector: int
    active: list[Hash]
    spare: list[Hash]

    @property
    def cards(self) -> int:
        """All of them."""
        return len(self.active) + len(self.spare)


class HashesFile(_Strict):
    """摘要文件: what comes back to the server."""

    kind: Literal["pingyi-card-hashes"]
    format: Literal[1]
    order: CardOrder
    doors: list[HashedDoor]
    digest: Hash

    @property
    def label(self) -> str:
        """How paper and register name this set of cards."""
        return self.digest[:_LABEL]


class UnreadableCardFile(AppError):
    """A file that is no order or no hashes file."""

    code, status = "unreadable_card_file", 422
    zh = "{name} 不是完整的{wanted_zh}（{place}）。请重新选择由本系统或 pingyi codes make 生成的文件，不要编辑它。"
    en = "{name} is not a whole {wanted_en} ({place}). Choose the file as it was made; it must not be edited."


class DamagedFile(AppError):
    """A hashes file that does not match its own digest."""

    code, status = "card_file_damaged", 422
    zh = "摘要文件的内容与它的校验值不符：文件被改动过，或传输时损坏。请从制卡的电脑上重新复制；仍不行请重新制卡。"
    en = (
        "The hashes file does not match its own digest: it was changed, or damaged on its way. Copy it again from the "
        "machine that made it; if that does not help, make the cards again."
    )


class NotOurOrder(AppError):
    """The order inside a hashes file was not signed for this campaign by this installation."""

    code, status = "not_our_order", 422
    zh = "摘要文件里的制卡单不是本系统为轮次“{campaign}”签发的，或被改动过。请重新下载制卡单，重新制卡。"
    en = (
        "The order inside the hashes file was not issued by this installation for the campaign “{campaign}”, or was "
        "changed. Download the order again and make the cards again."
    )


class OtherCampaign(AppError):
    """A hashes file of another campaign."""

    code, status = "hashes_of_another_campaign", 422
    zh = "这份摘要文件属于轮次“{given}”，不是“{campaign}”。请到那个轮次的页面导入。"
    en = "This hashes file belongs to the campaign “{given}”, not “{campaign}”. Import it on the pages of that one."


class AddressMoved(AppError):
    """The cards carry an address that is not the installation's any more."""

    code, status = "card_address_moved", 409
    zh = "卡片上印的网址是 {given}，本系统现在的网址是 {now}，卡片将无法打开。请重新下载制卡单，重新制卡。"
    en = "The cards carry the address {given}; it is {now} now, and they would lead nowhere. Make them again."


class NothingToMake(AppError):
    """No door of an order needs a card, or none of those that were named."""

    code, status = "no_cards_to_make", 422
    zh = "没有需要制作的卡片。请用 --collector 指定投放编号，用 --cards 指定张数；本制卡单中的投放编号：{collectors}。"
    en = (
        "There are no cards to make. Name doors by --collector and their cards by --cards; this order has {collectors}."
    )


class UnknownDoors(AppError):
    """A door was asked for that the order has not got."""

    code, status = "unknown_doors", 422
    zh = "制卡单中没有这些投放编号：{asked}。本制卡单中的投放编号：{collectors}。"
    en = "The order has no doors numbered {asked}; it has {collectors}."


class DoorRefused(AppError):
    """Between judging a file and storing it, something changed at one of its doors."""

    code, status = "door_refused", 409
    zh = "投放 {collector}：{zh}它前面的投放已导入；解决后可重新上传同一文件，已导入的会跳过。"
    en = (
        "Collector {collector}: {en} Those before it are imported; put this right and upload the same file again, "
        "which passes over what is there."
    )


@dataclass(frozen=True)
class ImportFault:
    """One thing that keeps a hashes file out, and what to do, in both languages."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


def unknown_door(collector: int) -> ImportFault:
    """The campaign has no such door, or the order has not."""
    return ImportFault(
        "unknown_collector",
        f"投放 {collector} 不在本轮次或制卡单中。请重新下载制卡单，重新制卡。",
        f"Collector {collector} is not in this campaign or not in the order. Download it and make the cards again.",
    )


def open_door(label: str) -> ImportFault:
    """An open link has no cards."""
    return ImportFault(
        "open_link",
        f"“{label}”现在是开放链接，没有卡片。请改回填答码卡片后再导入，或重新制卡。",
        f"“{label}” is an open link now and has no cards. Make it cards again before importing, or make other cards.",
    )


def door_twice(label: str) -> ImportFault:
    """One door stands twice in a file."""
    return ImportFault(
        "collector_twice",
        f"“{label}”在文件中出现了两次。请不要拼接文件。",
        f"“{label}” stands in the file twice. Do not join files.",
    )


def refused(label: str, reason: AppError) -> ImportFault:
    """What an operation would refuse for one door."""
    return ImportFault(reason.code, f"“{label}”：{reason.message('zh')}", f"“{label}”: {reason.message('en')}")


def hash_twice(label: str, cards: int) -> ImportFault:
    """Hashes that stand in a file more than once."""
    return ImportFault(
        "hash_twice",
        f"“{label}”有 {cards} 个摘要在文件中重复。请重新制卡。",
        f"“{label}”: {cards} hashes stand in the file more than once. Make the cards again.",
    )


def signed_order(key: bytes, content: dict[str, Any]) -> CardOrder:
    """An order with its signature. key: the campaign's secret."""
    return CardOrder.model_validate(content | {"signature": _signature(key, content)})


def is_signed(key: bytes, order: CardOrder) -> bool:
    """Whether the order is as it was issued."""
    content = order.model_dump(exclude={"signature"})
    return hmac.compare_digest(_signature(key, content), order.signature)


def hashes_file(order: CardOrder, drawn: Mapping[int, tuple[Sequence[str], int]]) -> HashesFile:
    """What goes to the server.

    drawn: collector -> its codes as `admission.rules.draw` orders them, and how many of them are for cards in play.
    """
    doors = [
        {"collector": collector, "active": _hashes(codes[:activated]), "spare": _hashes(codes[activated:])}
        for collector, (codes, activated) in drawn.items()
    ]
    content: dict[str, Any] = {
        "kind": "pingyi-card-hashes",
        "format": FORMAT,
        "order": order.model_dump(),
        "doors": doors,
    }
    return HashesFile.model_validate(content | {"digest": hashlib.sha256(rfc8785.dumps(content)).hexdigest()})


def written(file: CardOrder | HashesFile) -> bytes:
    """A file as it is saved."""
    return json.dumps(file.model_dump(), ensure_ascii=False, indent=1).encode()


def read_order(data: bytes, name: str) -> CardOrder:
    """Raises UnreadableCardFile."""
    return _read(CardOrder, data, name, "制卡单", "order")


def read_hashes(data: bytes, name: str) -> HashesFile:
    """Raises UnreadableCardFile, DamagedFile."""
    file = _read(HashesFile, data, name, "摘要文件", "hashes file")
    content = file.model_dump(exclude={"digest"})
    if hashlib.sha256(rfc8785.dumps(content)).hexdigest() != file.digest:
        raise DamagedFile
    return file


_File = TypeVar("_File", CardOrder, HashesFile)


def _read(model: type[_File], data: bytes, name: str, wanted_zh: str, wanted_en: str) -> _File:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        raise UnreadableCardFile(name=name, wanted_zh=wanted_zh, wanted_en=wanted_en, place=place) from None


def _signature(key: bytes, content: dict[str, Any]) -> str:
    return hmac.new(key, _DOMAIN + rfc8785.dumps(content), hashlib.sha256).hexdigest()


def _hashes(codes: Sequence[str]) -> list[str]:
    # In rising order: their place in the file must not say on which card a code stands.
    return sorted(code_hash(code).hex() for code in codes)
