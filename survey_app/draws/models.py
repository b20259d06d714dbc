"""The record of draws from a list: enough to draw again and compare, nothing of the list itself."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base, Moment


class SampleDraw(Base):
    """抽取记录: who of a list is asked, by a seed that nobody could choose. The list itself is not kept.

    Announced first: the list by its hash, how many, and the seed by its hash or by the public source that it will come
    from. Drawn later, once, with the same list and that seed.
    """

    __tablename__ = "sample_draw"
    __table_args__ = (
        CheckConstraint("wanted > 0 AND wanted <= people", name="some_of_the_people"),
        CheckConstraint("(seed_hash IS NULL) <> (seed_source IS NULL)", name="seed_is_announced"),
        CheckConstraint(
            "(seed IS NULL) = (drawn IS NULL) AND (seed IS NULL) = (drawn_at IS NULL)",
            name="drawn_by_a_seed_at_some_time",
        ),
        UniqueConstraint("campaign_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(200))
    algorithm: Mapped[str] = mapped_column(String(32))
    list_hash: Mapped[str] = mapped_column(String(64))
    people: Mapped[int]
    wanted: Mapped[int]
    stratum_column: Mapped[str | None] = mapped_column(String(200))
    # JSON: [[stratum, people, wanted], …]
    strata: Mapped[str] = mapped_column(Text)
    seed_hash: Mapped[str | None] = mapped_column(String(64))
    seed_source: Mapped[str | None] = mapped_column(String(200))
    announced_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    announced_at: Mapped[datetime] = mapped_column(Moment)
    seed: Mapped[str | None] = mapped_column(String(200))
    # JSON: numbers of the drawn rows, in the order of the list.
    drawn: Mapped[str | None] = mapped_column(Text)
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[datetime | None] = mapped_column(Moment)
