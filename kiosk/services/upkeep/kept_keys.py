"""Keys that rows keep of a name, written anew after an upgrade that makes them otherwise.

The migration that changes what a key says leaves a row in `stored_setting`: as long as it is there, housekeeping goes
through the people, a few at a time beside the open doors, and notes how far it is in the same transaction. Searching
works meanwhile: whoever was not reached yet is found by what their old key says. A migration cannot do it, as it must
not use the program's own rules: they go on to change (docs/decisions/0017-every-reading.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from kiosk.extensions import db
from kiosk.models import Participant, RosterEntry, SignIn, StoredSetting
from kiosk.person_fields import COLUMNS
from kiosk.services.names import name_key_of
from kiosk.services.people.search_keys import search_key_of
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks.tasks import insist

WANTED = "kept_keys"  # its value is the table and the last row that are done: "sign_in 4000"
STEP = 400  # rows of one unit of work: some 20 ms in which the door waits
# Participants first: a sign-in asks them first who it is.
TABLES: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "participant": (Participant, ("name",)),
    "roster_entry": (RosterEntry, (*COLUMNS, "group_name", "search_key")),
    "sign_in": (SignIn, (*COLUMNS, "search_key")),
}


def are_old() -> bool:
    """Say whether there are keys of before an upgrade."""
    return db.session.scalar(select(StoredSetting.key).where(StoredSetting.key == WANTED)) is not None


def renew() -> None:
    """Write what is left of them anew."""
    while insist(_renew_some):
        pass


@unit
def _renew_some(session: WriterSession) -> bool:
    """Write the keys of the next rows anew; False when all are done."""
    wanted = session.get(StoredSetting, WANTED, with_for_update=True)
    if wanted is None:
        return False
    names = list(TABLES)
    table, _, done = (wanted.value or f"{names[0]} 0").partition(" ")
    model, columns = TABLES[table]
    last = _renew_rows(session, model, columns, int(done))
    if last is not None:
        wanted.value = f"{table} {last}"
    elif table == names[-1]:
        session.delete(wanted)
        return False
    else:
        wanted.value = f"{names[names.index(table) + 1]} 0"
    return True


def _renew_rows(session: WriterSession, model: Any, columns: tuple[str, ...], done: int) -> int | None:
    """Write the rows after `done` anew and return the last one's id; None when there is none. They are locked, so that
    no key comes back to a row that is emptied meanwhile."""
    of_row = (model.id, model.name_key, *(getattr(model, column) for column in columns))
    rows = session.execute(
        select(*of_row).where(model.id > done).order_by(model.id).limit(STEP).with_for_update()
    ).all()
    changed = [{"id": row.id, **new} for row in rows if row.name and (new := _changes(model, row))]
    if model is Participant:
        for one in changed:
            _rename(session, one["id"], one["name_key"])
    elif changed:
        session.execute(update(model), changed)
    return rows[-1].id if rows else None


def _changes(model: Any, row: Any) -> dict[str, str]:
    """Return the keys of a row when one of them is not what the row says today."""
    keys = {"name_key": name_key_of(row.name)}
    if model is not Participant:
        keys["search_key"] = search_key_of(row)
    return {} if all(getattr(row, column) == key for column, key in keys.items()) else keys


def _rename(session: WriterSession, participant_id: int, name_key: str) -> None:
    """Give a participant its key, unless another of this mobile has it: two rows of one person are not made one here,
    as each has its own sign-ins and proofs. Whoever comes again is found as the other."""
    other = aliased(Participant)
    is_taken = exists().where(
        other.campaign_id == Participant.campaign_id, other.mobile == Participant.mobile, other.name_key == name_key
    )
    session.execute(
        update(Participant)
        .where(Participant.id == participant_id, ~is_taken)
        .values(name_key=name_key)
        .execution_options(synchronize_session=False)
    )
