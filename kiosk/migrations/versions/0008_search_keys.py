"""what a person is found by, kept in their row: the same for a roster's entry and a sign-in"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from kiosk.services.people.pinyin import initials_of
from kiosk.services.people.search_keys import search_key


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

STEP = 2000
FIELDS = {
    'sign_in': 'name, organisation_name, class_name, student_no',
    'roster_entry': 'name, organisation_name, class_name, student_no, group_name',
}


def upgrade() -> None:
    for table, fields in FIELDS.items():
        op.add_column(table, sa.Column('search_key', sa.Text(), server_default='', nullable=False))
        _fill(table, fields, 'search_key', search_key)
    op.drop_column('roster_entry', 'name_initials')


def downgrade() -> None:
    op.add_column('roster_entry', sa.Column('name_initials', sa.String(60), server_default='', nullable=False))
    _fill('roster_entry', 'name', 'name_initials', initials_of)
    for table in FIELDS:
        op.drop_column(table, 'search_key')


def _fill(table: str, fields: str, column: str, made_of: Callable[..., str]) -> None:
    read = sa.text(f"SELECT id, {fields} FROM {table} WHERE id > :last AND name <> '' ORDER BY id LIMIT {STEP}")
    write = sa.text(f'UPDATE {table} SET {column} = :value WHERE id = :id')
    connection, last = op.get_bind(), 0
    while rows := connection.execute(read, {'last': last}).all():
        connection.execute(write, [{'id': row[0], 'value': made_of(*row[1:])} for row in rows])
        last = rows[-1][0]
