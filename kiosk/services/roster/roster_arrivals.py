"""Who signed in before the list named them: tied to their entry, or given a free seat, as at the door.

A list that comes late, or comes again with more people, finds some of them here already. The rules are the door's
(services/sign_in/places), but nobody is asked here, so nothing is guessed: what fits two people ties neither.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, scoped_session

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import EventCounter, Organisation, RosterEntry, RosterSeats, SignIn
from kiosk.services import tallies
from kiosk.services.audit_log import audit
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.names import key_of
from kiosk.services.pages import parts
from kiosk.services.roster.roster_matching import may_be_one
from kiosk.services.sign_in import places
from kiosk.services.sign_in.namesakes import different, without_place
from kiosk.services.store.writer import WriterSession, unit

Reader = Session | scoped_session[Any]
CHUNK = 25  # people a unit of work: none holds the writer over 50 ms
MARKED = 100  # by one statement


@dataclass(frozen=True)
class Person:
    """A sign-in without a place on the list, or an entry whom nobody has filled: what the two are compared by."""

    id: int
    kind: str
    name_key: str
    class_name: str | None = None
    mobile: str | None = None
    student_no: str | None = None
    organisation_id: int | None = None
    root: int | str | None = None  # text: an organisation that only the coming list knows
    seats_id: int | None = None  # the seat that the sign-in fills now

    @cached_property
    def class_key(self) -> str:
        return key_of(self.class_name or "")


@dataclass(frozen=True)
class Seats:
    """An organisation's seats, and how many of them are filled."""

    id: int
    organisation_id: int | None
    root: int | str
    position: int
    seats: int
    filled: int


@dataclass(frozen=True)
class Ties:
    """Sign-ins with their entries, and others with the seats that they fill."""

    entries: tuple[tuple[Person, Person], ...]
    seats: tuple[tuple[Person, Seats], ...]

    def __len__(self) -> int:
        return len(self.entries) + len(self.seats)


def tie(event_id: int, *, actor: str) -> int:
    """Tie who is here to the list as it stands now and return how many; a second time changes nothing.

    Who came before there was a list, and is not on it, is a walk-in from now on: so the sheet says too.
    Sign-ins that are void, on trial, on the wait list, in somebody's place or anonymous stay as they are.
    Raises EventCleared.
    """
    tied = sum(_tie(event_id, some, actor) for some in parts(_ties(event_id).entries, CHUNK))
    # Anew: an entry may have set a seat free.
    tied += sum(_seat(event_id, some, actor) for some in parts(_ties(event_id).seats, CHUNK))
    for unlisted in parts(_unlisted(event_id), MARKED):
        _mark(event_id, unlisted, actor)
    return tied


def _ties(event_id: int) -> Ties:
    people = waiting(db.session, event_id)
    if not people:
        return Ties((), ())
    return match(people, free_entries(db.session, event_id), seats_of(event_id), different(event_id))


def match(
    came: Sequence[Person],
    listed: Sequence[Person],
    seats: Sequence[Seats] = (),
    two: Collection[tuple[int, int]] = frozenset(),
) -> Ties:
    """Return who of the list is here already, the surest rule first: mobile and name, number and school, then name,
    organisation and class. Who is left takes the free seats of the own organisation, the first one first.

    `two`: entries and sign-ins of which staff said that they are two people."""
    tied: dict[int, Person] = {}
    left, free = list(came), list(listed)
    rules = (partial(_by_mark, mark=_mobile), partial(_by_mark, mark=_number), _by_place)
    while step := next(filter(None, (_not_two(rule(left, free), two) for rule in rules)), None):
        tied |= {person.id: entry for person, entry in step}
        taken = {entry.id for _, entry in step}
        left = [person for person in left if person.id not in tied]
        free = [entry for entry in free if entry.id not in taken]
    entries = tuple((person, tied[person.id]) for person in came if person.id in tied)
    return Ties(entries, _by_seats(left, seats, Counter(person.seats_id for person, _ in entries)))


def _not_two(pairs: Iterable[tuple[Person, Person]], two: Collection[tuple[int, int]]) -> list[tuple[Person, Person]]:
    return [(person, entry) for person, entry in pairs if (entry.id, person.id) not in two]


def _mobile(person: Person) -> Hashable:
    return (person.mobile, person.name_key) if person.mobile else None


def _number(person: Person) -> Hashable:
    return (person.student_no, person.root) if person.student_no and person.root is not None else None


def _by_mark(
    came: Iterable[Person], listed: Iterable[Person], mark: Callable[[Person], Hashable]
) -> list[tuple[Person, Person]]:
    here, there = _grouped(came, mark), _grouped(listed, mark)
    return [(people[0], there[key][0]) for key, people in here.items() if len(people) == len(there[key]) == 1]


