"""which people of one name are two, as staff said"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('person_difference',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('sign_in_id', sa.Integer(), nullable=False),
    sa.Column('said_by', sa.String(length=80), nullable=False),
    sa.Column('said_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_person_difference_event_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['entry_id'], ['roster_entry.id'], name=op.f('fk_person_difference_entry_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_person_difference_sign_in_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_difference'))
    )
    with op.batch_alter_table('person_difference', schema=None) as batch_op:
        batch_op.create_index('uq_person_difference_pair', ['entry_id', 'sign_in_id'], unique=True)
        for column in ('event_id', 'sign_in_id'):
            batch_op.create_index(batch_op.f(f'ix_person_difference_{column}'), [column], unique=False)


def downgrade() -> None:
    op.drop_table('person_difference')
