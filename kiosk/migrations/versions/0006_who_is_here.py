"""who of the roster is here, so that the missing are read by an index"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0003'
branch_labels = None
depends_on = None

MISSING = ['event_id', 'state', 'is_here', 'is_starred', 'position']
FILL = """UPDATE roster_entry SET is_here = :here WHERE EXISTS (SELECT 1 FROM sign_in
    WHERE sign_in.event_id = roster_entry.event_id AND sign_in.roster_entry_id = roster_entry.id
    AND sign_in.voided_at IS NULL AND NOT sign_in.is_trial AND sign_in.state = 'arrived')"""


def upgrade() -> None:
    with op.batch_alter_table('roster_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_here', sa.Boolean(), server_default=sa.text('false'), nullable=False))
        batch_op.create_index('ix_roster_entry_missing', MISSING, unique=False)
    op.execute(sa.text(FILL).bindparams(here=True))


def downgrade() -> None:
    with op.batch_alter_table('roster_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_roster_entry_missing')
        batch_op.drop_column('is_here')
