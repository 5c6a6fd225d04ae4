"""The secret that a database was made with. Links, receipts and pages that are open are signed or hashed with it, so
under another one all of them would be refused: the database keeps a keyed fingerprint of its secret, and whoever
starts with another is told so."""

from __future__ import annotations

import hmac

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from kiosk.clock import utcnow
from kiosk.config import Settings, is_stored_secret, store_new_secret
from kiosk.extensions import db
from kiosk.models import StoredSetting
from kiosk.services import codes
from kiosk.services.audit_log import audit
from kiosk.services.store.writer import WriterSession, unit

KEY = "secret_fingerprint"
OTHER = (
    "The secret key is not the one that this database was made with: links, receipts and open pages would be refused. "
    "Put {folder}/secret_key back from a backup, or set KIOSK_SECRET_KEY as it was. "
    "To go on without the old one: flask secret-change."
)


class OtherSecret(Exception):
    """The secret at hand is not the database's; the message says what helps."""


def require_own() -> None:
    """Raise OtherSecret when the database was made with another secret than the one at hand.

    One that knows none yet is not asked, nor is one that does not answer: whatever comes next says that better.
    """
    try:
        stored = db.session.scalar(select(StoredSetting.value).where(StoredSetting.key == KEY))
    except SQLAlchemyError:
        return
    finally:
        db.session.remove()
    if stored is not None and not hmac.compare_digest(stored, _fingerprint()):
        settings: Settings = current_app.config["KIOSK"]
        raise OtherSecret(OTHER.format(folder=settings.instance_dir))


@unit
def keep(session: WriterSession) -> None:
    """Keep the fingerprint of the secret at hand."""
    _store(session)


@unit
def _keep_another(session: WriterSession) -> None:
    _store(session)
    audit.record(session, audit.COMMAND, "machine.secret")


def _store(session: WriterSession) -> None:
    session.merge(StoredSetting(key=KEY, value=_fingerprint(), changed_at=utcnow()))


def change() -> bool:
    """Make a new secret, or take the one that the environment sets, for the database's, and log it; say whether it was
    made.

    A crash between the two leaves a secret that is refused, and this to be done again.
    """
    settings: Settings = current_app.config["KIOSK"]
    is_made = is_stored_secret(settings)
    if is_made:
        current_app.config["SECRET_KEY"] = store_new_secret(settings.instance_dir)
    _keep_another()
    return is_made


def _fingerprint() -> str:
    return codes.hash_token("the secret of this database")
