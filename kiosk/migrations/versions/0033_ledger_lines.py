"""nodes of one PostgreSQL share the lines of the ledger of purges"""

import sqlalchemy as sa
from alembic import op


revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ledger_line',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('line', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_ledger_line'))
    )


def downgrade() -> None:
    op.drop_table('ledger_line')