def _by_place(came: Iterable[Person], listed: Iterable[Person]) -> list[tuple[Person, Person]]:
    """Return who is the only one of a name and place on either side, unless a mobile or a number speaks against it."""
    pairs = []
    there = _grouped(listed, lambda entry: (entry.kind, entry.name_key))
    for key, people in _grouped(came, lambda person: (person.kind, person.name_key)).items():
        for person in people:
            entries = [entry for entry in there[key] if _is_near(person, entry)]
            if len(entries) == 1 and [one for one in people if _is_near(one, entries[0])] == [person]:
                pairs.append((person, entries[0]))
    return [(person, entry) for person, entry in pairs if may_be_one(person, entry)]


def _is_near(person: Person, entry: Person) -> bool:
    """Say what the door says: an entry without an organisation or a class does not tell them apart."""
    return entry.root in (None, person.root) and entry.class_key in ("", person.class_key)


def _by_seats(
    left: Iterable[Person], seats: Iterable[Seats], freed: Counter[int | None]
) -> tuple[tuple[Person, Seats], ...]:
    by_root: dict[int | str, list[Seats]] = defaultdict(list)
    room = {one.id: one.seats - one.filled + freed[one.id] for one in seats}
    for one in seats:
        by_root[one.root].append(one)
    seated = []
    for person in sorted(left, key=lambda person: person.id):
        if person.seats_id is not None or person.root is None:
            continue
        free = [one for one in by_root[person.root] if room[one.id] > 0]
        if free:
            own = person.organisation_id
            taken = min(free, key=lambda one: (one.organisation_id != own, one.position, one.id))
            room[taken.id] -= 1
            seated.append((person, taken))
    return tuple(seated)


def _grouped(people: Iterable[Person], mark: Callable[[Person], Hashable]) -> defaultdict[Hashable, list[Person]]:
    groups: defaultdict[Hashable, list[Person]] = defaultdict(list)
    for person in people:
        if (key := mark(person)) is not None:
            groups[key].append(person)
    return groups


def waiting(session: Reader, event_id: int, ids: Collection[int] | None = None) -> list[Person]:
    """Return the sign-ins that count and have no entry, with `ids` only those of them."""
    statement = _select(SignIn, event_id, ids).where(*without_place())
    return [Person(*row) for row in session.execute(statement.add_columns(SignIn.roster_seats_id))]


def free_entries(session: Reader, event_id: int, ids: Collection[int] | None = None) -> list[Person]:
    """Return the entries whom nobody has filled, in whatever state: at the door too who was excused comes after all."""
    of_it = SignIn.event_id == event_id, SignIn.roster_entry_id == RosterEntry.id
    to_confirm = exists().where(*of_it, SignIn.is_unconfirmed)
    statement = _select(RosterEntry, event_id, ids).where(~RosterEntry.is_here, RosterEntry.name != "", ~to_confirm)
    return [Person(*row) for row in session.execute(statement)]


def _select(model: Any, event_id: int, ids: Collection[int] | None) -> Any:
    columns = (model.id, model.kind, model.name_key, model.class_name, model.mobile, model.student_no)
    statement = (
        select(*columns, model.organisation_id, Organisation.root).where(model.event_id == event_id).order_by(model.id)
    )
    statement = statement.join(Organisation, Organisation.id == model.organisation_id, isouter=True)
    return statement if ids is None else statement.where(model.id.in_(ids))


def seats_of(event_id: int) -> list[Seats]:
    """Return every organisation's seats."""
    columns = (RosterSeats.id, RosterSeats.organisation_id, Organisation.root, RosterSeats.position)
    statement = select(*columns, RosterSeats.seats, RosterSeats.filled)
    statement = statement.join(Organisation, Organisation.id == RosterSeats.organisation_id)
    return [Seats(*row) for row in db.session.execute(statement.where(RosterSeats.event_id == event_id))]


@unit
def _tie(session: WriterSession, event_id: int, chunk: Sequence[tuple[Person, Person]], actor: str) -> int:
    refuse_cleared(session, event_id)
    # Again, under the writer: a sign-in, a void or a correction may have come between.
    came = set(waiting(session, event_id, [person.id for person, _ in chunk]))
    listed = set(free_entries(session, event_id, [entry.id for _, entry in chunk]))
    still = {person.id: entry.id for person, entry in chunk if person in came and entry in listed}
    if not still:
        return 0
    entries = {
        entry.id: entry for entry in session.scalars(select(RosterEntry).where(RosterEntry.id.in_(still.values())))
    }
    rows = session.scalars(select(SignIn).where(SignIn.id.in_(still)).order_by(SignIn.id)).all()
    steps: Counter[str] = Counter()
    was = {row.id: take_place(session, row, entries[still[row.id]], steps, actor) for row in rows}
    _finish(session, event_id, rows, steps, actor, was)
    return len(rows)


