"""The first tables: the firm, its people and work, every version of them, and plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from scheduler.store.columns import key_type

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - as long as there are tables
    """Bring the schema from ``down_revision`` to ``revision``."""
    op.create_table(
        "absences_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("part", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_absences_versions")),
    )
    op.create_table(
        "bill_rates_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("grade", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("valid_from", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("valid_until", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_bill_rates_versions")),
    )
    op.create_table(
        "bookings_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("demand_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("share", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("shift_weeks", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("weekly_minutes", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("plan_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_bookings_versions")),
    )
    op.create_table(
        "calendar_closures_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "day", "recorded_from", name=op.f("pk_calendar_closures_versions")),
    )
    op.create_table(
        "calendars",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("country", sa.String(length=400), nullable=True),
        sa.Column("subdivision", sa.String(length=400), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
    )
    with op.batch_alter_table("calendars", schema=None) as batch_op:
        batch_op.create_index("uq_calendars_external_id", ["external_id"], unique=True)
        batch_op.create_index("uq_calendars_name_key", ["name_key"], unique=True)

    op.create_table(
        "calendars_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("country", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("subdivision", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_calendars_versions")),
    )
    op.create_table(
        "clients",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.create_index("uq_clients_external_id", ["external_id"], unique=True)
        batch_op.create_index("uq_clients_name_key", ["name_key"], unique=True)

    op.create_table(
        "clients_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_clients_versions")),
    )
    op.create_table(
        "demand_effort_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("week", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "week", "recorded_from", name=op.f("pk_demand_effort_versions")),
    )
    op.create_table(
        "demand_locations_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("location", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "location", "recorded_from", name=op.f("pk_demand_locations_versions")),
    )
    op.create_table(
        "demand_people_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "kind", "person_id", "recorded_from", name=op.f("pk_demand_people_versions")),
    )
    op.create_table(
        "demand_prefers_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("skill_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("bonus", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", "recorded_from", name=op.f("pk_demand_prefers_versions")),
    )
    op.create_table(
        "demand_requires_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("skill_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", "recorded_from", name=op.f("pk_demand_requires_versions")),
    )
    op.create_table(
        "demand_shares_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("share", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "recorded_from", name=op.f("pk_demand_shares_versions")),
    )
    op.create_table(
        "demands_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("project_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("overqualified_cost", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grade", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("bill_rate", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("any_location", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("max_people", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("min_run_weeks", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("min_coverage", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shift_earliest", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("shift_latest", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("anybody", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_demands_versions")),
    )
    op.create_table(
        "firm_settings",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("shadow_rate", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_settings")),
    )
    with op.batch_alter_table("firm_settings", schema=None) as batch_op:
        batch_op.create_index("uq_firm_settings_external_id", ["external_id"], unique=True)

    op.create_table(
        "firm_settings_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("shadow_rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_firm_settings_versions")),
    )
    op.create_table(
        "idempotency_records",
        sa.Column("actor_id", key_type(64), nullable=False),
        sa.Column("key", key_type(1000), nullable=False),
        sa.Column("route", sa.String(length=400), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency_records")),
    )
    with op.batch_alter_table("idempotency_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_records_created_at"), ["created_at"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("email", sa.String(length=400), nullable=True),
        sa.Column("team", sa.String(length=400), nullable=True),
        sa.Column("max_demands", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_name_key"), ["name_key"], unique=False)
        batch_op.create_index("uq_people_external_id", ["external_id"], unique=True)

    op.create_table(
        "people_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("team", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("max_demands", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_people_versions")),
    )
    op.create_table(
        "person_skills_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("skill_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("valid_until", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "position", "recorded_from", name=op.f("pk_person_skills_versions")),
    )
    op.create_table(
        "person_terms_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("employment", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("calendar_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("mon_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("tue_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("wed_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("thu_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("fri_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sat_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("sun_min", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("cost_rate", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("location", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("grade", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "period_start", "recorded_from", name=op.f("pk_person_terms_versions")),
    )
    op.create_table(
        "plans",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("actor_id", key_type(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("progress_seconds", sa.Float(), nullable=True),
        sa.Column("progress_objective_x60", sa.String(length=60), nullable=True),
        sa.Column("progress_bound_x60", sa.String(length=60), nullable=True),
        sa.Column("progress_gap", sa.Float(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("failure_code", sa.String(length=400), nullable=True),
        sa.Column("failure_detail", sa.Text(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", key_type(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plans_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_plans_state"), ["state"], unique=False)

    op.create_table(
        "project_groups_versions",
        sa.Column("parent_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", "kind", "position", "person_id", "recorded_from", name=op.f("pk_project_groups_versions")),
    )
    op.create_table(
        "projects_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("client_id", key_type(64), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("probability", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("priority", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("contract_value_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("planned_minutes", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("budget_minutes", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("budget_minor", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("period_start", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("period_end", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("all_or_nothing", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("shift_earliest", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("shift_latest", sa.SmallInteger(), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_projects_versions")),
    )
    op.create_table(
        "recording_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_clock")),
    )
    op.create_table(
        "skills",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("family", sa.String(length=400), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skills")),
    )
    with op.batch_alter_table("skills", schema=None) as batch_op:
        batch_op.create_index("uq_skills_external_id", ["external_id"], unique=True)
        batch_op.create_index("uq_skills_name_key", ["name_key"], unique=True)

    op.create_table(
        "skills_versions",
        sa.Column("id", key_type(64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("external_id", key_type(1000), autoincrement=False, nullable=True),
        sa.Column("name", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("name_key", key_type(1000), autoincrement=False, nullable=False),
        sa.Column("family", sa.String(length=400), autoincrement=False, nullable=True),
        sa.Column("recorded_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_skills_versions")),
    )
    op.create_table(
        "absences",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absences_period_start"), ["period_start"], unique=False)
        batch_op.create_index(batch_op.f("ix_absences_person_id"), ["person_id"], unique=False)
        batch_op.create_index("uq_absences_external_id", ["external_id"], unique=True)

    op.create_table(
        "calendar_closures",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["calendars.id"], name=op.f("fk_calendar_closures_parent_id_calendars"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "day", name=op.f("pk_calendar_closures")),
    )
    op.create_table(
        "person_skills",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("skill_id", key_type(64), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("level >= 1", name=op.f("ck_person_skills_level_at_least_1")),
        sa.ForeignKeyConstraint(["parent_id"], ["people.id"], name=op.f("fk_person_skills_parent_id_people"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_person_skills_skill_id_skills")),
        sa.PrimaryKeyConstraint("parent_id", "position", name=op.f("pk_person_skills")),
    )
    with op.batch_alter_table("person_skills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_skills_skill_id"), ["skill_id"], unique=False)

    op.create_table(
        "person_terms",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("employment", sa.String(length=40), nullable=False),
        sa.Column("calendar_id", key_type(64), nullable=False),
        sa.Column("mon_min", sa.SmallInteger(), nullable=False),
        sa.Column("tue_min", sa.SmallInteger(), nullable=False),
        sa.Column("wed_min", sa.SmallInteger(), nullable=False),
        sa.Column("thu_min", sa.SmallInteger(), nullable=False),
        sa.Column("fri_min", sa.SmallInteger(), nullable=False),
        sa.Column("sat_min", sa.SmallInteger(), nullable=False),
        sa.Column("sun_min", sa.SmallInteger(), nullable=False),
        sa.Column("cost_rate", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.String(length=400), nullable=True),
        sa.Column("grade", sa.String(length=400), nullable=True),
        sa.CheckConstraint("cost_rate >= 0", name=op.f("ck_person_terms_cost_rate_at_least_0")),
        sa.ForeignKeyConstraint(["calendar_id"], ["calendars.id"], name=op.f("fk_person_terms_calendar_id_calendars")),
        sa.ForeignKeyConstraint(["parent_id"], ["people.id"], name=op.f("fk_person_terms_parent_id_people"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "period_start", name=op.f("pk_person_terms")),
    )
    with op.batch_alter_table("person_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_terms_calendar_id"), ["calendar_id"], unique=False)

    op.create_table(
        "plan_problems",
        sa.Column("plan_id", key_type(64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("row_versions", sa.Text(), nullable=False),
        sa.Column("statements", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_problems_plan_id_plans")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_problems")),
    )
    op.create_table(
        "projects",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("client_id", key_type(64), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("probability", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("contract", sa.String(length=40), nullable=False),
        sa.Column("contract_value_minor", sa.BigInteger(), nullable=True),
        sa.Column("planned_minutes", sa.BigInteger(), nullable=True),
        sa.Column("budget_minutes", sa.BigInteger(), nullable=True),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("all_or_nothing", sa.Boolean(), nullable=False),
        sa.Column("shift_earliest", sa.SmallInteger(), nullable=True),
        sa.Column("shift_latest", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_projects_client_id_clients")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_projects_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_projects_name_key"), ["name_key"], unique=False)
        batch_op.create_index("uq_projects_external_id", ["external_id"], unique=True)

    op.create_table(
        "bill_rates",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("project_id", key_type(64), nullable=True),
        sa.Column("person_id", key_type(64), nullable=True),
        sa.Column("grade", sa.String(length=400), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("rate >= 0", name=op.f("ck_bill_rates_rate_at_least_0")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bill_rates_person_id_people")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_bill_rates_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_rates")),
    )
    with op.batch_alter_table("bill_rates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bill_rates_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bill_rates_project_id"), ["project_id"], unique=False)
        batch_op.create_index("uq_bill_rates_external_id", ["external_id"], unique=True)

    op.create_table(
        "demands",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", key_type(1000), nullable=False),
        sa.Column("overqualified_cost", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.String(length=400), nullable=True),
        sa.Column("bill_rate", sa.BigInteger(), nullable=True),
        sa.Column("any_location", sa.Boolean(), nullable=False),
        sa.Column("max_people", sa.Integer(), nullable=False),
        sa.Column("min_run_weeks", sa.SmallInteger(), nullable=True),
        sa.Column("min_coverage", sa.BigInteger(), nullable=False),
        sa.Column("shift_earliest", sa.SmallInteger(), nullable=False),
        sa.Column("shift_latest", sa.SmallInteger(), nullable=False),
        sa.Column("anybody", sa.Boolean(), nullable=False),
        sa.CheckConstraint("max_people >= 1", name=op.f("ck_demands_max_people_at_least_1")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_demands_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demands")),
    )
    with op.batch_alter_table("demands", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demands_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_demands_project_id"), ["project_id"], unique=False)
        batch_op.create_index("uq_demands_external_id", ["external_id"], unique=True)

    op.create_table(
        "project_groups",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["projects.id"], name=op.f("fk_project_groups_parent_id_projects"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_project_groups_person_id_people")),
        sa.PrimaryKeyConstraint("parent_id", "kind", "position", "person_id", name=op.f("pk_project_groups")),
    )
    with op.batch_alter_table("project_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_groups_person_id"), ["person_id"], unique=False)

    op.create_table(
        "bookings",
        sa.Column("id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", key_type(1000), nullable=True),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.Column("project_id", key_type(64), nullable=False),
        sa.Column("demand_id", key_type(64), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("shift_weeks", sa.SmallInteger(), nullable=False),
        sa.Column("weekly_minutes", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("plan_id", key_type(64), nullable=True),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_bookings_demand_id_demands")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bookings_person_id_people")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_bookings_plan_id_plans")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_bookings_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bookings_demand_id"), ["demand_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_period_start"), ["period_start"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_project_id"), ["project_id"], unique=False)
        batch_op.create_index("uq_bookings_external_id", ["external_id"], unique=True)

    op.create_table(
        "demand_effort",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_demand_effort_minutes_at_least_0")),
        sa.ForeignKeyConstraint(["parent_id"], ["demands.id"], name=op.f("fk_demand_effort_parent_id_demands"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "week", name=op.f("pk_demand_effort")),
    )
    op.create_table(
        "demand_locations",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("location", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["demands.id"], name=op.f("fk_demand_locations_parent_id_demands"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "location", name=op.f("pk_demand_locations")),
    )
    op.create_table(
        "demand_people",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_id", key_type(64), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["demands.id"], name=op.f("fk_demand_people_parent_id_demands"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_demand_people_person_id_people")),
        sa.PrimaryKeyConstraint("parent_id", "kind", "person_id", name=op.f("pk_demand_people")),
    )
    with op.batch_alter_table("demand_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demand_people_person_id"), ["person_id"], unique=False)

    op.create_table(
        "demand_prefers",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("skill_id", key_type(64), nullable=False),
        sa.Column("bonus", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["demands.id"], name=op.f("fk_demand_prefers_parent_id_demands"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_demand_prefers_skill_id_skills")),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", name=op.f("pk_demand_prefers")),
    )
    with op.batch_alter_table("demand_prefers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demand_prefers_skill_id"), ["skill_id"], unique=False)

    op.create_table(
        "demand_requires",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("skill_id", key_type(64), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("level >= 1", name=op.f("ck_demand_requires_level_at_least_1")),
        sa.ForeignKeyConstraint(["parent_id"], ["demands.id"], name=op.f("fk_demand_requires_parent_id_demands"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_demand_requires_skill_id_skills")),
        sa.PrimaryKeyConstraint("parent_id", "skill_id", name=op.f("pk_demand_requires")),
    )
    with op.batch_alter_table("demand_requires", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demand_requires_skill_id"), ["skill_id"], unique=False)

    op.create_table(
        "demand_shares",
        sa.Column("parent_id", key_type(64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["demands.id"], name=op.f("fk_demand_shares_parent_id_demands"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("parent_id", "position", name=op.f("pk_demand_shares")),
    )
    op.execute("INSERT INTO recording_clock (id, recorded_at) VALUES (1, '1970-01-01 00:00:00.000000')")
