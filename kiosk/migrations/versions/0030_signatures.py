"""an event may ask for a signature by hand, which each sign-in has one of"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('signature',
    sa.Column('sign_in_id', sa.Integer(), nullable=False),
    sa.Column('drawn', sa.Text(), nullable=False),
    sa.Column('typed', sa.String(length=60), nullable=False),
    sa.Column('signed_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_signature_sign_in_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('sign_in_id', name=op.f('uq_signature_sign_in_id'))
    )
    # Added as it is, without SQLite's copy of a table that others refer to.
    op.add_column('event', sa.Column('asks_signature', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column('event', 'asks_signature')
    op.drop_table('signature')
