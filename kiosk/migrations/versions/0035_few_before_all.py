"""of two indexes that serve a question alike SQLite takes the newer one: those of few rows are made again, the last"""

import sqlalchemy as sa
from alembic import op


revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

UNCONFIRMED = sa.text("voided_at IS NULL AND NOT is_trial AND state = 'unconfirmed'")
NOTED = sa.text('steward_note IS NOT NULL')


def upgrade() -> None:
    op.drop_index('ix_sign_in_unconfirmed', 'sign_in')
    op.create_index(
        'ix_sign_in_unconfirmed', 'sign_in', ['event_id', 'revision'],
        sqlite_where=UNCONFIRMED, postgresql_where=UNCONFIRMED,
    )
    op.drop_index('ix_roster_entry_steward_note', 'roster_entry')
    op.create_index(
        'ix_roster_entry_steward_note', 'roster_entry', ['event_id'], sqlite_where=NOTED, postgresql_where=NOTED
    )


def downgrade() -> None:
    pass
