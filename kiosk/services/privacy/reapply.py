"""The ledger's entries done again, after a restore has brought back what was purged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import Event, GroupSignIn, Participant, RosterEntry, SignIn
from kiosk.services.event import event_views
from kiosk.services.pages import parts
from kiosk.services.privacy import erasure, ledger, purges
from kiosk.services.privacy.erasure import Erased

AT_ONCE = 500  # ids a query
# The rows that an entry of one person names, by its keys.
NAMED: tuple[tuple[Any, str], ...] = (
    (SignIn, "sign_ins"),
    (RosterEntry, "entries"),
    (Participant, "participants"),
    (GroupSignIn, "mentions"),
)


def reapply() -> int:
    """Purge again what the ledger names and the database still has; return how many entries that were.

    Cheap when there is nothing to do: it runs at each start (services/upkeep/upgrades).
    """
    entries = list(ledger.entries())
    done = _events([entry for entry in entries if entry.get("scope") in ("event", "minors")])
    return done + _people([entry for entry in entries if entry.get("scope") == "person"])


def _events(entries: list[dict[str, Any]]) -> int:
    """Do the entries whose event, by id and code, is there and not marked."""
    known = {(event.id, event.code): event for event in _with_ids(Event, (one["event_id"] for one in entries))}
    todo: dict[tuple[int, str], str] = {}
    for entry in entries:
        event = known.get((entry["event_id"], entry["code"]))
        if event is None or event.purged_at is not None:
            continue
        if entry["scope"] == "event":
            todo[event.id, event.code] = "event"
        elif event.minors_cleared_at is None:
            todo.setdefault((event.id, event.code), "minors")
    for (_, code), scope in todo.items():
        view = event_views.find_now(code)
        if view is not None:
            purges.carry_on(purges.begin(view, scope, purges.LEDGER))
    return len(todo)


def _people(entries: list[dict[str, Any]]) -> int:
    done, live = 0, _still_named(entries)
    for entry in entries:
        if not any(live[model] & _ids(entry[key]) for model, key in NAMED):
            continue
        target = Erased(
            campaign_id=entry["campaign_id"],
            sign_ins=_same(SignIn, SignIn.received_at, entry["sign_ins"]),
            entries=_same(RosterEntry, RosterEntry.created_at, entry["entries"]),
            participants=_same(Participant, Participant.created_at, entry["participants"]),
            mentions=_same_mentions(entry["mentions"]),
        )
        if erasure.is_anything_left(target):
            erasure.carry_out(target, purges.LEDGER)
            done += 1
    return done


def _still_named(entries: list[dict[str, Any]]) -> dict[Any, set[int]]:
    """Return which of all the rows that the entries name still hold something, in a few queries for all of them."""
    live: dict[Any, set[int]] = {}
    for model, key in NAMED:
        is_full = erasure.NAMES_SOMEBODY if model is GroupSignIn else model.name != ""
        wanted = sorted(set().union(*(_ids(entry[key]) for entry in entries)))
        live[model] = {
            row_id
            for chunk in parts(wanted, AT_ONCE)
            for row_id in db.session.scalars(select(model.id).where(model.id.in_(chunk), is_full))
        }
    return live


def _ids(rows: list[list[Any]]) -> set[int]:
    return {int(row[0]) for row in rows}


def _same(model: Any, made_at: Any, rows: list[list[Any]]) -> tuple[int, ...]:
    """Return the ids whose row is the very one of the entry: made at the same time."""
    wanted = {int(row_id): datetime.fromisoformat(at) for row_id, at in rows}
    there = db.session.execute(select(model.id, made_at).where(model.id.in_(list(wanted)))) if wanted else ()
    return tuple(row_id for row_id, at in there if wanted[row_id] == at)


def _same_mentions(rows: list[list[Any]]) -> tuple[tuple[int, int], ...]:
    same = set(_same(GroupSignIn, GroupSignIn.created_at, [[group_id, at] for group_id, at, _ in rows]))
    return tuple((group_id, number) for group_id, _, number in rows if group_id in same)


def _with_ids(model: Any, ids: Iterable[int]) -> list[Any]:
    chunks = parts(sorted(set(ids)), AT_ONCE)
    return [row for chunk in chunks for row in db.session.scalars(select(model).where(model.id.in_(chunk)))]


def unfinished_people() -> tuple[int, ...]:
    """Return the erasures of one person that a crash left undone."""
    return purges.unfinished(("person",))


def finish_people() -> None:
    """Finish what a crash left of one person's erasure: the ledger was written before it began."""
    unfinished = unfinished_people()
    reapply()
    for purge_id in unfinished:
        purges.finish(purge_id)
