"""A new password by a link from an admin, for whoever has forgotten theirs.

Only the hash of its token is kept, one an account: a newer link replaces it, and its use, any change of the password
and putting the account away take it out. So it serves once, and for a day.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Staff, StoredSetting
from kiosk.services.account import passwords
from kiosk.services.account.staff import RESET_KEY, StaffView, put_password, view_of
from kiosk.services.audit_log import audit
from kiosk.services.codes import hash_token, new_token
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.store.rows import known
from kiosk.services.store.writer import WriterSession, end_read, unit

LASTS = timedelta(hours=24)


@unit
def make(session: WriterSession, staff_id: int, *, actor: str = audit.COMMAND) -> str:
    """Return a fresh one-time token for /reset/TOKEN; the one before is dead. Raises Unknown or Refused."""
    account = known(session, Staff, staff_id)
    if not account.is_active:
        raise Refused("account_is_away")
    token = new_token()
    key = RESET_KEY.format(staff_id)
    session.merge(StoredSetting(key=key, value=hash_token(token), changed_at=utcnow()))
    audit.record(session, actor, "account.reset_link", subject=f"staff:{staff_id}")
    return token


def find(token: str) -> StaffView | None:
    """Return whose password this token sets, None once it is used, replaced or a day old."""
    link = db.session.scalar(select(StoredSetting).where(*_alive(token)))
    account = None if link is None else db.session.get(Staff, int(link.key.removeprefix(RESET_KEY.format(""))))
    return view_of(account) if account is not None and account.is_active else None


def use(token: str, password: str) -> StaffView:
    """Set the password, log the account out everywhere and end the link; raise Unknown for a dead one, or Refused."""
    staff = find(token)
    if staff is None:
        raise Unknown("reset link")
    passwords.check_new(password, staff.email)
    end_read()
    return _use(token, staff.id, passwords.hash_password(password))


@unit
def _use(session: WriterSession, token: str, staff_id: int, password_hash: str) -> StaffView:
    # Judged again inside the transaction: of two who send one link, one sets the password.
    of_account = StoredSetting.key == RESET_KEY.format(staff_id)
    used = session.scalar(delete(StoredSetting).where(of_account, *_alive(token)).returning(StoredSetting.key))
    account = session.get(Staff, staff_id)
    if used is None or account is None or not account.is_active:
        raise Unknown("reset link")
    put_password(session, account, password_hash)
    audit.record(session, audit.of_staff(staff_id), "account.reset", subject=f"staff:{staff_id}")
    return view_of(account)


def _alive(token: str) -> tuple[ColumnElement[bool], ...]:
    is_one = StoredSetting.key.startswith(RESET_KEY.format(""), autoescape=True)
    return is_one, StoredSetting.value == hash_token(token), StoredSetting.changed_at > utcnow() - LASTS
