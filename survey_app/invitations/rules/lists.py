"""What a named list may be, its sums, and why an act on it is refused."""

from dataclasses import dataclass

from survey_app.errors import AppError

# One key for each collector: with fewer people behind it a signature would point at somebody.
MIN_INVITED = 10
MOST_INVITED = 20_000
LONGEST = 200
# While a campaign runs sums are shown in steps of so many people, the size of a box: no single person moves one.
STEP = 10


@dataclass(frozen=True)
class ListRow:
    """One person as the agency wrote them down. Nothing but `name` is needed."""

    name: str
    contact: str = ""
    note: str = ""


@dataclass(frozen=True)
class Invitation:
    """A row with its personal secret in clear: on its way to a sheet or a file, and nowhere else."""

    position: int
    row: ListRow
    secret: str


@dataclass(frozen=True)
class ListCounts:
    """The sums of one list. While a campaign runs they are shown in steps only, see `in_steps`."""

    invited: int = 0
    card_taken: int = 0
    issued: int = 0
    spent: int = 0

    def __add__(self, other: "ListCounts") -> "ListCounts":
        return ListCounts(
            self.invited + other.invited,
            self.card_taken + other.card_taken,
            self.issued + other.issued,
            self.spent + other.spent,
        )

    def in_steps(self) -> "ListCounts":
        """Sums rounded down to whole steps; `invited` is fixed and known to everybody."""
        return ListCounts(self.invited, *(count // STEP * STEP for count in (self.card_taken, self.issued, self.spent)))


@dataclass(frozen=True)
class InviteeStanding:
    """What the database knows behind one personal link. position: of the row, which outlives the link."""

    collector_id: int
    position: int
    card_taken: bool
    issued: bool
    blinded: bytes | None
    blind_signature: bytes | None


class ListFixed(AppError):
    """A list was to be changed after the campaign opened: then somebody could be added or left out unseen."""

    code, status = "list_fixed", 409
    zh = "“{door}”的名单在开放时已锁定，不能再增减。名单外的人不能经此填答。"
    en = "The list of “{door}” was fixed when the campaign opened; nobody can be added or removed."


class NoList(AppError):
    """An act on a list that nobody has imported."""

    code, status = "no_list", 409
    zh = "“{door}”还没有导入名单。"
    en = "No list has been imported for “{door}”."


class NotByList(AppError):
    """A list for a door that is not a named-list one."""

    code, status = "not_by_list", 409
    zh = "“{door}”不是按名单邀请的投放。请先在“投放与卡片”中改为名单邀请。"
    en = "“{door}” does not work by named list. Change it on the page of doors first."


class EveryoneHasALink(AppError):
    """Links were asked for, and nobody lacks one: a button pressed twice, or two people at once."""

    code, status = "everyone_has_a_link", 409
    zh = (
        "“{door}”没有人缺少个人链接（可能连点了两次）。个人链接只显示一次；如果上次没有保存好，"
        "请选择“重新制作”，尚未领取凭证的人会得到新链接，旧链接作废。"
    )
    en = (
        "Nobody on the list of “{door}” lacks a link (a second click, perhaps). Links are shown once; if the last ones "
        "were not kept, make them again: whoever has no credential yet gets a new link and the old one ends."
    )


class HasCredential(AppError):
    """A card for somebody whose phone has a signature already."""

    code, status = "has_credential", 409
    zh = "名单第 {position} 行的人已经用手机领取过填答凭证，不能再领卡。一人只有一份凭证。"
    en = (
        "Row {position} of the list already has a credential on a phone and cannot take a card. "
        "One person, one credential."
    )


class CardTakenAlready(AppError):
    """A second card for one person."""

    code, status = "card_taken_already", 409
    zh = "名单第 {position} 行的人已经登记领卡，不能再领。"
    en = "Row {position} of the list has taken a card already."


class CountsDoNotFit(AppError):
    """spent ≤ issued ≤ invited does not hold, or sums and rows differ: somebody reached into the database."""

    code, status = "list_counts_do_not_fit", 409
    zh = "“{door}”的名单数对不上（受邀 {invited}，领凭证 {issued}，已用 {spent}，与明细不符），不能继续。请查明原因。"
    en = (
        "The sums of the list of “{door}” do not fit its rows (invited {invited}, issued {issued}, spent {spent}). "
        "This cannot go on until it is explained."
    )
