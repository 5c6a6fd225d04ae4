"""people are counted without a name: each tap a row, their sum a counter; links that can do nothing else"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('nameless_step',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('counted_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('received_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('counted_by', sa.String(length=80), nullable=False),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('step BETWEEN -1 AND 1', name=op.f('ck_nameless_step_step')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_nameless_step_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_nameless_step')),
    sa.UniqueConstraint('event_id', 'idempotency_key', name='uq_nameless_step_key')
    )
    op.create_table('count_link',
    sa.Column('purpose', sa.String(length=10), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint("purpose IN ('count')", name=op.f('ck_count_link_purpose')),
    sa.ForeignKeyConstraint(
        ['created_by_id'], ['staff.id'], name=op.f('fk_count_link_created_by_id'), ondelete='RESTRICT'
    ),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_count_link_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_count_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_count_link_token_hash'))
    )
    op.create_index(op.f('ix_count_link_event_id'), 'count_link', ['event_id'])
    op.create_index(op.f('ix_count_link_created_by_id'), 'count_link', ['created_by_id'])
    # The check comes with its column: SQLite adds one in no other way without writing the whole table anew.
    op.execute(
        "ALTER TABLE event_counter ADD COLUMN nameless INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_event_counter_nameless CHECK (nameless >= 0)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE event_counter DROP COLUMN nameless")
    op.drop_table('count_link')
    op.drop_table('nameless_step')
