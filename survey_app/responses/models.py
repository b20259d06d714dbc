"""Tables of answers. What is not a column here is not stored; a test pins the list.

No clock time, no address, no running number, no link to a code. Rows of `response` appear only by the flush of a
box: ten sittings or more at once, in random order, under fresh random ids.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base


class Box(Base):
    """票箱: where sealed sittings wait. Its key lies in a file outside the database until the box is flushed."""

    __tablename__ = "box"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'full', 'flushed', 'destroyed', 'lost')", name="known_state"),
        {"sqlite_with_rowid": False},
    )

    box_group_id: Mapped[int] = mapped_column(ForeignKey("box_group.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(9), default="open")


class Parked(Base):
    """One sealed sitting: AES-GCM under the key of its box, padded to one size for the whole box group."""

    __tablename__ = "parked"
    __table_args__ = (
        ForeignKeyConstraint(["box_group_id", "box_number"], ["box.box_group_id", "box.number"]),
        {"sqlite_with_rowid": False},
    )

    box_group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    box_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    ciphertext: Mapped[bytes]


class Response(Base):
    """答卷: one unit rated once, or (unit empty) what a sitting over several units said outside them.

    `sitting` ties the rows that one person sent in one go.
    """

    __tablename__ = "response"
    __table_args__ = ({"sqlite_with_rowid": False},)

    # By collector first: a box is emptied into one place, and a campaign is read from few.
    collector_id: Mapped[int] = mapped_column(ForeignKey("collector.id"), primary_key=True)
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    stratum: Mapped[str | None] = mapped_column(String(64))
    mode: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2))
    pilot: Mapped[bool]
    questionnaire_hash: Mapped[str] = mapped_column(ForeignKey("frozen_definition.hash"))
    answers: Mapped[str] = mapped_column(Text)
    period: Mapped[date | None]
    duration: Mapped[int | None] = mapped_column(SmallInteger)
    order_number: Mapped[int] = mapped_column(SmallInteger)
    flip: Mapped[bool]
    sitting: Mapped[bytes] = mapped_column(LargeBinary(16))
