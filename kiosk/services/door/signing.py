"""Signing by hand on the phone, or at the station, that has just signed in: by its receipt, as long as sign-in is open.

It comes after the sign-in, so that whatever becomes of it costs nobody theirs (docs/decisions/0024-signatures.md).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from kiosk.clock import utcnow
from kiosk.services import codes
from kiosk.services.door.receipts import ReceiptView
from kiosk.services.event.event_views import EventView
from kiosk.services.sign_in import signatures

Step = Literal["sign", "signed"]
AT_STATION = timedelta(minutes=3)  # for whoever signs at a station; then the next one stands there


def offer(event: EventView, token: str, receipt: ReceiptView) -> Step | None:
    """Return what this page is offered about a signature: to sign, or that it is signed; None where nobody is asked.

    A minor is never asked, nor a repeat that another phone made, nor who waits for a place or for a steward.
    """
    is_in = not (receipt.is_voided or receipt.is_cleared or receipt.is_wait_listed or receipt.is_unconfirmed)
    is_theirs = receipt.is_own and is_in and receipt.name is not None
    if not event.asks_signature or not is_theirs or event.is_of_minors(receipt.kind):
        return None
    if signatures.is_there(codes.read_receipt(token).sign_in_id):
        return "signed"
    return "sign" if may_sign(event, receipt) else None


def may_sign(event: EventView, receipt: ReceiptView) -> bool:
    """Say whether there is still time to sign: as long as people sign in; of a trial also before."""
    phase = event.phase(utcnow())
    return phase == "open" or (phase == "early" and receipt.is_trial)


def sign(event: EventView, token: str, *, drawn: str, typed: str, may_replace: bool) -> None:
    """Keep what a form says as the signature of this receipt's sign-in. Raises FieldErrors or Unknown."""
    sign_in_id = codes.read_receipt(token).sign_in_id
    signatures.write(event.id, sign_in_id, signatures.read(drawn, typed), may_replace=may_replace)
