"""lists in the order of arrival, and rosters in theirs, are read by an index; nobody asks for a notice's sign-ins by one"""

import sqlalchemy as sa
from alembic import op


revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

NO_SIGN_OUT = sa.text('has_no_sign_out')
CAME_BACK = sa.text("direction = 'in'")
PUPIL = sa.text("kind = 'student'")


def upgrade() -> None:
    op.create_index('ix_sign_in_arrived', 'sign_in', ['event_id', 'signed_in_at'])
    op.drop_index('ix_sign_in_notice_id', 'sign_in')
    op.create_index(
        'ix_sign_in_no_sign_out', 'sign_in', ['event_id'], sqlite_where=NO_SIGN_OUT, postgresql_where=NO_SIGN_OUT
    )
    op.create_index('ix_roster_entry_position', 'roster_entry', ['event_id', 'position'])
    op.create_index(
        'ix_roster_entry_pupil', 'roster_entry', ['event_id', 'name_key'],
        sqlite_where=PUPIL, postgresql_where=PUPIL,
    )
    op.create_index(
        'ix_movement_back', 'movement', ['sign_in_id'], sqlite_where=CAME_BACK, postgresql_where=CAME_BACK
    )


def downgrade() -> None:
    op.drop_index('ix_movement_back', 'movement')
    op.drop_index('ix_roster_entry_pupil', 'roster_entry')
    op.drop_index('ix_roster_entry_position', 'roster_entry')
    op.drop_index('ix_sign_in_no_sign_out', 'sign_in')
    op.create_index('ix_sign_in_notice_id', 'sign_in', ['notice_id'])
    op.drop_index('ix_sign_in_arrived', 'sign_in')
