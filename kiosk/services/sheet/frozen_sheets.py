"""Frozen sheets (定稿): a version of an event's sheet with a code, so that anybody can tell it from another.

No row of it is kept: a file is drawn from the sign-ins as long as they give the same content hash, and the hash of the
very bytes that were handed out is kept (docs/decisions/0009-freezing.md). What stands around the rows is kept: who
comes later, a merge or a new title change nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Select, Text, cast, func, select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, FrozenFile, FrozenSheet, SignIn, Staff
from kiosk.services.audit_log import audit
from kiosk.services.codes import VERIFY_LENGTH, new_code, normalise_code
from kiosk.services.event import event_views, events
from kiosk.services.event.cleared import refuse_cleared
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses
from kiosk.services.refusals import Refused
from kiosk.services.sheet import kept_sheets, sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.store.rows import values_for
from kiosk.services.store.writer import WriterSession, unit
from kiosk.services.tables import sheet_model
from kiosk.services.tables.files import Asked, File, Progress
from kiosk.services.tables.sheet_files import FORMATS
from kiosk.services.tables.sheet_model import SheetModel, Stamp
from kiosk.services.tables.snapshots import snapshot


@dataclass(frozen=True)
class FrozenView:
    """A frozen sheet without its rows; `foot` are pairs of label and value in its own language."""

    id: int
    event_id: int
    event_code: str
    timezone: str
    purged_at: datetime | None
    code: str
    title: str
    language: str
    choice: Choice
    rows: int
    foot: tuple[tuple[str, str], ...]
    content_hash: str
    frozen_at: datetime
    frozen_by: str | None
    downloaded_at: datetime | None
    revision: int

    @property
    def is_cleared(self) -> bool:
        """Say whether its event's people have been cleared: it has a code and figures, and no file."""
        return self.purged_at is not None


@dataclass(frozen=True)
class FrozenLine:
    """A frozen sheet as the desk lists it: `changes` are sign-ins made or changed since, `formats` were handed out.

    `changed_rows` are the rows of it that those changes are of, counted from 1: no file is drawn while there are any,
    nor when somebody who may stand on it `is_cleared`.
    """

    sheet: FrozenView
    changes: int
    changed_rows: tuple[int, ...]
    formats: tuple[str, ...]
    is_cleared: bool

    @property
    def state(self) -> Literal["purged", "cleared", "changed", "outrun", "same"]:
        """Return what became of it since: its event or somebody on it cleared, a row changed, others come."""
        if self.sheet.is_cleared:
            return "purged"
        if self.is_cleared:
            return "cleared"
        if self.changed_rows:
            return "changed"
        return "outrun" if self.changes else "same"

    def gives_files(self, *, may_run: bool) -> bool:
        """Say whether its files can be had: a full copy's by who runs the event only."""
        return self.state in ("outrun", "same") and (may_run or self.sheet.choice.is_masked)


@dataclass(frozen=True)
class KnownFile:
    """A file that was handed out here."""

    sheet: FrozenView
    format: str
    made_at: datetime


def freeze(
    event: EventView, choice: Choice, language: str, *, staff_id: int | None, on_row: Progress | None = None
) -> FrozenView:
    """Freeze the sheet as it stands and return it; what is frozen already, letter for letter, is returned again."""
    with snapshot():
        model = sheet_copies.build(event, choice, language, on_row=on_row)
        counts = events.counts(event.id)
        outline = kept_sheets.keep(model, event, has_roster=counts.expected > 0)
    wanted = _columns_of(event.id, choice, language) | {"content_hash": sheet_model.content_hash(model)}
    frozen = find(_freeze(wanted, model, outline, counts.revision, staff_id))
    assert frozen is not None
    return frozen


@unit
def _freeze(
    session: WriterSession,
    wanted: Mapping[str, Any],
    model: SheetModel,
    outline: dict[str, Any],
    revision: int,
    staff_id: int | None,
) -> str:
    event_id = wanted["event_id"]
    refuse_cleared(session, event_id)
    same = session.scalars(select(FrozenSheet).filter_by(**wanted)).first()
    if same is not None:
        same.revision, same.kept = max(same.revision, revision), outline
        return same.code
    made = FrozenSheet(
        **wanted,
        code=_free_code(session),
        title=model.title[:250],
        rows=len(model.rows),
        foot=[list(pair) for pair in model.foot],
        kept=outline,
        frozen_by_id=staff_id,
        frozen_at=utcnow(),
        revision=revision,
    )
    session.add(made)
    session.flush()
    changed = {"code": made.code, "rows": made.rows, "order": made.sheet_order, "masked": made.is_masked}
    audit.record_row(session, audit.of_staff(staff_id), "sheet.freeze", made, **changed)
    return made.code


