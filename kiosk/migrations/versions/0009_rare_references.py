"""what few sign-ins refer to is indexed for those few"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

COLUMNS = (
    'roster_entry_id', 'roster_seats_id', 'replaces_id', 'group_sign_in_id', 'door_link_id', 'actor_id',
    'device_link_id',
)


def upgrade() -> None:
    for column in COLUMNS:
        op.drop_index(f'ix_sign_in_{column}', 'sign_in')
        is_there = sa.text(f'{column} IS NOT NULL')
        op.create_index(f'ix_sign_in_{column}', 'sign_in', [column], sqlite_where=is_there, postgresql_where=is_there)


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(f'ix_sign_in_{column}', 'sign_in')
        op.create_index(f'ix_sign_in_{column}', 'sign_in', [column])
