"""A leader's list as a form: one row a person, ticked or not, with a reason for who is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from kiosk.closed import Kind
from kiosk.services import refusal_words
from kiosk.services.codes import Ticket
from kiosk.services.door.links import LinkView
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details, FieldErrors, FormField, parse as parse_fields
from kiosk.services.group.groups import AT_ONCE, Absent, GroupPerson, Mark, Submission, common, ticket_of_link
from kiosk.services.lists.doubts import PersonRead
from kiosk.services.lists.pasted_names import PastedNames, names_pasted
from kiosk.services.names import key_of
from kiosk.services.roster.rosters import EntryView
from kiosk.web.attendee.sign_in_form import shown_notice_id
from kiosk.web.frame.inputs import either, posted
from kiosk.web.frame.words import time_at

REASONS = {"sick": _("Sick leave"), "personal": _("Personal leave"), "other": _("Other reason")}
# The reasons above as a chat calls them, and as they were kept, in whichever language the leader has read them.
LEAVE = {
    "病假": "sick", "sick leave": "sick", "事假": "personal", "personal leave": "personal",
    "其他原因": "other", "other reason": "other",
}  # fmt: skip
# Of what stands beside a name: sex, age and the like need no mark, and leave is shown as it is.
UNSAID = frozenset({"remark", "absent"})
TWICE = _("This name stands here twice. Tick it if these are two people.")
ASKED = _("Signed in at %(time)s. Tick it if this is another person.")
SHARED = ("organisation_name", "class_name")  # written once for all
LEADER_LENGTH = 60
WHY_LENGTH = 60
LONGEST = 400  # characters of a line that is judged: what is too long is said to be, not cut
LONGEST_LIST = 100 * LONGEST


@dataclass(frozen=True)
class Row:
    """One person of the list. `seen` is the name for which `mark` was shown before: a tick beside it says that this
    is another person. `mark` is "twice", "asked", "not_listed", "doubt" or "bad"; `message` says
    why."""

    number: int
    name: str
    is_here: bool = True
    reason: str | None = None
    seen: str = ""
    mark: str | None = None
    message: Any = None
    at: datetime | None = None

    @property
    def reason_code(self) -> str | None:
        """Return which of REASONS this is; another text is "other"."""
        if self.reason is None:
            return None
        return LEAVE.get(self.reason.casefold(), "other")


@dataclass(frozen=True)
class Head:
    """What is written once for the whole group; `typed` is that by the field's key."""

    kind: Kind
    leader: str | None
    details: Details  # the shared part; its name means nothing
    typed: dict[str, str]

    @property
    def title(self) -> str | None:
        return self.details.class_name or self.details.organisation_name


def shared_fields(event: EventView, kind: Kind) -> tuple[FormField, ...]:
    """Return the fields that are asked once for the whole group."""
    return tuple(field for field in event.fields_by_kind[kind] if field.column in SHARED)


def pick_kind(event: EventView) -> Kind | None:
    """Return the kind of the group; None when it is still to be chosen."""
    if len(event.kind_names) == 1:
        return event.kind_names[0]
    return either.one_of("kind", event.kind_names)


def read_head(event: EventView, kind: Kind) -> Head:
    """Return what is written once; raise FieldErrors."""
    typed = {field.key: posted.raw(field.key, LONGEST) for field in shared_fields(event, kind)}
    name_less = parse_fields(kind, [_name_field(event, kind), *shared_fields(event, kind)], {**typed, "name": "A"})
    leader = posted.text("leader", LEADER_LENGTH) or None
    return Head(kind=kind, leader=leader, details=name_less, typed={**typed, "leader": leader or ""})


def read_pasted() -> PastedNames:
    """Return the names that were pasted; raise FieldErrors when there are none or too many."""
    pasted = names_pasted(posted.raw("names", LONGEST_LIST))
    if not pasted.people:
        raise FieldErrors({"names": _("Please paste the names here.")})
    if len(pasted.people) > AT_ONCE:
        message = _("At most %(most)s people at once; here are %(count)s. Please sign them in as two groups.")
        raise FieldErrors({"names": str(message) % {"most": AT_ONCE, "count": len(pasted.people)}})
    return pasted


def rows_of_pasted(pasted: PastedNames) -> list[Row]:
    """Return the pasted people as rows."""
    return [_row_of(number, person) for number, person in enumerate(pasted.people)]


def _row_of(number: int, person: PersonRead) -> Row:
    """Return a person of a pasted list as a row: unticked with the reason who is on leave, and who is asked about."""
    shown = [doubt for doubt in person.doubts if doubt.code not in UNSAID]
    is_here = not person.absent and not any(doubt.asks for doubt in shown)
    code = LEAVE.get(person.absent.casefold())
    reason = str(REASONS[code]) if code else person.absent[:WHY_LENGTH] or None
    message = " ".join(doubt.reason for doubt in shown)
    return Row(number, person.values["name"], is_here, reason, mark="doubt" if shown else None, message=message)


