"""Paper and imports: the register of paper questionnaires, batches that are being entered, files that were imported."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "paper_movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('handed_out', 'returned_unused', 'entered')", name=op.f("ck_paper_movement_known_kind")
        ),
        sa.CheckConstraint("sheets > 0", name=op.f("ck_paper_movement_some_sheets")),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_paper_movement_collector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_movement")),
    )
    op.create_index(op.f("ix_paper_movement_collector_id"), "paper_movement", ["collector_id"], unique=False)
    _batches()
    _imports()


def _batches() -> None:
    op.create_table(
        "paper_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("twice", sa.Boolean(), nullable=False),
        sa.Column("same_person", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=False),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("last_entry", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint("state IN ('entering', 'handed_in', 'discarded')", name=op.f("ck_paper_batch_known_state")),
        sa.CheckConstraint("sheets > 0", name=op.f("ck_paper_batch_some_sheets")),
        sa.CheckConstraint(
            "twice OR (second_by IS NULL AND NOT same_person)", name=op.f("ck_paper_batch_second_pass_of_two")
        ),
        sa.CheckConstraint(
            "second_by IS NULL OR same_person OR second_by <> first_by", name=op.f("ck_paper_batch_two_people")
        ),
        sa.CheckConstraint(
            "last_entry IS NULL OR (state = 'entering' AND NOT twice)",
            name=op.f("ck_paper_batch_taken_back_while_entering"),
        ),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_paper_batch_collector_id")),
        sa.ForeignKeyConstraint(["first_by"], ["person.id"], name=op.f("fk_paper_batch_first_by")),
        sa.ForeignKeyConstraint(["second_by"], ["person.id"], name=op.f("fk_paper_batch_second_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batch")),
    )
    op.create_index(op.f("ix_paper_batch_collector_id"), "paper_batch", ["collector_id"], unique=False)
    op.create_table(
        "paper_entry",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("pass_number", sa.SmallInteger(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=True),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("pass_number IN (1, 2)", name=op.f("ck_paper_entry_first_or_second_pass")),
        sa.CheckConstraint("sheet IS NULL OR sheet > 0", name=op.f("ck_paper_entry_sheets_count_from_one")),
        sa.CheckConstraint(
            "pass_number = 1 OR sheet IS NOT NULL", name=op.f("ck_paper_entry_two_passes_need_sheet_numbers")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_entry_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "id", name=op.f("pk_paper_entry")),
        sa.UniqueConstraint("batch_id", "pass_number", "sheet", name=op.f("uq_paper_entry_batch_id_pass_number_sheet")),
        sqlite_with_rowid=False,
    )


def _imports() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_import_mapping_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "questionnaire", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "answer_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("file_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("suspicious", sa.String(length=7), nullable=False),
        sa.CheckConstraint("sittings > 0", name=op.f("ck_answer_import_some_sittings")),
        sa.CheckConstraint("refused >= 0", name=op.f("ck_answer_import_refused_at_least_none")),
        sa.CheckConstraint("suspicious IN ('no', 'yes', 'unknown')", name=op.f("ck_answer_import_known_suspicion")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_answer_import_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_import")),
        sa.UniqueConstraint("campaign_id", "file_digest", name=op.f("uq_answer_import_campaign_id_file_digest")),
    )
    op.create_table(
        "imported_row",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_imported_row_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "hash", name=op.f("pk_imported_row")),
        sqlite_with_rowid=False,
    )