def check(frozen: FrozenView) -> None:
    """Raise Refused when the rows no longer say what was frozen."""
    with snapshot():
        _model_of(frozen)


def draw(frozen: FrozenView, ending: str, on_row: Progress | None = None) -> File:
    """Draw a file of sheet_files.FORMATS, and keep its hash.

    Raises Refused when the rows no longer say what was frozen, or jobs.runner.JobFailed.
    """
    with snapshot():
        model = _model_of(frozen, on_row, has_dates=ending == "csv")
    file = sheet_copies.drawn(replace(model, stamp=stamp_of(frozen)), ending, frozen.code)
    _keep_hash(frozen.id, ending, sha256(file.content).hexdigest())
    return file


@unit
def note_download(session: WriterSession, frozen_id: int) -> None:
    """Keep that a file of this sheet was handed out, for the first time."""
    session.execute(
        update(FrozenSheet)
        .where(FrozenSheet.id == frozen_id, FrozenSheet.downloaded_at.is_(None))
        .values(downloaded_at=utcnow())
    )


def stamp_of(frozen: FrozenView) -> Stamp:
    """Return what stands below the foot of every file of it."""
    return Stamp(frozen.code, frozen.frozen_at, frozen.content_hash, address_of(frozen.code))


def address_of(code: str) -> str:
    """Return the address that a frozen sheet's code leads to."""
    return f"{addresses.base_url()}/verify?code={code}"


def find(code: str) -> FrozenView | None:
    """Return the frozen sheet with this code, however it was typed, or None."""
    row = db.session.execute(_select().where(FrozenSheet.code == normalise_code(code))).first()
    return None if row is None else _view(*row)


def find_file(file_hash: str) -> KnownFile | None:
    """Return what is known of a file with this SHA-256 (hexadecimal), or None: it was not handed out here."""
    statement = select(FrozenFile).where(FrozenFile.file_hash == file_hash).order_by(FrozenFile.id).limit(1)
    known = db.session.scalars(statement).first()
    if known is None:
        return None
    row = db.session.execute(_select().where(FrozenSheet.id == known.frozen_sheet_id)).one()
    return KnownFile(_view(*row), known.format, known.made_at)


def is_older(frozen: FrozenView) -> bool:
    """Say whether the same copy of this sheet was frozen again later; what stands on it was another then."""
    same = _columns_of(frozen.event_id, frozen.choice, frozen.language)
    later = select(FrozenSheet.id).filter_by(**same).where(FrozenSheet.id > frozen.id)
    return db.session.scalar(later.limit(1)) is not None


def of_event(event_id: int) -> tuple[FrozenLine, ...]:
    """Return an event's frozen sheets, the newest first."""
    rows = db.session.execute(_select().where(FrozenSheet.event_id == event_id).order_by(FrozenSheet.id.desc()))
    views = [_view(*row) for row in rows]
    is_kept = select(FrozenSheet.id).where(FrozenSheet.event_id == event_id, cast(FrozenSheet.kept, Text) != "{}")
    with_outline = set(db.session.scalars(is_kept))
    of_these = FrozenFile.frozen_sheet_id.in_([view.id for view in views])
    handed_out = set(db.session.execute(select(FrozenFile.frozen_sheet_id, FrozenFile.format).where(of_these)).tuples())
    return tuple(
        FrozenLine(
            view,
            *_changes(view),
            formats=tuple(ending for ending in FORMATS if (view.id, ending) in handed_out),
            is_cleared=view.id not in with_outline,
        )
        for view in views
    )


def make_frozen(asked: Asked, progress: Progress) -> None:
    """Do the work of an export "freeze"; it leaves a frozen sheet and no file."""
    event, choice = sheet_copies.event_of(asked), sheet_copies.choice_of(asked.options)
    freeze(event, choice, asked.options["language"], staff_id=asked.staff_id, on_row=progress)


def make_file(asked: Asked, progress: Progress) -> File:
    """Make the file of an export "frozen", which names the sheet by its code."""
    frozen = find(asked.options["code"])
    if frozen is None or frozen.event_id != asked.event_id:
        raise Refused("gone")
    return draw(frozen, asked.options["format"], progress)


