"""roll calls: who of those inside is accounted for, one row for each roll call and person"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('roll_call',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False),
    sa.Column('started_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('started_by', sa.String(length=80), nullable=False),
    sa.Column('ended_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.String(length=80), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_roll_call_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roll_call')),
    sa.UniqueConstraint('event_id', 'idempotency_key', name='uq_roll_call_key')
    )
    op.create_table('roll_tick',
    sa.Column('roll_call_id', sa.Integer(), nullable=False),
    sa.Column('sign_in_id', sa.Integer(), nullable=False),
    sa.Column('is_there', sa.Boolean(), nullable=False),
    sa.Column('ticked_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('received_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ticked_by', sa.String(length=80), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(
        ['roll_call_id'], ['roll_call.id'], name=op.f('fk_roll_tick_roll_call_id'), ondelete='CASCADE'
    ),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_roll_tick_sign_in_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roll_tick')),
    sa.UniqueConstraint('roll_call_id', 'sign_in_id', name='uq_roll_tick_person')
    )
    op.create_index(op.f('ix_roll_tick_sign_in_id'), 'roll_tick', ['sign_in_id'])


def downgrade() -> None:
    op.drop_table('roll_tick')
    op.drop_table('roll_call')
