"""The first house."""

from alembic import op
import sqlalchemy as sa

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("name", name=op.f("uq_agency_name")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("login_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login_hash", name=op.f("pk_sign_in_failure")),
    )
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_failure_last_failed"), ["last_failed"], unique=False)

    op.create_table(
        "frozen_definition",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('questionnaire', 'plan', 'setup')", name=op.f("ck_frozen_definition_known_kind")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_frozen_definition_agency_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_frozen_definition")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_is_initial", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_person_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("agency_name", sa.String(length=200), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("closes", sa.Date(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("retention", sa.String(length=400), nullable=False),
        sa.Column("contact", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("plan_name", sa.String(length=64), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=True),
        sa.Column("setup_hash", sa.String(length=64), nullable=True),
        sa.Column("setup", sa.Text(), nullable=False),
        sa.Column("digest_key", sa.LargeBinary(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'draft' OR (plan_hash IS NOT NULL AND setup_hash IS NOT NULL)",
            name=op.f("ck_campaign_frozen_when_open"),
        ),
        sa.CheckConstraint("state IN ('draft', 'open', 'paused', 'closed')", name=op.f("ck_campaign_known_state")),
        sa.CheckConstraint("opens <= closes", name=op.f("ck_campaign_opens_before_it_closes")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_campaign_agency_id")),
        sa.ForeignKeyConstraint(["plan_hash"], ["frozen_definition.hash"], name=op.f("fk_campaign_plan_hash")),
        sa.ForeignKeyConstraint(["setup_hash"], ["frozen_definition.hash"], name=op.f("fk_campaign_setup_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("code", name=op.f("uq_campaign_code")),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staff_session_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "agency_engagement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declaration", sa.Text(), nullable=True),
        sa.CheckConstraint("starts <= ends", name=op.f("ck_agency_engagement_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_engagement_agency_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_agency_engagement_campaign_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_agency_engagement_declared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_engagement")),
        sa.UniqueConstraint("agency_id", "campaign_id", name=op.f("uq_agency_engagement_agency_id_campaign_id")),
    )
    op.create_table(
        "box_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("box_size", sa.Integer(), nullable=False),
        sa.Column("min_cell", sa.Integer(), nullable=False),
        sa.Column("padded_size", sa.Integer(), nullable=False),
        sa.CheckConstraint("box_size >= min_cell", name=op.f("ck_box_group_a_box_holds_at_least_min_cell")),
        sa.CheckConstraint("padded_size > 0", name=op.f("ck_box_group_answers_are_padded")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_box_group_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box_group")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_box_group_campaign_id_name")),
    )
    op.create_table(
        "campaign_questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_questionnaire_campaign_id")),
        sa.ForeignKeyConstraint(["hash"], ["frozen_definition.hash"], name=op.f("fk_campaign_questionnaire_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_questionnaire")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_campaign_questionnaire_campaign_id_name")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("raters", sa.Integer(), nullable=False),
        sa.CheckConstraint("raters > 0", name=op.f("ck_department_somebody_rates")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_department_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("campaign_id", "code", name=op.f("uq_department_campaign_id_code")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(campaign_id IS NULL) = (role IN ('administrator', 'auditor'))",
            name=op.f("ck_membership_installation_roles_have_no_campaign"),
        ),
        sa.CheckConstraint(
            "role IN ('administrator', 'designer', 'evaluator', 'lead_evaluator', 'approver', 'auditor')",
            name=op.f("ck_membership_known_role"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_membership_campaign_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("person_id", "role", "campaign_id", name=op.f("uq_membership_person_id_role_campaign_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "score_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_because IS NULL)",
            name=op.f("ck_score_hold_lifted_by_somebody_for_a_reason"),
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_score_hold_a_hold_has_a_reason")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_score_hold_campaign_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_score_hold_lifted_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_score_hold_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_hold")),
    )
    with op.batch_alter_table("score_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_hold_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "score_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_by", sa.Integer(), nullable=True),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("report_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_score_snapshot_campaign_id")),
        sa.ForeignKeyConstraint(["computed_by"], ["person.id"], name=op.f("fk_score_snapshot_computed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_snapshot")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_score_snapshot_campaign_id_number")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("audiences", sa.String(length=100), nullable=False),
        sa.Column("report_group", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_unit_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("campaign_id", "code", name=op.f("uq_unit_campaign_id_code")),
    )
    op.create_table(
        "box",
        sa.Column("box_group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'full', 'flushed', 'destroyed', 'lost')", name=op.f("ck_box_known_state")
        ),
        sa.ForeignKeyConstraint(["box_group_id"], ["box_group.id"], name=op.f("fk_box_box_group_id")),
        sa.PrimaryKeyConstraint("box_group_id", "number", name=op.f("pk_box")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "collector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("box_group_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("tier", sa.String(length=2), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("stratum", sa.String(length=64), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("open_code", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(tier = 'T0') = (open_code IS NOT NULL)", name=op.f("ck_collector_only_open_links_have_an_open_code")
        ),
        sa.CheckConstraint(
            "audience IN ('staff', 'service_recipient', 'related_department')", name=op.f("ck_collector_known_audience")
        ),
        sa.CheckConstraint("state IN ('planned', 'open', 'paused', 'closed')", name=op.f("ck_collector_known_state")),
        sa.CheckConstraint("tier IN ('T0', 'T1')", name=op.f("ck_collector_known_tier")),
        sa.CheckConstraint(
            "(unit_id IS NULL) <> (department_id IS NULL)", name=op.f("ck_collector_for_a_unit_or_a_department")
        ),
        sa.ForeignKeyConstraint(["box_group_id"], ["box_group.id"], name=op.f("fk_collector_box_group_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_collector_campaign_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_collector_department_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_collector_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collector")),
        sa.UniqueConstraint("open_code", name=op.f("uq_collector_open_code")),
    )
    with op.batch_alter_table("collector", schema=None) as batch_op:
        batch_op.create_index("ix_collector_box_group_id", ["box_group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collector_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "frame_stratum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('staff', 'service_recipient', 'related_department')",
            name=op.f("ck_frame_stratum_known_audience"),
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_frame_stratum_somebody_is_there")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_frame_stratum_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_stratum")),
        sa.UniqueConstraint("unit_id", "audience", "stratum", name=op.f("uq_frame_stratum_unit_id_audience_stratum")),
    )
    op.create_table(
        "rating",
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_rating_department_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_rating_unit_id")),
        sa.PrimaryKeyConstraint("department_id", "unit_id", name=op.f("pk_rating")),
    )
    op.create_table(
        "score_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("suggested_score", sa.Double(), nullable=False),
        sa.Column("confirmed_score", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_score_confirmation_a_decision_has_a_reason")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_score_confirmation_confirmed_by")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["score_snapshot.id"], name=op.f("fk_score_confirmation_snapshot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_confirmation")),
    )
    with op.batch_alter_table("score_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_confirmation_snapshot_id"), ["snapshot_id"], unique=False)

    op.create_table(
        "card_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.CheckConstraint("state IN ('made', 'handed_out', 'voided')", name=op.f("ck_card_batch_known_state")),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_card_batch_collector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_batch")),
    )
    with op.batch_alter_table("card_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_batch_collector_id"), ["collector_id"], unique=False)

    op.create_table(
        "parked",
        sa.Column("box_group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("box_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["box_group_id", "box_number"],
            ["box.box_group_id", "box.number"],
            name=op.f("fk_parked_box_group_id_box_number"),
        ),
        sa.PrimaryKeyConstraint("box_group_id", "box_number", "id", name=op.f("pk_parked")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipt",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_receipt_collector_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_receipt")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_collector_id"), ["collector_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("stratum", sa.String(length=64), nullable=True),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("pilot", sa.Boolean(), nullable=False),
        sa.Column("questionnaire_hash", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=True),
        sa.Column("duration", sa.SmallInteger(), nullable=True),
        sa.Column("order_number", sa.SmallInteger(), nullable=False),
        sa.Column("flip", sa.Boolean(), nullable=False),
        sa.Column("sitting", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_response_collector_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_response_department_id")),
        sa.ForeignKeyConstraint(
            ["questionnaire_hash"], ["frozen_definition.hash"], name=op.f("fk_response_questionnaire_hash")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_response_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_collector_id"), ["collector_id"], unique=False)

    op.create_table(
        "access_code",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint("active OR NOT used", name=op.f("ck_access_code_only_active_codes_are_used")),
        sa.CheckConstraint("used = (receipt IS NOT NULL)", name=op.f("ck_access_code_a_used_code_has_its_receipt")),
        sa.ForeignKeyConstraint(["batch_id"], ["card_batch.id"], name=op.f("fk_access_code_batch_id")),
        sa.ForeignKeyConstraint(["collector_id"], ["collector.id"], name=op.f("fk_access_code_collector_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_access_code")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("access_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_code_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_code_collector_id"), ["collector_id"], unique=False)

    op.create_table(
        "card_movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('printed', 'handed_out', 'returned_unused')", name=op.f("ck_card_movement_known_kind")
        ),
        sa.CheckConstraint("cards > 0", name=op.f("ck_card_movement_some_cards")),
        sa.ForeignKeyConstraint(["batch_id"], ["card_batch.id"], name=op.f("fk_card_movement_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_movement")),
    )
    with op.batch_alter_table("card_movement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_movement_batch_id"), ["batch_id"], unique=False)

    op.create_table(
        "spare_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_spare_request_approved_by_somebody_at_some_time"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> requested_by", name=op.f("ck_spare_request_two_people")
        ),
        sa.CheckConstraint("cards > 0", name=op.f("ck_spare_request_some_cards")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_spare_request_approved_by")),
        sa.ForeignKeyConstraint(["batch_id"], ["card_batch.id"], name=op.f("fk_spare_request_batch_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_spare_request_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spare_request")),
    )
    with op.batch_alter_table("spare_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spare_request_batch_id"), ["batch_id"], unique=False)
