"""Codes, tickets and addresses that are capabilities.

Everything that is signed here is signed with the installation's secret and a salt of its own, so that a
token for one purpose never serves another. Nothing here is stored in clear: what must be revocable is
kept as a hash (docs/product.md, "Decided").
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from flask import current_app

from kiosk.clock import utcnow

# No look-alikes and no sound-alikes: the code is spoken across a noisy foyer and typed with a thumb.
ALPHABET = "ACDEFGHJKMNPQRTUWXY34679"
CODE_LENGTH = 6
_compact = json.JSONEncoder(separators=(",", ":")).encode  # made once: json.dumps would make one a call
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
VERIFY_LENGTH = 10  # of what is printed on papers for /verify: 24 to the tenth, nobody finds one by trying


class BadTicket(Exception):
    """A ticket or token that was not signed here, or not for this."""


@dataclass(frozen=True)
class Ticket:
    """What a page brings along: which event, when it was opened, the key of its one sign-in."""

    event_id: int
    issued_at: datetime
    key: str
    is_trial: bool = False
    is_for_companion: bool = False
    is_kiosk: bool = False


@dataclass(frozen=True)
class Receipt:
    """What the address of a success page stands for."""

    sign_in_id: int
    is_own: bool  # made by this phone's key; a repeat from elsewhere sees the first time and no more
    shows_name: bool  # the name was part of what matched, so the repeat typed it itself
    is_kiosk: bool = False  # shown on the station, which returns to its start by itself


def new_code(length: int = CODE_LENGTH) -> str:
    """Return a fresh code of `length` characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def normalise_code(typed: str) -> str:
    """Return a typed or spoken code as it is stored: capitals, no spaces, no dashes, half width."""
    return "".join(c for c in normalize("NFKC", typed).upper() if c.isalnum())[:40]


def make_ticket(
    event_id: int, *, is_trial: bool = False, is_for_companion: bool = False, is_kiosk: bool = False
) -> str:
    """Return a signed ticket with a fresh idempotency key."""
    flags = (is_trial << 0) | (is_for_companion << 1) | (is_kiosk << 2)
    return sign("ticket", [event_id, int(utcnow().timestamp() * 1000) + 1, secrets.token_urlsafe(12), flags])


def read_ticket(text: str, event_id: int) -> Ticket:
    """Return the ticket; raise BadTicket if it was not made here for this event."""
    try:
        ticket_event, issued, key, flags = unsign("ticket", text)
    except (ValueError, TypeError) as error:
        raise BadTicket("not a ticket of ours") from error
    if ticket_event != event_id:
        raise BadTicket("a ticket of another event")
    return Ticket(
        event_id=event_id,
        issued_at=datetime.fromtimestamp(issued / 1000, UTC),
        key=key,
        is_trial=bool(flags & 1),
        is_for_companion=bool(flags & 2),
        is_kiosk=bool(flags & 4),
    )


def key_digest(key: str, body: Mapping[str, Any]) -> str:
    """Return the HMAC of an idempotency key and the normalised body, as 64 hexadecimal digits."""
    canonical = _canonical([key, sorted(body.items())])
    return _digest(b"kiosk.key\0" + canonical.encode()).hex()


def make_receipt(receipt: Receipt) -> str:
    """Return the unguessable end of a success page's address; the same receipt gives the same address."""
    flags = (receipt.is_own << 0) | (receipt.shows_name << 1) | (receipt.is_kiosk << 2)
    payload = receipt.sign_in_id.to_bytes(6, "big") + bytes([flags])
    return urlsafe_b64encode(payload + _mac("receipt", payload)).decode().rstrip("=")


def read_receipt(text: str) -> Receipt:
    """Return what a success page's address stands for; raise BadTicket if it was not made here."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadTicket("not a receipt") from error
    payload, mac = raw[:7], raw[7:]
    if len(payload) != 7 or not hmac.compare_digest(mac, _mac("receipt", payload)):
        raise BadTicket("not a receipt of ours")
    flags = payload[6]
    return Receipt(
        int.from_bytes(payload[:6], "big"), is_own=bool(flags & 1), shows_name=bool(flags & 2), is_kiosk=bool(flags & 4)
    )


def sign(purpose: str, value: Any) -> str:
    """Sign a small JSON value for one purpose.

    As itsdangerous does, at a fifth of its cost: no key is derived anew, no compression tried (0002).
    """
    payload = urlsafe_b64encode(_compact(value).encode()).rstrip(b"=")
    mac = urlsafe_b64encode(_mac(f"sign.{purpose}", payload)).rstrip(b"=")
    return (payload + b"." + mac).decode()


def unsign(purpose: str, text: str) -> Any:
    """Return a value signed for this purpose; raise BadTicket otherwise."""
    payload, _, given = text.encode("utf-8", "replace").partition(b".")
    mac = urlsafe_b64encode(_mac(f"sign.{purpose}", payload)).rstrip(b"=")
    if not hmac.compare_digest(mac, given):
        raise BadTicket(f"not signed here for {purpose}")
    return json.loads(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))


def new_token() -> str:
    """Return a random token for an address that is a capability; store only its `hash_token`."""
    return secrets.token_urlsafe(24)


def hash_token(token: str) -> str:
    """Return what is kept of a token: a keyed hash, 64 hexadecimal digits."""
    return _digest(b"kiosk.token\0" + token.encode()).hex()


def _mac(purpose: str, payload: bytes) -> bytes:
    return _digest(f"kiosk.{purpose}\0".encode() + payload)[:16]


def _digest(message: bytes) -> bytes:
    keyed = _keyed(current_app.config["SECRET_KEY"]).copy()
    keyed.update(message)
    return keyed.digest()


@lru_cache(maxsize=8)
def _keyed(secret: str) -> hmac.HMAC:
    """Return the HMAC of nothing yet: preparing the key costs as much as all the rest."""
    return hmac.new(secret.encode(), digestmod="sha256")
