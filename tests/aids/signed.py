"""Signatures by hand, as phones send them."""

from __future__ import annotations

from kiosk.services.door import receipts
from kiosk.services.event.event_views import EventView
from kiosk.services.sign_in import signatures
from kiosk.services.sign_in.requests import SignInResult
from tests.aids.factories import make_event

# Two strokes: a long one from the left below to the right above, and a dot beside it.
DRAWN = "100.400.200.350.300.200.500.100.900.120*950.300.960.310"
SETTLED = "0.349.116.291.233.116.465.0.930.23*988.233.1000.244"


def asking(**changes: object) -> EventView:
    """Make an event that asks for a signature."""
    return make_event(**{"asks_signature": True, **changes})


def sign_by_hand(event: EventView, result: SignInResult, drawn: str = DRAWN) -> None:
    """Draw the signature of a sign-in."""
    signatures.write(event.id, result.sign_in_id, signatures.read(drawn, ""), may_replace=True)


def address_of(result: SignInResult) -> str:
    """Return where a phone signs by hand."""
    return f"/done/{receipts.address_of(result, is_kiosk=False)}/signature"