def read_rows() -> list[Row]:
    """Return the rows as the leader left them; emptied ones are gone."""
    count = min(posted.number("rows") or 0, AT_ONCE)
    rows: list[Row] = []
    for number in range(count):
        name = posted.text(f"name-{number}", LONGEST)
        if name:
            is_here = f"here-{number}" in posted
            reason = None if is_here else read_reason(number)
            rows.append(Row(len(rows), name, is_here, reason, seen=posted.text(f"seen-{number}", LONGEST)))
    return rows


def read_reason(number: int) -> str | None:
    """Return why the person of a row is not there, in words; None when nothing was said."""
    code = posted.one_of(f"reason-{number}", REASONS)
    if code is None:
        return None
    why = posted.text(f"why-{number}", WHY_LENGTH) if code == "other" else ""
    return why or str(REASONS[code])


def judge(event: EventView, kind: Kind, rows: Sequence[Row]) -> tuple[list[Row], bool]:
    """Return the rows with what is wrong with them, and whether nothing is.

    A name that stands there twice is unticked and asked about: ticked again, it is another person.
    """
    judged: list[Row] = []
    known: set[str] = set()
    for row in rows:
        message = name_problem(event, kind, row.name) if row.is_here else None
        if message is not None:
            judged.append(replace(row, mark="bad", message=message))
        elif row.is_here and key_of(row.name) in known and row.seen != row.name:
            judged.append(replace(row, mark="twice", message=TWICE, is_here=False, seen=row.name))
        else:
            judged.append(row)
            known |= {key_of(row.name)} if row.is_here else set()
    return judged, not any(row.mark for row in judged)


def name_problem(event: EventView, kind: Kind, name: str) -> Any:
    """Return what is wrong with a name, or None."""
    try:
        parse_fields(kind, [_name_field(event, kind)], {"name": name})
    except FieldErrors as error:
        return error.messages["name"]
    return None


def mark(event: EventView, rows: Sequence[Row], marks: Mapping[int, Mark]) -> list[Row]:
    """Return the rows with the marks of a refusal, which counts those who are ticked."""
    here = [row.number for row in rows if row.is_here]
    by_row = {here[index]: its_mark for index, its_mark in marks.items()}
    return [
        replace(row, mark=its_mark.code, message=_mark_words(event, its_mark), is_here=False, seen=row.name)
        if (its_mark := by_row.get(row.number))
        else row
        for row in rows
    ]


def submission_of(event: EventView, ticket: Ticket, head: Head, rows: Sequence[Row]) -> Submission:
    """Return what is sent from the public page."""
    return Submission(
        event=event,
        ticket=ticket,
        people=tuple(
            GroupPerson(replace(head.details, name=row.name), is_another=row.seen == row.name)
            for row in rows
            if row.is_here
        ),
        absent=tuple(Absent(row.name, row.reason) for row in rows if not row.is_here and row.reason),
        leader=head.leader,
        organisation_name=head.details.organisation_name,
        class_name=head.details.class_name,
        has_consented=bool(posted.raw("consent")),
        shown_notice_id=shown_notice_id(),
    )


def rows_of_roster(entries: Sequence[EntryView], *, are_here: bool) -> list[Row]:
    """Return a link's part of the roster as rows, before the leader has said anything or with all there."""
    return [
        Row(
            entry.id,
            entry.name,
            is_here=entry.has_arrived or (are_here and entry.state != "excused"),
            reason=(entry.reason or str(REASONS["other"])) if entry.state == "excused" else None,
            at=entry.signed_in_at,
        )
        for entry in entries
    ]


def read_roster_rows(entries: Sequence[EntryView]) -> list[Row]:
    """Return a link's rows as the leader left them; who came through another door stays ticked."""
    ticked = set(posted.numbers("here"))
    rows = []
    for entry in entries:
        is_here = entry.has_arrived or entry.id in ticked
        reason = None if is_here else read_reason(entry.id)
        rows.append(Row(entry.id, entry.name, is_here, reason, at=entry.signed_in_at))
    return rows


def submission_of_link(
    event: EventView, link: LinkView, entries: tuple[EntryView, ...], rows: Sequence[Row]
) -> Submission:
    """Return what is sent through a group link."""
    by_id = {entry.id: entry for entry in entries}
    return Submission(
        event=event,
        ticket=ticket_of_link(link),
        people=tuple(GroupPerson(by_id[row.number].details(), row.number) for row in rows if row.is_here),
        absent=tuple(Absent(row.name, row.reason, row.number) for row in rows if not row.is_here and row.reason),
        organisation_name=common(entries, "organisation_name"),
        class_name=common(entries, "class_name"),
        link=link,
        has_consented=bool(posted.raw("consent")),
        shown_notice_id=shown_notice_id(),
    )


def _mark_words(event: EventView, its_mark: Mark) -> str:
    if its_mark.at is None:
        return refusal_words.say("not_listed", "leader")
    return str(ASKED) % {"time": time_at(its_mark.at, event.zone)}


def _name_field(event: EventView, kind: Kind) -> FormField:
    return next(field for field in event.fields_by_kind[kind] if field.column == "name")
