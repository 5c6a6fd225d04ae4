"""One person's rows emptied (删除个人信息): sign-ins, roster entries, mentions in groups' lists, the participant.

The rows stay, and with them every figure; the ledger names them, so that a restored backup does not bring them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, or_, select, update

from kiosk.extensions import db
from kiosk.models import GroupSignIn, HoursOverride, Participant, Proof, RosterEntry, SentToDesk, SignIn, SignInChange
from kiosk.services.audit_log import audit
from kiosk.services.names import key_of
from kiosk.services.privacy import clearing, ledger, purges, shared_ledger
from kiosk.services.privacy.declaration import CLEARED, Target
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tasks import tasks

LEADER = -1  # in place of a place in a group's list of absent people: who led it
# The condition that a group names anybody beside those it signed in.
NAMES_SOMEBODY = or_(cast(GroupSignIn.absent, Text) != "[]", GroupSignIn.leader.is_not(None))


@dataclass(frozen=True)
class Erased:
    """The rows that speak of one person within one campaign.

    A mention is a group's id and a place in its list of absent people, or LEADER.
    """

    campaign_id: int
    sign_ins: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    participants: tuple[int, ...] = ()
    mentions: tuple[tuple[int, int], ...] = ()


def erase(erased: Erased, actor: str) -> int:
    """Erase and return the purge's id. The ledger is on disk before the first row changes."""
    shared_ledger.append("person", **_named(erased))
    return carry_out(erased, actor)


def carry_out(erased: Erased, actor: str) -> int:
    """Empty the rows under a purge of their own; a repeat changes nothing."""
    target = target_of(erased)
    names = _names(erased)
    purge_id = _begin(erased, actor)
    if erased.mentions:
        _forget_mentions(erased)
    for event_id in target.event_ids if names else ():
        _forget_in_words(event_id, names)
    clearing.clear(target)
    purges.finish(purge_id)
    return purge_id


def target_of(erased: Erased) -> Target:
    """Return the rows as clearing knows them."""
    of_events = [
        select(SignIn.event_id).where(SignIn.id.in_(erased.sign_ins)),
        select(RosterEntry.event_id).where(RosterEntry.id.in_(erased.entries)),
        select(GroupSignIn.event_id).where(GroupSignIn.id.in_([group for group, _ in erased.mentions])),
    ]
    event_ids = {event_id for statement in of_events for event_id in db.session.scalars(statement)}
    return Target(
        campaign_id=erased.campaign_id,
        event_ids=tuple(sorted(event_ids)),
        is_person=True,
        sign_in_ids=erased.sign_ins,
        entry_ids=erased.entries,
        participant_ids=erased.participants,
    )


def is_anything_left(erased: Erased) -> bool:
    """Say whether a row still names the person. A draft or a file that waits nearby is not meant, nor a participant
    whom another event needs."""
    target = target_of(erased)
    people = [table for table in CLEARED if table.model in (SignIn, RosterEntry, Participant)]
    is_left = any(db.session.scalar(select(one.id).where(one.is_left(target)).limit(1)) is not None for one in people)
    return is_left or any(_mention(group_id, number) for group_id, number in erased.mentions)


def _named(erased: Erased) -> dict[str, Any]:
    """Return the rows as the ledger names them: each id with the time at which its row was made."""

    def rows(model: Any, made_at: Any, ids: Sequence[int]) -> list[ledger.Row]:
        rows = db.session.execute(select(model.id, made_at).where(model.id.in_(ids)).order_by(model.id))
        return [ledger.row(row_id, at) for row_id, at in rows]

    groups = dict(rows(GroupSignIn, GroupSignIn.created_at, [group for group, _ in erased.mentions]))
    return {
        "campaign_id": erased.campaign_id,
        "sign_ins": rows(SignIn, SignIn.received_at, erased.sign_ins),
        "entries": rows(RosterEntry, RosterEntry.created_at, erased.entries),
        "participants": rows(Participant, Participant.created_at, erased.participants),
        "mentions": [(group, groups[group], number) for group, number in erased.mentions],
    }


def _names(erased: Erased) -> set[str]:
    """Return the person's names as they are written in these rows."""
    names = set(db.session.scalars(select(SignIn.name).where(SignIn.id.in_(erased.sign_ins))))
    names |= set(db.session.scalars(select(RosterEntry.name).where(RosterEntry.id.in_(erased.entries))))
    return {name for name in names if len(key_of(name)) > 1}


@unit
def _begin(session: WriterSession, erased: Erased, actor: str) -> int:
    who = erased.participants[0] if erased.participants else None
    purge_id = tasks.add.within(session, purges.PurgeView, what="person", asked_by=actor, state="running", total=1)
    changed = {"purge": purge_id, "sign_ins": list(erased.sign_ins), "entries": list(erased.entries)}
    subject = f"participant:{who}" if who is not None else f"purge:{purge_id}"
    audit.record(session, actor, "privacy.person", subject=subject, changed=changed)
    return purge_id


@unit
def _forget_mentions(session: WriterSession, erased: Erased) -> None:
    """Empty the person's places in groups' lists of who is absent, and where they led; the others keep theirs."""
    for group_id, number in erased.mentions:
        group = session.get(GroupSignIn, group_id)
        if group is not None and number == LEADER:
            group.leader = None
        elif group is not None and number < len(group.absent):
            absent = [dict(one) for one in group.absent]
            absent[number] |= {"name": "", "reason": ""}
            group.absent = absent


@unit
def _forget_in_words(session: WriterSession, event_id: int, names: set[str]) -> None:
    """Empty the free text of the event that has the person's full name in it: reasons and remarks about others."""
    of_event = select(SignIn.id).where(SignIn.event_id == event_id)
    for name in names:
        for model, column, rows, empty in (
            (RosterEntry, RosterEntry.reason, RosterEntry.event_id == event_id, None),
            (RosterEntry, RosterEntry.note, RosterEntry.event_id == event_id, None),
            (RosterEntry, RosterEntry.steward_note, RosterEntry.event_id == event_id, None),
            (SentToDesk, SentToDesk.note, SentToDesk.event_id == event_id, ""),
            (SignInChange, SignInChange.reason, SignInChange.sign_in_id.in_(of_event), None),
            (HoursOverride, HoursOverride.reason, HoursOverride.sign_in_id.in_(of_event), ""),
            (Proof, Proof.void_reason, Proof.event_id == event_id, None),
        ):
            mentions = column.contains(name, autoescape=True)
            statement = update(model).where(rows, mentions).values({column.key: empty})
            session.execute(statement.execution_options(synchronize_session=False))


def _mention(group_id: int, number: int) -> bool:
    group = db.session.get(GroupSignIn, group_id)
    if group is None or number == LEADER:
        return group is not None and group.leader is not None
    return number < len(group.absent) and bool(group.absent[number].get("name"))
