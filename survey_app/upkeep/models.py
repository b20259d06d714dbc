"""One table: what the last backup held, in sums of box groups, so that the next one differs by enough people."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.db import Base


class BackupMark(Base):
    """备份标记: how many sittings of a box group were flushed when the last backup was made."""

    __tablename__ = "backup_mark"
    __table_args__ = (CheckConstraint("sittings >= 0", name="counted"),)

    box_group_id: Mapped[int] = mapped_column(ForeignKey("box_group.id"), primary_key=True, autoincrement=False)
    sittings: Mapped[int]
