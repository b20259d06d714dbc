"""Tables of paper entry and of file import. What is typed or imported waits here only until it is stored.

No clock time, no order of entry: entries have random ids and are sealed; a hash of an imported row says that it was
stored, not as which response.
"""

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base


class PaperBatch(Base):
    """纸质批次: filled-in sheets of one collector that are entered together and handed in together, or not at all.

    `last_entry` is the one entry that whoever enters may take back: the newest, and no other.
    """

    __tablename__ = "paper_batch"
    __table_args__ = (
        CheckConstraint("state IN ('entering', 'handed_in', 'discarded')", name="known_state"),
        CheckConstraint("sheets > 0", name="some_sheets"),
        CheckConstraint("twice OR (second_by IS NULL AND NOT same_person)", name="second_pass_of_two"),
        CheckConstraint("second_by IS NULL OR same_person OR second_by <> first_by", name="two_people"),
        CheckConstraint("last_entry IS NULL OR (state = 'entering' AND NOT twice)", name="taken_back_while_entering"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), index=True)
    sheets: Mapped[int]
    twice: Mapped[bool]
    same_person: Mapped[bool]
    state: Mapped[str] = mapped_column(String(9), default="entering")
    first_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    second_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    last_entry: Mapped[bytes | None] = mapped_column(LargeBinary(16))


class PaperEntry(Base):
    """One sheet as it was typed, sealed under the batch's key until the batch is handed in; then it is gone.

    `sheet` is the number written on the paper, kept for entry in two passes only; one pass has no order at all.
    """

    __tablename__ = "paper_entry"
    __table_args__ = (
        CheckConstraint("pass_number IN (1, 2)", name="first_or_second_pass"),
        CheckConstraint("sheet IS NULL OR sheet > 0", name="sheets_count_from_one"),
        CheckConstraint("pass_number = 1 OR sheet IS NOT NULL", name="two_passes_need_sheet_numbers"),
        UniqueConstraint("batch_id", "pass_number", "sheet"),
        {"sqlite_with_rowid": False},
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("paper_batch.id"), primary_key=True, autoincrement=False)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    pass_number: Mapped[int] = mapped_column(SmallInteger)
    sheet: Mapped[int | None]
    ciphertext: Mapped[bytes]


class ImportMapping(Base):
    """列对应: what the columns of a file meant at the last import, so that the next one need not be told again."""

    __tablename__ = "import_mapping"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    questionnaire: Mapped[str] = mapped_column(String(64), primary_key=True)
    # JSON: {heading: what it holds}
    columns: Mapped[str] = mapped_column(Text)


class AnswerImport(Base):
    """导入: one file whose rows were stored, by the HMAC of its bytes under the campaign's key.

    `suspicious` says only whether the times in the file looked unlike a crowd; the times themselves are not kept.
    """

    __tablename__ = "answer_import"
    __table_args__ = (
        CheckConstraint("sittings > 0", name="some_sittings"),
        CheckConstraint("refused >= 0", name="refused_at_least_none"),
        CheckConstraint("suspicious IN ('no', 'yes', 'unknown')", name="known_suspicion"),
        UniqueConstraint("campaign_id", "file_digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    questionnaire: Mapped[str] = mapped_column(String(64))
    file_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    sittings: Mapped[int]
    refused: Mapped[int]
    suspicious: Mapped[str] = mapped_column(String(7))


class ImportedRow(Base):
    """A row of a file that was stored, by its HMAC, so that it is not stored twice. Emptied at close."""

    __tablename__ = "imported_row"
    __table_args__ = ({"sqlite_with_rowid": False},)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
