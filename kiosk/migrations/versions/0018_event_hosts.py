"""an event may have a host of its own, else it has its campaign's; and it knows what was prepared for it"""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('host', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('host_alt', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('prepared', sa.JSON(), server_default='{}', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('prepared')
        batch_op.drop_column('host_alt')
        batch_op.drop_column('host')
