"""initials by every reading of a name: the kept keys get their new form here, their other readings by housekeeping"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

STEP = 2000
TABLES = ('sign_in', 'roster_entry')
WANTED = 'kept_keys'  # services/upkeep/kept_keys writes all keys anew, in small parts, while this row is there


def upgrade() -> None:
    for table in TABLES:
        _change(table, _with_commas)
    is_any = 'SELECT 1 WHERE EXISTS (SELECT 1 FROM participant) OR EXISTS (SELECT 1 FROM roster_entry)'
    if op.get_bind().scalar(sa.text(is_any)):
        op.execute(f"INSERT INTO stored_setting (key, value, changed_at) VALUES ('{WANTED}', '', CURRENT_TIMESTAMP)")


def downgrade() -> None:
    op.execute(f"DELETE FROM stored_setting WHERE key = '{WANTED}'")
    for table in TABLES:
        _change(table, _with_one)


def _with_commas(key: str) -> str:
    """Make `words/wq/number` of before `words/,wq/number`: found by the same until its other readings are added."""
    words, initials, number = key.split('/', 2)
    return key if initials.startswith(',') else f'{words}/,{initials}/{number}'


def _with_one(key: str) -> str:
    words, initials, number = key.split('/', 2)
    return f'{words}/{initials.lstrip(",").partition(",")[0]}/{number}'


def _change(table: str, change: Callable[[str], str]) -> None:
    """Change every key of a table; an emptied row has none."""
    read = sa.text(
        f"SELECT id, search_key FROM {table} WHERE id > :last AND search_key LIKE '%/%/%' ORDER BY id LIMIT {STEP}"
    )
    write = sa.text(f'UPDATE {table} SET search_key = :key WHERE id = :id')
    connection, last = op.get_bind(), 0
    while rows := connection.execute(read, {'last': last}).all():
        connection.execute(write, [{'id': row_id, 'key': change(key)} for row_id, key in rows])
        last = rows[-1][0]
