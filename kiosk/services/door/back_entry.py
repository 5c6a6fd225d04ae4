"""Back-entry (补录): who signed on paper is written afterwards, by staff, with the time that stands on the paper.

docs/product.md 3.5. The roster's people come in the order of the emergency sheet (services/sheet/emergency), with its
numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, literal, select, tuple_

from kiosk.extensions import db
from kiosk.models import RosterEntry, SignIn
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import corrections, hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.names import name_key_of
from kiosk.services.pages import Page, last_page, parts
from kiosk.services.refusals import SignInRefused
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView
from kiosk.services.sign_in import organisations
from kiosk.services.sign_in.questions import SamePersonAsked
from kiosk.services.store.writer import WriterSession, unit

CHUNK = 20  # rows a unit of work: none holds the writer over 50 ms
LISTED = 300  # of the roster on a page, in the order of the emergency sheet
ACTION = "sign_in.on_paper"


@dataclass(frozen=True)
class ListedPerson:
    """Somebody of the roster. `number` is that of the emergency sheet.

    `namesake_at`: when somebody of this name signed in who fills no place of the roster; perhaps the same person.
    """

    number: int
    entry: EntryView
    namesake_at: datetime | None = None

    @property
    def is_absent(self) -> bool:
        """Say whether nobody has come for this entry; an excused person may have, after all."""
        return not self.entry.has_arrived and self.entry.state != "replaced"


@dataclass(frozen=True)
class PaperRow:
    """One line of the paper. `row` is its name on the page, and with the page's key its idempotency key.

    `is_another`: staff has said that this is not the person of the same name who is here already.
    """

    row: str
    details: Details
    claimed_at: datetime
    entry_id: int | None = None
    is_another: bool = False


@dataclass(frozen=True)
class Entered:
    """What a line came to.

    `code` is entered; there (somebody has signed this person in already, at `signed_in_at`); waits (there, but on
    the wait list); void (entered before, and taken back since); or same_name: nothing is written until staff says
    whether the person who signed in at `signed_in_at` is another one.
    """

    row: str
    code: str
    name: str
    signed_in_at: datetime | None = None


def listed(event_id: int, number: int = 1, ids: Collection[int] = ()) -> Page[ListedPerson]:
    """Return a page of the roster's people in the order of the emergency sheet, and those of these entries wherever
    they stand: the list may have been put in another order since somebody was ticked."""
    of_event = RosterEntry.event_id == event_id
    total = db.session.scalar(select(func.count()).where(of_event)) or 0
    last = last_page(total, LISTED)
    number = min(max(1, number), last)
    in_order = select(RosterEntry.id).where(of_event).order_by(RosterEntry.position, RosterEntry.id)
    on_page = db.session.scalars(in_order.offset((number - 1) * LISTED).limit(LISTED)).all()
    numbers = {entry_id: at for at, entry_id in enumerate(on_page, start=(number - 1) * LISTED + 1)}
    entries = rosters.entries(event_id, RosterEntry.id.in_({*numbers, *ids}))
    names = _unlisted(event_id, {name_key_of(entry.name) for entry in entries})
    people = (
        ListedPerson(numbers.get(one.id) or _number(one), one, names.get(name_key_of(one.name))) for one in entries
    )
    return Page(tuple(people), number, number < last, total, last)


def _number(entry: EntryView) -> int:
    """Return the number of an entry of another page."""
    place = tuple_(RosterEntry.position, RosterEntry.id)
    before = place <= tuple_(literal(entry.position), literal(entry.id))
    return db.session.scalar(select(func.count()).where(RosterEntry.event_id == entry.event_id, before)) or 1


def enter(event: EventView, rows: Sequence[PaperRow], hand: Hand) -> tuple[Entered, ...]:
    """Write the lines, chunk by chunk, each with a key of its own: sending the page again changes nothing.

    `hand.key` is the page's. Late is judged by the claimed time. Raises WriterBusy; what was written stays, and the
    same page may be sent again.
    """
    return tuple(entered for part in parts(rows, CHUNK) for entered in _write(event, part, hand))


@unit(
    event=lambda event, *_: event.id,
    shared=lambda _event, rows, _hand: organisations.named_by(*(row.details for row in rows)),
)
def _write(session: WriterSession, event: EventView, rows: Sequence[PaperRow], hand: Hand) -> list[Entered]:
    return [_enter(session, event, row, hand) for row in rows]


def _enter(session: WriterSession, event: EventView, row: PaperRow, hand: Hand) -> Entered:
    """Write one line. What a sign-in refuses here, it refuses before it has written anything."""
    name, is_another = row.details.name, row.is_another or row.entry_id is not None
    request = replace(
        hand_work.request_of(event, row.details, replace(hand, key=f"{hand.key}-{row.row}")),
        method="paper", is_another=is_another, roster_entry_id=row.entry_id, claimed_at=row.claimed_at,
    )  # fmt: skip
    try:
        result = hand_work.sign_in_logged.within(session, request, hand, ACTION)
    except SamePersonAsked as question:
        return Entered(row.row, "same_name", name, question.signed_in_at)
    except SignInRefused:
        return Entered(row.row, "void", name)
    if result.state == "unconfirmed":  # their phone has signed them in; whoever types the paper confirms it
        corrections.change_row.within(session, event.id, result.sign_in_id, "confirm", hand)
    if result.state == "wait_listed":
        return Entered(row.row, "waits", name, result.signed_in_at)
    return Entered(row.row, "entered" if result.is_own else "there", name, result.signed_in_at)


def _unlisted(event_id: int, name_keys: Collection[str]) -> dict[str, datetime]:
    """Return the arrivals of these names that fill no place of the roster, by their name's key."""
    statement = select(SignIn.name_key, SignIn.signed_in_at, SignIn.roster_entry_id).where(
        SignIn.event_id == event_id, SignIn.name_key.in_(name_keys), SignIn.has_arrived
    )
    # Who fills one is left out here: asked for by SQL, SQLite would look through all who fill none.
    return {name_key: at for name_key, at, entry_id in db.session.execute(statement) if entry_id is None}
