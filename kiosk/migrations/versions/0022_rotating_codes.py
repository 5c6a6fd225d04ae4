"""an event may ask for digits that change on its screen"""

from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The check comes with its column: SQLite adds one in no other way without writing the whole table anew.
    op.execute(
        "ALTER TABLE event ADD COLUMN rotate_seconds INTEGER"
        " CONSTRAINT ck_event_rotate_seconds CHECK (rotate_seconds BETWEEN 15 AND 300)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE event DROP COLUMN rotate_seconds")
