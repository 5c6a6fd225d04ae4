"""imports of rosters that wait for their confirmation"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('roster_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('made_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_roster_draft_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_draft')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_roster_draft_token_hash'))
    )
    with op.batch_alter_table('roster_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_draft_event_id'), ['event_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('roster_draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roster_draft_event_id'))

    op.drop_table('roster_draft')
