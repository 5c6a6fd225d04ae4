"""a steward may have to confirm who signed in: a state, its counters, the event's setting"""

import sqlalchemy as sa
from alembic import op


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

STATE, INDEX = 'ck_sign_in_state', 'ix_sign_in_unconfirmed'


def upgrade() -> None:
    op.add_column('event', sa.Column('needs_confirmation', sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ('unconfirmed', 'unconfirmed_listed'):
        op.add_column('event_counter', sa.Column(name, sa.Integer(), server_default='0', nullable=False))
    _let_states_be("'arrived', 'wait_listed', 'unconfirmed'")
    waits = sa.text("voided_at IS NULL AND NOT is_trial AND state = 'unconfirmed'")
    op.create_index(INDEX, 'sign_in', ['event_id', 'revision'], sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    op.drop_index(INDEX, 'sign_in')
    op.execute("UPDATE event_counter SET wait_listed = wait_listed + unconfirmed")
    op.execute("UPDATE sign_in SET state = 'wait_listed' WHERE state = 'unconfirmed'")
    _let_states_be("'arrived', 'wait_listed'")
    for name in ('unconfirmed_listed', 'unconfirmed'):
        op.drop_column('event_counter', name)
    op.drop_column('event', 'needs_confirmation')


def _let_states_be(allowed: str) -> None:
    with op.batch_alter_table('sign_in', schema=None) as batch_op:
        batch_op.drop_constraint(op.f(STATE), type_='check')
        batch_op.create_check_constraint(op.f(STATE), f'state IN ({allowed})')
