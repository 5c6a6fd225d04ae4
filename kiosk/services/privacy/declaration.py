"""Where personal data stands, whose it is, and what an emptied column holds: the one table that purge, erasure and
export run from. tests/services/privacy/test_purge.py fails for a table with personal columns (models/columns) that
is not here.

Rows are emptied in place. What stays are keys (a repeat still finds its row), ids of participants and organisations,
kinds, times and tallies, so that every figure of a report is what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, ColumnElement, String, Text, and_, cast, exists, false, or_, select
from sqlalchemy.orm import aliased

from kiosk.extensions import Base
from kiosk.models import (
    CountLink,
    DoorLink,
    Event,
    FrozenSheet,
    GroupSignIn,
    HoursOverride,
    Movement,
    NamelessStep,
    Participant,
    PersonDifference,
    Proof,
    RollCall,
    RollTick,
    RosterChange,
    RosterDraft,
    RosterEntry,
    RosterSeats,
    SentToDesk,
    Signature,
    SignIn,
    SignInChange,
    SplitList,
    Task,
    Tick,
)
from kiosk.person_fields import COLUMNS, OF_PARTICIPANT

CLEARED_KEY = "purged:"  # and the entry's id: re-imports know rows by their key, which holds names


@dataclass(frozen=True)
class Target:
    """Whose data: an event's, its minors' (`is_minors`), or of one person the rows named by their ids."""

    campaign_id: int
    event_ids: tuple[int, ...]
    is_minors: bool = False
    is_person: bool = False
    sign_in_ids: tuple[int, ...] = ()
    entry_ids: tuple[int, ...] = ()
    participant_ids: tuple[int, ...] = ()

    @property
    def event_id(self) -> int | None:
        """Return the one event, whose counter is locked while its rows change."""
        return self.event_ids[0] if len(self.event_ids) == 1 else None


@dataclass(frozen=True)
class PersonalTable:
    """One table. `empty`: what is cleared, and to what. `kept`: personal columns that stay, and why.

    `rows` says which rows are a target's. `of_minors`: the columns cleared for minors, where not all are.
    """

    model: type[Base]
    rows: Callable[[Target], ColumnElement[bool]]
    empty: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    of_minors: tuple[str, ...] | None = None
    is_deleted: bool = False  # nothing of the row is needed any more
    is_shared: bool = False  # other events may need it: cleared after theirs, and told to its person all the same
    is_told: bool = True  # its rows are somebody's own, and part of the copy they get

    @property
    def name(self) -> str:
        return str(self.model.__tablename__)

    @property
    def id(self) -> Any:
        return self.model.__table__.c.id

    def told(self, target: Target) -> ColumnElement[bool]:
        """Return which rows a person is told of."""
        return self.id.in_(target.participant_ids) if self.is_shared else self.rows(target)

    def columns(self, target: Target) -> dict[str, Any]:
        """Return what is written into the target's rows, by column."""
        names = self.of_minors if target.is_minors and self.of_minors is not None else tuple(self.empty)
        return {name: self.empty[name] for name in names}

    def is_left(self, target: Target) -> ColumnElement[bool]:
        """Return the condition that a row still holds what should be empty."""
        if self.is_deleted:
            return and_(self.rows(target))
        return and_(self.rows(target), or_(*self._full(self.columns(target))))

    def _full(self, columns: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        for name, value in columns.items():
            column = self.model.__table__.c[name]
            if isinstance(column.type, JSON):
                conditions.append(cast(column, Text) != ("[]" if value == [] else "{}"))
            elif value is None:
                conditions.append(column.is_not(None))
            elif isinstance(value, str):
                conditions.append(column != value)
        return conditions


def _sign_ins(target: Target) -> ColumnElement[bool]:
    if target.is_person:
        return SignIn.id.in_(target.sign_in_ids)
    return _of_minors(SignIn.event_id.in_(target.event_ids), SignIn.kind, target)


def _of_sign_ins(column: Any) -> Callable[[Target], ColumnElement[bool]]:
    return lambda target: column.in_(select(SignIn.id).where(_sign_ins(target)))


def _entries(target: Target) -> ColumnElement[bool]:
    if target.is_person:
        return RosterEntry.id.in_(target.entry_ids)
    return _of_minors(RosterEntry.event_id.in_(target.event_ids), RosterEntry.kind, target)


def _differences(target: Target) -> ColumnElement[bool]:
    """Answers about a target's entries, or its sign-ins."""
    of_sign_ins = _of_sign_ins(PersonDifference.sign_in_id)(target)
    return or_(of_sign_ins, PersonDifference.entry_id.in_(select(RosterEntry.id).where(_entries(target))))


def _sent(target: Target) -> ColumnElement[bool]:
    """Words about a target's sign-ins, or its entries."""
    of_sign_ins = _of_sign_ins(SentToDesk.sign_in_id)(target)
    return or_(of_sign_ins, SentToDesk.entry_id.in_(select(RosterEntry.id).where(_entries(target))))


def _groups(target: Target) -> ColumnElement[bool]:
    if target.is_person:
        return false()  # where one person is mentioned: services/privacy/erasure
    return _of_minors(GroupSignIn.event_id.in_(target.event_ids), GroupSignIn.kind, target)


def _of_event(model: Any) -> Callable[[Target], ColumnElement[bool]]:
    def rows(target: Target) -> ColumnElement[bool]:
        is_whole = not target.is_person and not target.is_minors
        return and_(model.event_id.in_(target.event_ids)) if is_whole else false()

    return rows


def _of_events(model: Any) -> Callable[[Target], ColumnElement[bool]]:
    return lambda target: and_(model.event_id.in_(target.event_ids))


def _of_campaign(target: Target) -> ColumnElement[bool]:
    """Lists that are not split yet: whose people they are for is not said before."""
    return and_(SplitList.campaign_id == target.campaign_id)


def _frozen(target: Target) -> ColumnElement[bool]:
    """Sheets of the events. Nothing can be drawn of one once a name on it is gone."""
    of_events = FrozenSheet.event_id.in_(target.event_ids)
    if not target.is_minors:
        return and_(of_events)
    came = exists().where(SignIn.event_id == FrozenSheet.event_id, SignIn.kind == "student")
    listed = exists().where(RosterEntry.event_id == FrozenSheet.event_id, RosterEntry.kind == "student")
    return and_(of_events, or_(came, listed))


def _files(target: Target) -> ColumnElement[bool]:
    """Files of the events and of the whole campaign; a series' proofs are asked for at any event of it. And imports
    that are over: their files have names, too."""
    tied = aliased(Event)
    series = select(Event.id).where(
        Event.series_id.in_(select(tied.series_id).where(tied.id.in_(target.event_ids), tied.series_id.is_not(None)))
    )
    of_events = or_(Task.event_id.in_(target.event_ids), Task.event_id.in_(series))
    exports = and_(Task.kind == "export", or_(of_events, Task.campaign_id == target.campaign_id))
    imports = and_(Task.kind == "import", Task.event_id.in_(target.event_ids), Task.state.in_(("done", "failed")))
    return or_(exports, imports)


def _proofs(target: Target) -> ColumnElement[bool]:
    """An event's proofs; those of its series as soon as no event of it knows the person any more."""
    series = select(Event.series_id).where(Event.id.in_(target.event_ids), Event.series_id.is_not(None))
    known = exists().where(
        SignIn.participant_id == Proof.participant_id,
        SignIn.name != "",
        SignIn.event_id == Event.id,
        Event.series_id == Proof.series_id,
    )
    rows = or_(Proof.event_id.in_(target.event_ids), and_(Proof.series_id.in_(series), ~known))
    if target.is_person or target.is_minors:
        of_people = select(SignIn.participant_id).where(_sign_ins(target))
        rows = and_(rows, or_(Proof.participant_id.in_(of_people), Proof.participant_id.in_(target.participant_ids)))
    return rows


def _participants(target: Target) -> ColumnElement[bool]:
    """Whom no sign-in of the campaign and no roster of it knows any more: the next event would make them anew."""
    entry, event = aliased(RosterEntry), aliased(Event)
    has_come = exists().where(SignIn.participant_id == Participant.id, SignIn.name != "")
    is_expected = exists().where(
        event.campaign_id == Participant.campaign_id,
        entry.event_id == event.id,
        entry.name_key == Participant.name_key,
        or_(
            entry.mobile == Participant.mobile,
            and_(entry.student_no == Participant.student_no, entry.organisation_id == Participant.organisation_id),
        ),
    )
    is_alone = and_(Participant.campaign_id == target.campaign_id, ~has_come, ~is_expected)
    return and_(Participant.id.in_(target.participant_ids), is_alone) if target.is_person else is_alone


def _of_minors(condition: ColumnElement[bool], kind: Any, target: Target) -> ColumnElement[bool]:
    return and_(condition, kind == "student") if target.is_minors else condition


_HASH = "a keyed hash: a repeat still finds its row, nobody is read from it"
_ACTOR = "who acted, by number"
_SNAPSHOT = {**dict.fromkeys(COLUMNS), "name": "", "name_key": "", "search_key": ""}
_PARTICIPANT = {name: _SNAPSHOT[name] for name in ("name_key", *OF_PARTICIPANT)}

# In the order in which they are cleared: what is seen first goes first; who is needed is asked last.
TABLES = (
    PersonalTable(
        SignIn,
        _sign_ins,
        # Answers go as well, lunch and the like: beside an organisation and a time they tell of somebody. Their
        # totals stay in event_tally, and services/tallies.recount knows that they have no rows any more.
        empty={**_SNAPSHOT, "answers": {}, "spoken_code": None},
        kept={"idempotency_key": _HASH},
    ),
    PersonalTable(
        RosterEntry,
        _entries,
        empty={
            **_SNAPSHOT, "entry_key": CLEARED_KEY + cast(RosterEntry.id, String),
            "mobile_last4": None, "group_name": None, "note": None, "steward_note": None, "reason": None,
        },
        kept={"state_changed_by": _ACTOR},
    ),
    PersonalTable(SentToDesk, _sent, empty={"note": ""}, kept={"sent_by": _ACTOR, "taken_by": _ACTOR}),
    PersonalTable(SignInChange, _of_sign_ins(SignInChange.sign_in_id), empty={"reason": None}),
    PersonalTable(Signature, _of_sign_ins(Signature.sign_in_id), empty={"drawn": "", "typed": ""}),
    PersonalTable(Movement, _of_sign_ins(Movement.sign_in_id), kept={"idempotency_key": _HASH}),
    PersonalTable(HoursOverride, _of_sign_ins(HoursOverride.sign_in_id), empty={"reason": ""}, kept={"set_by": _ACTOR}),
    PersonalTable(
        GroupSignIn,
        _groups,
        empty={"leader": None, "organisation_name": None, "class_name": None, "group_name": None, "absent": []},
        kept={"token_hash": _HASH, "idempotency_key": _HASH},
        of_minors=("absent",),  # the teacher is no minor; that the guardians consented stays either way
    ),
    PersonalTable(
        DoorLink, _of_event(DoorLink), empty={"label": "", "group_name": None}, kept={"token_hash": _HASH}
    ),
    PersonalTable(CountLink, _of_event(CountLink), empty={"label": ""}, kept={"token_hash": _HASH}),
    # How many were counted without a name stays, as every tally does.
    PersonalTable(
        NamelessStep,
        _of_event(NamelessStep),
        kept={"counted_by": _ACTOR, "idempotency_key": _HASH},
        is_told=False,
    ),
    PersonalTable(RosterSeats, _of_event(RosterSeats), empty={"group_name": None, "note": None}),
    PersonalTable(Tick, _of_sign_ins(Tick.sign_in_id), kept={"ticked_by": _ACTOR}),
    PersonalTable(
        RollCall,
        _of_event(RollCall),
        empty={"label": ""},
        kept={"idempotency_key": _HASH, "started_by": _ACTOR, "ended_by": _ACTOR},
    ),
    # As the sign-ins: whoever is cleared stays counted, without a name.
    PersonalTable(RollTick, _of_sign_ins(RollTick.sign_in_id), kept={"ticked_by": _ACTOR}),
    PersonalTable(
        Proof,
        _proofs,
        empty={"name": None, "organisation_name": None, "void_reason": None},
        kept={"issued_by": _ACTOR},
    ),
    PersonalTable(Participant, _participants, empty=_PARTICIPANT, is_shared=True),
    # Last: a file that is asked for from now on finds nothing to be drawn from.
    PersonalTable(FrozenSheet, _frozen, empty={"kept": {}}, is_told=False),
    PersonalTable(RosterDraft, _of_events(RosterDraft), is_deleted=True),
    PersonalTable(SplitList, _of_campaign, is_deleted=True),
    PersonalTable(RosterChange, _of_events(RosterChange), is_deleted=True),
    PersonalTable(PersonDifference, _differences, is_deleted=True),
    PersonalTable(Task, _files, is_deleted=True),
)  # fmt: skip
CLEARED = tuple(table for table in TABLES if table.empty or table.is_deleted)

# Tables with personal columns in which nobody stands who came to an event.
OUTSIDE = {
    "staff": "accounts: people of the host, until an admin puts them away",
    "staff_session": "browsers of staff, by hash",
    "device_link": "screens, by hash",
    "organisation_merge": _ACTOR,
    "audit_entry": "who acted, by number; its values are masked when they are written, and the database keeps them",
    "stored_setting": "what the installation remembers of itself",
    "guess_window": "counts of wrong guesses, by hash, for minutes",
}
