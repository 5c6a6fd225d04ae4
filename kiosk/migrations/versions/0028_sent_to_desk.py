"""a steward sends somebody to the desk with a few words, until somebody there takes it"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sent_to_desk',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=True),
    sa.Column('sign_in_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=80), nullable=False),
    sa.Column('sent_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('sent_by', sa.String(length=80), nullable=False),
    sa.Column('taken_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=True),
    sa.Column('taken_by', sa.String(length=80), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint('(entry_id IS NULL) <> (sign_in_id IS NULL)', name=op.f('ck_sent_to_desk_of_one')),
    sa.ForeignKeyConstraint(['entry_id'], ['roster_entry.id'], name=op.f('fk_sent_to_desk_entry_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_sent_to_desk_event_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_sent_to_desk_sign_in_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sent_to_desk'))
    )
    for column in ('event_id', 'entry_id', 'sign_in_id'):
        op.create_index(op.f(f'ix_sent_to_desk_{column}'), 'sent_to_desk', [column])
    is_open = sa.text('taken_at IS NULL')
    op.create_index('ix_sent_to_desk_open', 'sent_to_desk', ['event_id', 'sent_at'], sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    op.drop_table('sent_to_desk')
