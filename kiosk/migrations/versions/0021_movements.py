"""people sign out, come back, and are closed at the end: each way is a row, and who is inside is counted"""

import sqlalchemy as sa
from alembic import op

import kiosk.extensions


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

ARRIVED = "voided_at IS NULL AND NOT is_trial AND state = 'arrived'"
# What staff noted before: each is the one movement of its sign-in.
MOVED = """INSERT INTO movement (sign_in_id, direction, moved_at, received_at, method, idempotency_key)
    SELECT id, 'out', left_at, left_at, 'steward', 'noted' FROM sign_in WHERE left_at IS NOT NULL"""
GONE = f"""UPDATE event_counter SET gone = (SELECT count(*) FROM sign_in
    WHERE sign_in.event_id = event_counter.event_id AND left_at IS NOT NULL AND {ARRIVED})"""


def upgrade() -> None:
    op.create_table('movement',
    sa.Column('sign_in_id', sa.Integer(), nullable=False),
    sa.Column('direction', sa.String(length=3), nullable=False),
    sa.Column('moved_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('received_at', kiosk.extensions.UTCDateTime(timezone=True), nullable=False),
    sa.Column('method', sa.String(length=10), nullable=False),
    sa.Column('actor', sa.String(length=40), nullable=True),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.CheckConstraint("direction IN ('out', 'in')", name=op.f('ck_movement_direction')),
    sa.CheckConstraint(
        "method IN ('self', 'group', 'steward', 'kiosk', 'api', 'paper')", name=op.f('ck_movement_method')
    ),
    sa.ForeignKeyConstraint(['sign_in_id'], ['sign_in.id'], name=op.f('fk_movement_sign_in_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_movement')),
    sa.UniqueConstraint('sign_in_id', 'idempotency_key', name='uq_movement_key')
    )
    # Added as they are, without SQLite's copy of a table that others refer to.
    op.add_column('event', sa.Column('wants_sign_out', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('event_counter', sa.Column('gone', sa.Integer(), server_default='0', nullable=False))
    op.add_column('sign_in', sa.Column('has_no_sign_out', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(MOVED)
    op.execute(GONE)


def downgrade() -> None:
    op.drop_column('sign_in', 'has_no_sign_out')
    op.drop_column('event_counter', 'gone')
    op.drop_column('event', 'wants_sign_out')
    op.drop_table('movement')
