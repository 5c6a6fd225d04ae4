"""a screen's link may be of a campaign, or of a place within one, instead of one event"""

import sqlalchemy as sa
from alembic import op


revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('device_link', schema=None) as batch_op:
        batch_op.alter_column('event_id', existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column('campaign_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('place', sa.String(length=200), nullable=True))
        batch_op.create_foreign_key(
            op.f('fk_device_link_campaign_id'), 'campaign', ['campaign_id'], ['id'], ondelete='CASCADE'
        )
        batch_op.create_check_constraint(op.f('ck_device_link_whose'), "(event_id IS NULL) <> (campaign_id IS NULL)")
        batch_op.create_index(op.f('ix_device_link_campaign_id'), ['campaign_id'], unique=False)


def downgrade() -> None:
    op.execute(
        "UPDATE sign_in SET device_link_id = NULL WHERE device_link_id IN"
        " (SELECT id FROM device_link WHERE event_id IS NULL)"
    )
    op.execute("DELETE FROM device_link WHERE event_id IS NULL")
    with op.batch_alter_table('device_link', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_device_link_campaign_id'))
        batch_op.drop_constraint(op.f('ck_device_link_whose'), type_='check')
        batch_op.drop_constraint(op.f('fk_device_link_campaign_id'), type_='foreignkey')
        batch_op.drop_column('place')
        batch_op.drop_column('campaign_id')
        batch_op.alter_column('event_id', existing_type=sa.Integer(), nullable=False)
