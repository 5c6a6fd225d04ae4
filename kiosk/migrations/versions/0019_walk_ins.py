"""who has arrived beside the roster is counted by an index of its own"""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

WALK_INS = sa.text(
    "voided_at IS NULL AND NOT is_trial AND state = 'arrived' AND roster_entry_id IS NULL AND roster_seats_id IS NULL"
)


def upgrade() -> None:
    op.create_index(
        'ix_sign_in_unlisted', 'sign_in', ['event_id', 'roster_entry_id', 'roster_seats_id'],
        sqlite_where=WALK_INS, postgresql_where=WALK_INS,
    )


def downgrade() -> None:
    op.drop_index('ix_sign_in_unlisted', 'sign_in')
