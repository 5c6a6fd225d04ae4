"""what a roll call's list reads of itself is what has changed: a tick has a revision, and so has the last change of the
roster"""

import sqlalchemy as sa
from alembic import op


revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('roll_tick', sa.Column('revision', sa.Integer(), server_default='0', nullable=False))
    op.add_column('event_counter', sa.Column('roster_revision', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('event_counter', 'roster_revision')
    op.drop_column('roll_tick', 'revision')
