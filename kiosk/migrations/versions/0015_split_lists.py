"""lists that wait to be split over the events of a campaign"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('split_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('made_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_split_list_campaign_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_split_list')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_split_list_token_hash'))
    )
    with op.batch_alter_table('split_list', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_split_list_campaign_id'), ['campaign_id'], unique=False)


def downgrade() -> None:
    op.drop_table('split_list')
