"""afterwards: frozen sheets, exports, proofs, purges, rehearsals"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


# In one statement: making the table anew, as batch mode would, lets SQLite delete what cascades from it.
ADD_ROOT = """ALTER TABLE organisation ADD COLUMN root_id INTEGER
    CONSTRAINT fk_organisation_root_id REFERENCES organisation (id) ON DELETE RESTRICT"""
# PRODUCT.md 3.7: the database refuses updates and deletes of the audit log, whoever asks.
SQLITE_GUARDS = [
    f"""CREATE TRIGGER audit_entry_no_{verb.lower()} BEFORE {verb} ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the audit log keeps what it has'); END"""
    for verb in ('UPDATE', 'DELETE')
] + [
    # REPLACE deletes the row in its way without the trigger above. The id that SQLite is to give is -1 here.
    """CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry
    WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit log keeps what it has'); END"""
]
POSTGRESQL_GUARDS = [
    """CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log keeps what it has'; END $$""",
    """CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()""",
    """CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()""",
]


def upgrade() -> None:
    op.create_table('purge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sa.String(length=10), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('participant_id', sa.Integer(), nullable=True),
    sa.Column('asked_by', sa.String(length=80), nullable=False),
    sa.Column('asked_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('finished_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.Column('scrubbed_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("scope IN ('event', 'minors', 'person')", name=op.f('ck_purge_scope')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purge'))
    )
    op.create_table('rehearsal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_event_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('arrivals', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('signed_in', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('p50_ms', sa.Integer(), nullable=True),
    sa.Column('p95_ms', sa.Integer(), nullable=True),
    sa.Column('slowest_ms', sa.Integer(), nullable=True),
    sa.Column('asked_by', sa.String(length=80), nullable=False),
    sa.Column('started_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'running', 'clearing', 'done', 'stopped', 'failed')", name=op.f('ck_rehearsal_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rehearsal'))
    )
    op.create_table('organisation_difference',
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('said_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['first_id'], ['organisation.id'], name=op.f('fk_organisation_difference_first_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['second_id'], ['organisation.id'], name=op.f('fk_organisation_difference_second_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('first_id', 'second_id', name=op.f('pk_organisation_difference'))
    )
    op.create_table('organisation_merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('merged_by', sa.String(length=80), nullable=False),
    sa.Column('merged_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('undone_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['into_id'], ['organisation.id'], name=op.f('fk_organisation_merge_into_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_merge_organisation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_merge'))
    )
    with op.batch_alter_table('organisation_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_merge_into_id'), ['into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_organisation_merge_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('export',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('campaign_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=True),
    sa.Column('mimetype', sa.String(length=100), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('unprintable', sa.String(length=40), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=True),
    sa.Column('asked_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('heard_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name=op.f('ck_export_state')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_export_campaign_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_export_event_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_export_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export'))
    )
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_export_campaign_id'), ['campaign_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_export_event_id'), ['event_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_export_staff_id'), ['staff_id'], unique=False)

    op.create_table('frozen_sheet',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=250), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('sheet_order', sa.String(length=12), nullable=False),
    sa.Column('is_masked', sa.Boolean(), nullable=False),
    sa.Column('has_no_shows', sa.Boolean(), nullable=False),
    sa.Column('variant', sa.String(length=12), nullable=True),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('foot', sa.JSON(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('kept', sa.JSON(), nullable=False),
    sa.Column('frozen_by_id', sa.Integer(), nullable=True),
    sa.Column('frozen_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('downloaded_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("sheet_order IN ('arrival', 'roster', 'organisation')", name=op.f('ck_frozen_sheet_sheet_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_frozen_sheet_event_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['frozen_by_id'], ['staff.id'], name=op.f('fk_frozen_sheet_frozen_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_frozen_sheet')),
    sa.UniqueConstraint('code', name=op.f('uq_frozen_sheet_code'))
    )
    with op.batch_alter_table('frozen_sheet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_frozen_sheet_event_id'), ['event_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_frozen_sheet_frozen_by_id'), ['frozen_by_id'], unique=False)

    op.create_table('proof',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('series_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=60), nullable=True),
    sa.Column('organisation_name', sa.String(length=120), nullable=True),
    sa.Column('title', sa.String(length=250), nullable=False),
    sa.Column('hours', sa.Float(), nullable=True),
    sa.Column('issued_by', sa.String(length=80), nullable=False),
    sa.Column('issued_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('voided_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.Column('void_reason', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_proof_campaign_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_proof_event_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], name=op.f('fk_proof_participant_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_proof_series_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof')),
    sa.UniqueConstraint('code', name=op.f('uq_proof_code')),
    sa.UniqueConstraint('number', name=op.f('uq_proof_number'))
    )
    with op.batch_alter_table('proof', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_campaign_id'), ['campaign_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_event_id'), ['event_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_series_id'), ['series_id'], unique=False)
        batch_op.create_index('uq_proof_event', ['participant_id', 'event_id'], unique=True, sqlite_where=sa.text('voided_at IS NULL AND event_id IS NOT NULL'), postgresql_where=sa.text('voided_at IS NULL AND event_id IS NOT NULL'))
        batch_op.create_index('uq_proof_series', ['participant_id', 'series_id'], unique=True, sqlite_where=sa.text('voided_at IS NULL AND series_id IS NOT NULL'), postgresql_where=sa.text('voided_at IS NULL AND series_id IS NOT NULL'))

    op.create_table('frozen_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('frozen_sheet_id', sa.Integer(), nullable=False),
    sa.Column('format', sa.String(length=4), nullable=False),
    sa.Column('file_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['frozen_sheet_id'], ['frozen_sheet.id'], name=op.f('fk_frozen_file_frozen_sheet_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_frozen_file'))
    )
    with op.batch_alter_table('frozen_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_frozen_file_file_hash'), ['file_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_frozen_file_frozen_sheet_id'), ['frozen_sheet_id'], unique=False)

    op.create_table('hours_override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sign_in_id', sa.Integer(), nullable=False),
    sa.Column('hours', sa.Float(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('set_by', sa.String(length=80), nullable=False),
    sa.Column('set_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_hours_override_sign_in_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hours_override')),
    sa.UniqueConstraint('sign_in_id', name=op.f('uq_hours_override_sign_in_id'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entry_done_at', ['done_at'], unique=False)
        batch_op.create_index('ix_audit_entry_actor', ['actor', 'id'], unique=False)

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('minors_days', sa.Integer(), server_default='7', nullable=False))
        batch_op.add_column(sa.Column('minors_cleared_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('purged_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('outcome_alt', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('lecturers', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('credited_hours', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('hours_late_minutes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('hours_early_minutes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('is_rehearsal', sa.Boolean(), server_default=sa.text('false'), nullable=False))

    op.execute(ADD_ROOT)
    op.create_index('ix_organisation_root_id', 'organisation', ['root_id'], unique=False)
    op.execute('UPDATE organisation SET root_id = merged_into_id WHERE merged_into_id IS NOT NULL')

    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.add_column(sa.Column('notice_basis', sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column('left_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True))

    for statement in SQLITE_GUARDS if op.get_bind().dialect.name == 'sqlite' else POSTGRESQL_GUARDS:
        op.execute(statement)



def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER audit_entry_no_update')
        op.execute('DROP TRIGGER audit_entry_no_delete')
        op.execute('DROP TRIGGER audit_entry_no_replace')
    else:
        op.execute('DROP TRIGGER audit_entry_no_change ON audit_entry')
        op.execute('DROP TRIGGER audit_entry_no_truncate ON audit_entry')
        op.execute('DROP FUNCTION refuse_audit_change')
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_column('left_at')
        batch_op.drop_column('notice_basis')

    op.drop_index('ix_organisation_root_id', 'organisation')
    op.execute('ALTER TABLE organisation DROP COLUMN root_id')

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('is_rehearsal')
        batch_op.drop_column('hours_early_minutes')
        batch_op.drop_column('hours_late_minutes')
        batch_op.drop_column('credited_hours')
        batch_op.drop_column('lecturers')
        batch_op.drop_column('outcome_alt')
        batch_op.drop_column('purged_at')
        batch_op.drop_column('minors_cleared_at')
        batch_op.drop_column('minors_days')

    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entry_actor')
        batch_op.drop_index('ix_audit_entry_done_at')

    op.drop_table('hours_override')
    with op.batch_alter_table('frozen_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_frozen_file_frozen_sheet_id'))
        batch_op.drop_index(batch_op.f('ix_frozen_file_file_hash'))

    op.drop_table('frozen_file')
    with op.batch_alter_table('proof', schema=None) as batch_op:
        batch_op.drop_index('uq_proof_series', sqlite_where=sa.text('voided_at IS NULL AND series_id IS NOT NULL'), postgresql_where=sa.text('voided_at IS NULL AND series_id IS NOT NULL'))
        batch_op.drop_index('uq_proof_event', sqlite_where=sa.text('voided_at IS NULL AND event_id IS NOT NULL'), postgresql_where=sa.text('voided_at IS NULL AND event_id IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_proof_series_id'))
        batch_op.drop_index(batch_op.f('ix_proof_event_id'))
        batch_op.drop_index(batch_op.f('ix_proof_campaign_id'))

    op.drop_table('proof')
    with op.batch_alter_table('frozen_sheet', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_frozen_sheet_frozen_by_id'))
        batch_op.drop_index(batch_op.f('ix_frozen_sheet_event_id'))

    op.drop_table('frozen_sheet')
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_export_staff_id'))
        batch_op.drop_index(batch_op.f('ix_export_event_id'))
        batch_op.drop_index(batch_op.f('ix_export_campaign_id'))

    op.drop_table('export')
    with op.batch_alter_table('organisation_merge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_merge_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_organisation_merge_into_id'))

    op.drop_table('organisation_merge')
    op.drop_table('organisation_difference')
    op.drop_table('rehearsal')
    op.drop_table('purge')
