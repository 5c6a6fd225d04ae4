"""six characters by which somebody says which sign-in their phone has sent"""

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

INDEX = 'ix_sign_in_spoken'


def upgrade() -> None:
    op.add_column('sign_in', sa.Column('spoken_code', sa.String(length=6), nullable=True))
    op.create_index(INDEX, 'sign_in', ['event_id', 'spoken_code'])


def downgrade() -> None:
    op.drop_index(INDEX, 'sign_in')
    op.drop_column('sign_in', 'spoken_code')
