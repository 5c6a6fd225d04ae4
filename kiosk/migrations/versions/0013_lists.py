"""what an import changed, so that it can be taken back; what columns of a list hold, for the next one"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('column_meaning',
    sa.Column('headers_hash', sa.String(length=64), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_column_meaning')),
    sa.UniqueConstraint('headers_hash', name=op.f('uq_column_meaning_headers_hash'))
    )
    op.create_table('roster_change',
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=True),
    sa.Column('seats_id', sa.Integer(), nullable=True),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_roster_change_event_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['import_id'], ['task.id'], name=op.f('fk_roster_change_import_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['entry_id'], ['roster_entry.id'], name=op.f('fk_roster_change_entry_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['seats_id'], ['roster_seats.id'], name=op.f('fk_roster_change_seats_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_change'))
    )
    with op.batch_alter_table('roster_change', schema=None) as batch_op:
        for column in ('event_id', 'import_id', 'entry_id', 'seats_id'):
            batch_op.create_index(batch_op.f(f'ix_roster_change_{column}'), [column], unique=False)


def downgrade() -> None:
    op.drop_table('roster_change')
    op.drop_table('column_meaning')