def take_place(
    session: WriterSession, row: SignIn, entry: RosterEntry, steps: Counter[str], actor: str
) -> dict[str, Any]:
    """Give a sign-in its place on the list, add what that counts to `steps`, and return what the log keeps of before:
    `give_back` needs it."""
    was: dict[str, Any] = {}
    steps["walk_ins"] -= row.is_walk_in
    steps["listed_arrived"] += row.roster_seats_id is None
    if row.roster_seats_id is not None:
        session.driver.execute(places.MOVE_SEAT, {"id": row.roster_seats_id, "step": -1})
        was["seats"] = row.roster_seats_id
    if entry.state != "expected":  # came after all
        steps[entry.state] -= 1
        was["was"] = entry.state
        entry.state, entry.state_changed_at, entry.state_changed_by = "expected", utcnow(), actor
    entry.is_here = True
    row.roster_entry_id, row.roster_seats_id, row.is_walk_in = entry.id, None, False
    return was


def give_back(
    session: WriterSession, row: SignIn, entry: RosterEntry, was: Mapping[str, Any], steps: Counter[str], actor: str
) -> None:
    """Make two again of a sign-in and its entry, as they were: a walk-in, or in its seat if nobody has taken that."""
    seats_id = was.get("seats")
    if seats_id is not None and session.driver.first(places.FILL_AGAIN, {"id": seats_id}) is None:
        seats_id = None
    steps["walk_ins"] += seats_id is None
    steps["listed_arrived"] -= seats_id is None
    if was.get("was") == "excused":
        steps["excused"] += 1
        entry.state, entry.state_changed_at, entry.state_changed_by = "excused", utcnow(), actor
    entry.is_here = False
    row.roster_entry_id, row.roster_seats_id, row.is_walk_in = None, seats_id, seats_id is None


@unit
def _seat(session: WriterSession, event_id: int, chunk: Sequence[tuple[Person, Seats]], actor: str) -> int:
    refuse_cleared(session, event_id)
    came = set(waiting(session, event_id, [person.id for person, _ in chunk]))
    wanted = select(RosterSeats).where(RosterSeats.id.in_({one.id for _, one in chunk}))
    seats = {one.id: one for one in session.scalars(wanted)}
    still = {person.id: one.id for person, one in chunk if person in came and one.id in seats}
    rows = []
    steps: Counter[str] = Counter()
    for row in session.scalars(select(SignIn).where(SignIn.id.in_(still)).order_by(SignIn.id)):
        filling = seats[still[row.id]]
        if filling.filled >= filling.seats:
            continue
        steps["walk_ins"] -= row.is_walk_in
        steps["listed_arrived"] += 1
        filling.filled += 1
        row.roster_seats_id, row.is_walk_in = filling.id, False
        rows.append(row)
    if rows:
        _finish(session, event_id, rows, steps, actor)
    return len(rows)


def _unlisted(event_id: int) -> list[int]:
    """Return who came before there was a list, and has no place on it now."""
    has_list = select(EventCounter.expected).where(EventCounter.event_id == event_id)
    return list(db.session.scalars(_no_place(event_id))) if db.session.scalar(has_list) else []


def _no_place(event_id: int) -> Any:
    has_none = [one.is_(None) for one in (SignIn.roster_entry_id, SignIn.roster_seats_id, SignIn.replaces_id)]
    statement = select(SignIn.id).where(SignIn.event_id == event_id, ~SignIn.is_trial, ~SignIn.is_walk_in, *has_none)
    return statement.order_by(SignIn.id)


@unit
def _mark(session: WriterSession, event_id: int, chunk: Sequence[int], actor: str) -> None:
    """Make walk-ins of them; of a void one or one who waits it shows when they count."""
    refuse_cleared(session, event_id)
    unlisted = list(session.scalars(_no_place(event_id).where(SignIn.id.in_(chunk))))
    counted = list(session.scalars(select(SignIn.id).where(SignIn.id.in_(unlisted), SignIn.has_arrived)))
    marking = update(SignIn).execution_options(synchronize_session=False)
    session.execute(marking.where(SignIn.id.in_(unlisted)).values(is_walk_in=True))
    if counted:
        revision = tallies.change(session.driver, event_id, walk_ins=len(counted))
        session.execute(marking.where(SignIn.id.in_(counted)).values(revision=revision))
        audit.record(session, actor, "roster.unlisted", event_id=event_id, changed={"people": len(counted)})


def _finish(
    session: WriterSession,
    event_id: int,
    rows: Sequence[SignIn],
    steps: Counter[str],
    actor: str,
    was: Mapping[int, Mapping[str, Any]] | None = None,
) -> None:
    """Count what changed, give the rows the event's new revision, and keep in the log who was tied to what."""
    session.flush()
    counted: dict[str, Any] = dict(steps)
    revision = tallies.change(session.driver, event_id, **counted) or 0
    for row in rows:
        row.revision = revision
        place: dict[str, Any] = (
            {"entry": row.roster_entry_id} if row.roster_entry_id else {"seats": row.roster_seats_id}
        )
        place |= (was or {}).get(row.id, {})
        audit.record(session, actor, "sign_in.tie", event_id=event_id, subject=f"sign_in:{row.id}", changed=place)
    session.flush()