def note_export(options: Mapping[str, Any]) -> None:
    """Keep that the file of an export "frozen" was fetched."""
    frozen = find(options["code"])
    if frozen is not None:
        note_download(frozen.id)


def _model_of(frozen: FrozenView, on_row: Progress | None = None, *, has_dates: bool = False) -> SheetModel:
    """Return the sheet when its rows still say what was frozen; a CSV's times carry their day, which is no change."""
    event = event_views.find(frozen.event_code)
    if event is None or event.purged_at is not None:
        raise Refused("purged")
    are_cleared = event.minors_cleared_at is not None and event.minors_cleared_at > frozen.frozen_at
    stored = db.session.scalar(select(FrozenSheet.kept).where(FrozenSheet.id == frozen.id))
    if not stored:  # cleared with somebody's name (services/privacy)
        raise Refused("minors" if are_cleared else "changed")
    kept_sheet = kept_sheets.read_kept(stored, frozen.foot, frozen.language, is_masked=frozen.choice.is_masked)
    try:
        return kept_sheets.draw_again(kept_sheet, event, frozen.content_hash, has_dates=has_dates, on_row=on_row)
    except Refused as refusal:
        if are_cleared:
            raise Refused("minors") from refusal
        raise


@unit
def _keep_hash(session: WriterSession, frozen_id: int, ending: str, file_hash: str) -> None:
    known = {"frozen_sheet_id": frozen_id, "format": ending, "file_hash": file_hash}
    if session.scalars(select(FrozenFile).filter_by(**known)).first() is None:
        session.add(FrozenFile(**known, made_at=utcnow()))


def _changes(frozen: FrozenView) -> tuple[int, tuple[int, ...]]:
    """Count the sign-ins that were made, taken back or corrected since; return also the rows that they are of."""
    since = (SignIn.event_id == frozen.event_id, SignIn.revision > frozen.revision, ~SignIn.is_trial)
    count = db.session.scalar(select(func.count()).where(*since)) or 0
    outline = db.session.scalar(select(FrozenSheet.kept).where(FrozenSheet.id == frozen.id)) if count else None
    numbers = {ref: number for number, (ref, _check) in enumerate((outline or {}).get("rows", ()), start=1)}
    newest = max((int(ref[1:]) for ref in numbers if ref.startswith("i")), default=0)
    # Whoever came later is no row of it, unless they filled the place of one: a crowd that came since is not read.
    of_rows = SignIn.id <= newest
    if any(ref.startswith("e") for ref in numbers):
        of_rows |= SignIn.roster_entry_id.is_not(None) | SignIn.replaces_id.is_not(None)
    refs: set[str] = set()
    if numbers:
        columns = select(SignIn.id, SignIn.roster_entry_id, SignIn.replaces_id).where(*since, of_rows)
        for one, entry, replaced in db.session.execute(columns):
            refs |= {f"i{one}", f"e{entry}", f"e{replaced}"}
    return count, tuple(sorted(numbers[ref] for ref in refs if ref in numbers))


def _free_code(session: WriterSession) -> str:
    while True:
        code = new_code(VERIFY_LENGTH)
        if session.scalar(select(FrozenSheet.id).where(FrozenSheet.code == code)) is None:
            return code


def _columns_of(event_id: int, choice: Choice, language: str) -> dict[str, Any]:
    """Return what tells one copy of an event's sheet from the others."""
    return {
        "event_id": event_id,
        "language": language,
        "sheet_order": choice.order,
        "has_no_shows": choice.has_no_shows,
        "variant": choice.variant,
        "is_masked": choice.is_masked,
    }


def _select() -> Select[Any]:
    return (
        select(FrozenSheet, Event.code, Event.timezone, Event.purged_at, Staff)
        .join(Event, Event.id == FrozenSheet.event_id)
        .join(Staff, Staff.id == FrozenSheet.frozen_by_id, isouter=True)
    )


def _view(frozen: FrozenSheet, code: str, timezone: str, purged_at: datetime | None, by: Staff | None) -> FrozenView:
    about = {
        "event_code": code,
        "timezone": timezone,
        "purged_at": purged_at,
        "choice": Choice(frozen.sheet_order, frozen.has_no_shows, frozen.variant, is_masked=frozen.is_masked),  # type: ignore[arg-type]
        "foot": tuple((label, value) for label, value in frozen.foot),
        "frozen_by": None if by is None else by.name or by.email,
    }
    return FrozenView(**values_for(FrozenView, frozen) | about)
