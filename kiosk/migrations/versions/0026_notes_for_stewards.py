"""what a roster says to the steward of a person, shown as they sign in"""

import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

INDEX = 'ix_roster_entry_steward_note'


def upgrade() -> None:
    op.add_column('roster_entry', sa.Column('steward_note', sa.String(length=100), nullable=True))
    has_one = sa.text('steward_note IS NOT NULL')
    op.create_index(INDEX, 'roster_entry', ['event_id'], sqlite_where=has_one, postgresql_where=has_one)


def downgrade() -> None:
    op.drop_index(INDEX, 'roster_entry')
    op.drop_column('roster_entry', 'steward_note')
