"""the index of spoken codes is of those that a hand heard: one of all cost each sign-in a page of its own"""

import sqlalchemy as sa
from alembic import op


revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

OLD, NEW = 'ix_sign_in_spoken', 'ix_sign_in_heard'
HEARD = sa.text("method <> 'self' AND spoken_code IS NOT NULL")


def upgrade() -> None:
    op.drop_index(OLD, 'sign_in')
    op.create_index(NEW, 'sign_in', ['event_id', 'spoken_code'], sqlite_where=HEARD, postgresql_where=HEARD)


def downgrade() -> None:
    op.drop_index(NEW, 'sign_in')
    op.create_index(OLD, 'sign_in', ['event_id', 'spoken_code'])
