"""one table of long work: exports, purges and rehearsals become tasks, each under a new number"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from kiosk.extensions import UTCDateTime


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

GOES_ON = "state IN ('waiting', 'running', 'clearing')"
FIGURES = ('signed_in', 'failed', 'p50_ms', 'p95_ms', 'slowest_ms')
FILE = ('file_name', 'mimetype', 'unprintable')


def upgrade() -> None:
    op.create_table('task',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('campaign_id', sa.Integer(), nullable=True),
    sa.Column('asked_by', sa.String(length=80), nullable=False),
    sa.Column('asked_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('heard_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=True),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('scrubbed_at', UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('export', 'purge', 'rehearsal')", name=op.f('ck_task_kind')),
    sa.CheckConstraint("state IN ('waiting', 'running', 'clearing', 'done', 'stopped', 'failed')", name=op.f('ck_task_state')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_task_campaign_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_task_event_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task'))
    )
    op.create_index(op.f('ix_task_campaign_id'), 'task', ['campaign_id'], unique=False)
    op.create_index(op.f('ix_task_event_id'), 'task', ['event_id'], unique=False)
    going_on = sa.text(f"kind = 'rehearsal' AND {GOES_ON}")
    op.create_index('uq_task_rehearsal', 'task', ['kind'], unique=True, sqlite_where=going_on, postgresql_where=going_on)
    tables = _tables('task', 'export', 'purge', 'rehearsal', 'event')
    codes = dict(op.get_bind().execute(sa.select(tables['event'].c.id, tables['event'].c.code)).tuples().all())
    add = sa.insert(tables['task'])
    for made_of, name in ((_of_rehearsal, 'rehearsal'), (_of_purge, 'purge'), (_of_export, 'export')):
        for row in _rows(tables[name]):
            op.execute(add.values(kind=name, **made_of(row, codes)))
        op.drop_table(name)


def downgrade() -> None:
    _make_old_tables()
    tables = _tables('task', 'export', 'purge', 'rehearsal', 'event')
    ids = {code: number for number, code in op.get_bind().execute(sa.select(tables['event'].c.id, tables['event'].c.code))}
    made_of = {'rehearsal': _to_rehearsal, 'purge': _to_purge, 'export': _to_export}
    for row in _rows(tables['task']):
        op.execute(sa.insert(tables[row['kind']]).values(made_of[row['kind']](row, ids)))
    op.drop_table('task')


def _tables(*names: str) -> dict[str, sa.Table]:
    """Return the tables as the database has them, with the house's times."""
    metadata = sa.MetaData()
    metadata.reflect(op.get_bind(), only=names, resolve_fks=False)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.DateTime):
                column.type = UTCDateTime(timezone=True)
    return dict(metadata.tables)


def _rows(table: sa.Table) -> Iterator[dict[str, Any]]:
    """Read the rows one by one: a file may be large."""
    connection = op.get_bind()
    for number in connection.scalars(sa.select(table.c.id).order_by(table.c.id)).all():
        yield dict(connection.execute(sa.select(table).where(table.c.id == number)).mappings().one())


def _of_rehearsal(row: dict[str, Any], codes: dict[int, str]) -> dict[str, Any]:
    """A copy that is still there has to be cleared away, whatever became of its rehearsal."""
    copy = codes.get(row['event_id'])
    is_stopped = row['state'] == 'stopped'
    return {
        **{name: row[name] for name in ('asked_by', 'ended_at')},
        'what': '', 'event_id': row['source_event_id'] if row['source_event_id'] in codes else None,
        'asked_at': row['started_at'], 'total': row['arrivals'], 'done': row['signed_in'] + row['failed'],
        'state': row['state'] if copy is None else 'clearing' if is_stopped else row['state'],
        'reason': 'stopped' if is_stopped else None,
        'options': {'seconds': row['seconds'], 'copy': copy or ''},
        'result': {name: row[name] for name in FIGURES},
    }  # fmt: skip


def _of_purge(row: dict[str, Any], codes: dict[int, str]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ('asked_by', 'asked_at', 'total', 'scrubbed_at')},
        'what': row['scope'], 'event_id': row['event_id'] if row['event_id'] in codes else None,
        'state': 'running' if row['finished_at'] is None else 'done', 'done': row['people'],
        'ended_at': row['finished_at'], 'options': {}, 'result': {},
    }  # fmt: skip


def _of_export(row: dict[str, Any], _codes: dict[int, str]) -> dict[str, Any]:
    same = ('what', 'options', 'event_id', 'campaign_id', 'state', 'done', 'total', 'body', 'reason', 'asked_at')
    result = {} if row['file_name'] is None else {name: row[name] for name in FILE}
    more = {'asked_by': f'staff:{row["staff_id"]}', 'heard_at': row['heard_at'], 'ended_at': row['ended_at']}
    return {**{name: row[name] for name in same}, **more, 'result': result}


def _to_rehearsal(row: dict[str, Any], ids: dict[str, int]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ('asked_by', 'ended_at')},
        'source_event_id': row['event_id'] or 0,
        'event_id': ids.get(row['options']['copy']),
        'arrivals': row['total'], 'seconds': row['options']['seconds'], 'started_at': row['asked_at'],
        'state': row['reason'] or row['state'],
        **row['result'],
    }  # fmt: skip


def _to_purge(row: dict[str, Any], _ids: dict[str, int]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ('event_id', 'asked_by', 'asked_at', 'total', 'scrubbed_at')},
        'scope': row['what'], 'people': row['done'], 'finished_at': row['ended_at'],
    }  # fmt: skip


def _to_export(row: dict[str, Any], _ids: dict[str, int]) -> dict[str, Any]:
    same = ('what', 'options', 'event_id', 'campaign_id', 'state', 'done', 'total', 'body', 'reason', 'asked_at', 'heard_at', 'ended_at')
    return {
        **{name: row[name] for name in same},
        'staff_id': int(row['asked_by'].removeprefix('staff:')),
        **{name: row['result'].get(name) for name in FILE},
    }


def _make_old_tables() -> None:
    op.create_table('purge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sa.String(length=10), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('participant_id', sa.Integer(), nullable=True),
    sa.Column('asked_by', sa.String(length=80), nullable=False),
    sa.Column('asked_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('finished_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('scrubbed_at', UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("scope IN ('event', 'minors', 'person')", name=op.f('ck_purge_scope')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purge'))
    )
    op.create_table('rehearsal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_event_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('arrivals', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('signed_in', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('p50_ms', sa.Integer(), nullable=True),
    sa.Column('p95_ms', sa.Integer(), nullable=True),
    sa.Column('slowest_ms', sa.Integer(), nullable=True),
    sa.Column('asked_by', sa.String(length=80), nullable=False),
    sa.Column('started_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'running', 'clearing', 'done', 'stopped', 'failed')", name=op.f('ck_rehearsal_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rehearsal'))
    )
    op.create_table('export',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('campaign_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=True),
    sa.Column('mimetype', sa.String(length=100), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('unprintable', sa.String(length=40), nullable=True),
    sa.Column('reason', sa.String(length=30), nullable=True),
    sa.Column('asked_at', UTCDateTime(timezone=True), nullable=False),
    sa.Column('heard_at', UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', UTCDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name=op.f('ck_export_state')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_export_campaign_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_export_event_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_export_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export'))
    )
    for name in ('campaign_id', 'event_id', 'staff_id'):
        op.create_index(op.f(f'ix_export_{name}'), 'export', [name], unique=False)
