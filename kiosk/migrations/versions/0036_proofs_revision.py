"""a campaign's proofs have a revision: what is counted of them is kept until one of them changes"""

import sqlalchemy as sa
from alembic import op


revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('campaign', sa.Column('proofs_revision', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('campaign', 'proofs_revision')
