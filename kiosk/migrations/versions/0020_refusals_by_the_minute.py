"""refusals are counted by the minute, so that a dashboard can tell of the last ones only"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table('event_refusal')  # felt, of a quarter of an hour, and nobody's
    op.create_table('event_refusal',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('minute', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('last_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_event_refusal_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'code', 'minute', name=op.f('pk_event_refusal'))
    )


def downgrade() -> None:
    op.drop_table('event_refusal')
    op.create_table('event_refusal',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('last_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_event_refusal_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'code', name=op.f('pk_event_refusal'))
    )
