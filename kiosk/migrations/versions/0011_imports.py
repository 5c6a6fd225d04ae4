"""imports of rosters are tasks, carried on after a crash"""

from collections.abc import Sequence

from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

BEFORE = ('export', 'purge', 'rehearsal')


def upgrade() -> None:
    _allow((*BEFORE, 'import'))


def downgrade() -> None:
    op.execute("DELETE FROM task WHERE kind = 'import'")
    _allow(BEFORE)


def _allow(kinds: Sequence[str]) -> None:
    listed = ', '.join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table('task') as batch_op:
        batch_op.drop_constraint(op.f('ck_task_kind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_task_kind'), f'kind IN ({listed})')
