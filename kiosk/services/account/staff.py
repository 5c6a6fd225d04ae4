"""Accounts of staff: made, proved, listed, put away. Which browser is logged in is services/account/staff_sessions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Staff, StaffSession, StoredSetting
from kiosk.models.staff import ROLES
from kiosk.services.account import guesses, known_devices, passwords
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.names import clean, unified
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.store.rows import known
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterSession, end_read, unit

MISSES = 10  # per e-mail and window, and per known device of it (docs/product.md 3.6: throttled log-in)
WINDOW = timedelta(minutes=15)
SETUP_KEY = "setup_link"
RESET_KEY = "reset_link:{}"  # of an account: the hash of the link by which it gets a new password
NODES_START = timedelta(hours=1)
KEEP_FIRST = Statement(
    "INSERT INTO stored_setting (key, value, changed_at) VALUES (:key, '', :changed_at) ON CONFLICT (key) DO NOTHING"
)
LONGEST_EMAIL = 200
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,135}")


@dataclass(frozen=True)
class StaffView:
    """The person who is logged in."""

    id: int
    email: str
    name: str | None
    role: str

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def may_organise(self) -> bool:
        return self.role in ("admin", "organiser")


def view_of(account: Staff) -> StaffView:
    """Return an account as pages show it."""
    return StaffView(account.id, account.email, account.name, account.role)


@dataclass(frozen=True)
class StaffRow:
    """An account in the list; `browsers` counts where it is logged in now."""

    view: StaffView
    is_active: bool
    browsers: int
    last_seen_at: datetime | None


def add(email: str, role: str, password: str, name: str | None = None, *, actor: str = audit.COMMAND) -> StaffView:
    """Make an account; raise Refused, or Unknown for a role."""
    address = normalise_email(email)
    if role not in ROLES:
        raise Unknown("role", role)
    passwords.check_new(password, address)
    return _add(address, role, passwords.hash_password(password), name, actor)


@unit
def _add(session: WriterSession, email: str, role: str, password_hash: str, name: str | None, actor: str) -> StaffView:
    made = _insert(session, email, role, password_hash, name)
    audit.record(session, actor, "account.add", subject=f"staff:{made.id}", changed={"role": role})
    return made


def address_hash(email: str) -> str:
    """Return the keyed hash of an e-mail as it is kept, by which its log-ins are counted and its devices known."""
    return hash_token(_folded(email))


def authenticate(email: str, password: str, *, device: str | None = None) -> StaffView | None:
    """Return the account that this password opens, or None; raise guesses.TooManyGuesses, or passwords.Busy.

    Ten misses per e-mail in fifteen minutes, whether or not it has an account; a known `device` has ten of its own.
    An unknown e-mail costs as much time as a wrong password.
    """
    address = _folded(email)
    is_known = known_devices.is_known(hash_token(address), device)
    with passwords.place(is_known=is_known):  # first: whoever is sent away has not guessed
        return _authenticate(address, password, known_devices.budget_of(hash_token(address), device))


def _authenticate(address: str, password: str, budget: str) -> StaffView | None:
    guesses.count(budget, limit=MISSES, window=WINDOW)
    account = db.session.execute(select(Staff).where(Staff.email == address)).scalar_one_or_none()
    view = view_of(account) if account is not None and account.is_active else None
    known_hash = account.password_hash if account is not None else None
    end_read()  # hashing takes its time
    if not passwords.is_right(known_hash, password) or view is None:
        return None
    guesses.forget(budget)
    return view


def get(staff_id: int) -> StaffView:
    """Return an account; raise Unknown."""
    return view_of(known(db.session, Staff, staff_id))


def find(email: str) -> StaffView | None:
    """Return the active account with this e-mail, or None."""
    address = _folded(email)
    account = db.session.execute(select(Staff).where(Staff.email == address, Staff.is_active)).scalar_one_or_none()
    return None if account is None else view_of(account)


def list_all() -> tuple[StaffRow, ...]:
    """Return every account, those in use first, by e-mail."""
    live = (
        select(StaffSession.staff_id, func.count().label("browsers"), func.max(StaffSession.last_seen_at).label("seen"))
        .where(StaffSession.revoked_at.is_(None), StaffSession.expires_at > utcnow())
        .group_by(StaffSession.staff_id)
        .subquery()
    )
    statement = (
        select(Staff, live.c.browsers, live.c.seen)
        .join(live, live.c.staff_id == Staff.id, isouter=True)
        .order_by(Staff.is_active.desc(), Staff.email)
    )
    return tuple(
        StaffRow(view_of(one), one.is_active, browsers or 0, seen)
        for one, browsers, seen in db.session.execute(statement)
    )


@unit
def set_active(session: WriterSession, staff_id: int, *, is_active: bool, actor: str = audit.COMMAND) -> StaffView:
    """Let an account in again, or put it away and log it out everywhere; raise Unknown or Refused."""
    account = known(session, Staff, staff_id)
    if not is_active and account.role == "admin" and _admins(session) <= 1:
        raise Refused("last_admin")
    account.is_active = is_active
    if not is_active:
        end_sessions(session, StaffSession.staff_id == staff_id)
        _end_link(session, staff_id)
    audit.record(session, actor, "account.let_in" if is_active else "account.put_away", subject=f"staff:{staff_id}")
    return view_of(account)


def change_password(staff_id: int, password: str, *, kept_token: str | None = None, actor: str = audit.COMMAND) -> None:
    """Set a new password and log out every other browser; raise Unknown or Refused."""
    passwords.check_new(password, get(staff_id).email)
    end_read()
    _set_password(staff_id, passwords.hash_password(password), kept_token, actor)


@unit
def _set_password(
    session: WriterSession, staff_id: int, password_hash: str, kept_token: str | None, actor: str
) -> None:
    put_password(session, known(session, Staff, staff_id), password_hash, kept_token)
    audit.record(session, actor, "account.password", subject=f"staff:{staff_id}")


def put_password(session: WriterSession, account: Staff, password_hash: str, kept_token: str | None = None) -> None:
    """Give an account this password; every other browser is logged out, and a link for a new password is dead."""
    account.password_hash = password_hash
    others = StaffSession.token_hash != hash_token(kept_token or "")
    end_sessions(session, StaffSession.staff_id == account.id, others)
    _end_link(session, account.id)


def _end_link(session: WriterSession, staff_id: int) -> None:
    session.execute(delete(StoredSetting).where(StoredSetting.key == RESET_KEY.format(staff_id)))


def has_staff() -> bool:
    """Say whether anybody has an account yet."""
    return db.session.scalar(select(Staff.id).limit(1)) is not None


@unit
def setup_url_token(session: WriterSession) -> str | None:
    """Return a one-time token for /setup/TOKEN while nobody has an account, else None.

    Only its hash is kept; every start makes a new one, and the one before is dead. On PostgreSQL nodes that start
    within an hour of each other print the same: it is made of their secret, and of when the first one asked.
    """
    if session.scalar(select(Staff.id).limit(1)) is not None:
        return None
    now = utcnow()
    session.driver.execute(KEEP_FIRST, {"key": SETUP_KEY, "changed_at": now})
    link = session.get_one(StoredSetting, SETUP_KEY, with_for_update=True)
    is_alone = current_app.config["KIOSK"].is_sqlite
    if is_alone or link.changed_at < now - NODES_START:
        link.changed_at = now
    token = new_token() if is_alone else hash_token(f"set-up link of {link.changed_at.isoformat()}")
    link.value = hash_token(token)
    return token


def is_setup_link_alive(token: str) -> bool:
    """Say whether this token still makes the first admin."""
    stored = db.session.scalar(select(StoredSetting.value).where(StoredSetting.key == SETUP_KEY))
    return stored == hash_token(token) and not has_staff()


def set_up(token: str, email: str, password: str, name: str | None = None) -> StaffView:
    """Make the first admin, after which the link is dead; raise Unknown for a dead link, and what `add` raises."""
    address = normalise_email(email)
    passwords.check_new(password, address)
    if not is_setup_link_alive(token):
        raise Unknown("set-up link")
    end_read()
    return _set_up(token, address, passwords.hash_password(password), name)


@unit
def _set_up(session: WriterSession, token: str, email: str, password_hash: str, name: str | None) -> StaffView:
    # Judged again inside the transaction: of two people with one link, one becomes the admin.
    link = (StoredSetting.key == SETUP_KEY) & (StoredSetting.value == hash_token(token))
    used = session.scalar(delete(StoredSetting).where(link).returning(StoredSetting.key))
    if used is None or session.scalar(select(Staff.id).limit(1)) is not None:
        raise Unknown("set-up link")
    made = _insert(session, email, "admin", password_hash, name)
    actor, subject = audit.of_staff(made.id), f"staff:{made.id}"
    audit.record(session, actor, "account.set_up", subject=subject, changed={"role": "admin"})
    return made


def _folded(email: str) -> str:
    return unified(clean(email[:LONGEST_EMAIL])).casefold()


def normalise_email(typed: str) -> str:
    """Return an e-mail as it is kept; raise Refused."""
    address = _folded(typed)
    if len(typed) > LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise Refused("not_an_email")
    return address


def _insert(session: WriterSession, email: str, role: str, password_hash: str, name: str | None) -> StaffView:
    if session.scalar(select(Staff.id).where(Staff.email == email)) is not None:
        raise Refused("email_taken")
    made = Staff(
        email=email,
        name=clean(name or "")[:60] or None,
        role=role,
        password_hash=password_hash,
        is_active=True,
        created_at=utcnow(),
    )
    session.add(made)
    session.flush()
    return view_of(made)


def _admins(session: WriterSession) -> int:
    return session.scalar(select(func.count()).where(Staff.role == "admin", Staff.is_active)) or 0


def end_sessions(session: WriterSession, *conditions: ColumnElement[bool]) -> list[int]:
    """Revoke sessions and return whose they were, one for each."""
    statement = update(StaffSession).where(*conditions, StaffSession.revoked_at.is_(None))
    return list(session.scalars(statement.values(revoked_at=utcnow()).returning(StaffSession.staff_id)))
