"""The stage's signatures by hand: phones that have signed in, one that has signed, and a station."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kiosk.services.codes import new_ticket
from kiosk.services.door import receipts
from tests.aids.factories import enterprise, guest, make_event, sign_in
from tests.aids.signed import sign_by_hand

TITLE, TITLE_EN = "企业首席质量官培训（签名）", "Chief quality officer training, signed by hand"


def set_signing(**usual: Any) -> dict[str, str]:
    """Let three people sign in where a signature is asked; return the event's code and the ends of their pages."""
    event = make_event(**{"title": TITLE, "title_alt": TITLE_EN, "asks_signature": True, **usual})
    asked, signed = sign_in(event, guest()), sign_in(event, enterprise())
    sign_by_hand(event, signed)
    there = sign_in(event, guest("陈秋实"), ticket=new_ticket(event.id, is_kiosk=True))
    return {
        "code": event.code,
        "asked": receipts.address_of(asked, is_kiosk=False),
        "signed": receipts.address_of(signed, is_kiosk=False),
        "station": receipts.address_at_station(event.id, there, shows=timedelta(days=1)),
    }
