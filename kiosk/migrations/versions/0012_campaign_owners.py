"""campaigns have an owner, and organisers they are shared with"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

# Whoever owns every event of a campaign owns it; of several, or of nobody, it is the admins', as the default one is.
OWNED = """
    UPDATE campaign SET owner_id = (SELECT min(event.owner_id) FROM event WHERE event.campaign_id = campaign.id)
    WHERE NOT is_default AND 1 = (
        SELECT count(DISTINCT coalesce(event.owner_id, 0)) FROM event WHERE event.campaign_id = campaign.id
    )
"""


def upgrade() -> None:
    op.create_table('campaign_share',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_share_campaign_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_campaign_share_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('campaign_id', 'staff_id', name=op.f('pk_campaign_share'))
    )
    with op.batch_alter_table('campaign', schema=None) as batch_op:
        batch_op.add_column(sa.Column('owner_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_campaign_owner_id'), 'staff', ['owner_id'], ['id'], ondelete='RESTRICT')
        batch_op.create_index(batch_op.f('ix_campaign_owner_id'), ['owner_id'], unique=False)
    op.execute(OWNED)


def downgrade() -> None:
    with op.batch_alter_table('campaign', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_campaign_owner_id'))
        batch_op.drop_constraint(batch_op.f('fk_campaign_owner_id'), type_='foreignkey')
        batch_op.drop_column('owner_id')
    op.drop_table('campaign_share')
