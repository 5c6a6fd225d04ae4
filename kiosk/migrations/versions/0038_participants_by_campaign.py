"""the index of a campaign's participants holds no names: nothing looks for a name alone, and each sign-in wrote a page of
its own for it"""

from alembic import op


revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

OLD, NEW = 'ix_participant_name', 'ix_participant_campaign_id'


def upgrade() -> None:
    op.drop_index(OLD, 'participant')
    op.create_index(NEW, 'participant', ['campaign_id'])


def downgrade() -> None:
    op.drop_index(NEW, 'participant')
    op.create_index(OLD, 'participant', ['campaign_id', 'name_key'])
