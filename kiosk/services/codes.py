"""Codes, tickets and addresses that are capabilities.

Everything that is signed here is signed with the installation's secret and a salt of its own, so that a
token for one purpose never serves another. Nothing here is stored in clear: what must be revocable is
kept as a hash (docs/product.md, "Decided").
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from base64 import b32decode, b32encode, urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Generic, TypeVarTuple

from kiosk.clock import utcnow
from kiosk.extensions import this_app
from kiosk.services.names import unified

# No look-alikes and no sound-alikes: the code is spoken across a noisy foyer and typed with a thumb.
ALPHABET = "ACDEFGHJKMNPQRTUWXY34679"
CODE_LENGTH = 6
MOST_TYPED = 200  # characters of a code, with the words it was pasted with
# The letter of ALPHABET that each byte stands for.
_SPOKEN = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_ADDRESS = re.compile(r"/[ec]/([^/?#\s]+)", re.IGNORECASE)
_compact = json.JSONEncoder(separators=(",", ":")).encode  # made once: json.dumps would make one a call
_read = json.JSONDecoder().decode
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_OF_ADDRESSES = bytes.maketrans(b"+/", b"-_")
VERIFY_LENGTH = 10  # of what is printed on papers for /verify: 24 to the tenth, nobody finds one by trying


Held = TypeVarTuple("Held")


class BadToken(Exception):
    """A ticket, token or receipt that was not signed here, or not for this."""


class Token(Generic[*Held]):
    """One kind of signed text: its purpose, and the types of what it holds beside whom or what it is made for.

    Signed as itsdangerous does, at half its cost or less (docs/decisions/0002): the purpose is signed too, SHA-256,
    compared in constant time, the signature before anything else is read.
    """

    def __init__(self, purpose: str, *types: Any) -> None:
        self._purpose = purpose
        self._salt = f"kiosk.sign.{purpose}\0".encode()
        self._types = types

    def sign(self, owner: int | str | None, *held: *Held) -> str:
        """Sign these values for one event, account, link or address; no other can use the text."""
        payload = _letters(_compact((owner, *held)).encode())
        return (payload + b"." + self._mac(payload)).decode()

    def read(self, owner: int | str | None, text: str) -> tuple[*Held]:
        """Return the values that were signed for this owner; raise BadToken otherwise."""
        payload, _, mac = text.encode("utf-8", "replace").partition(b".")
        if not hmac.compare_digest(self._mac(payload), mac):
            raise BadToken(f"not signed here for {self._purpose}")
        values = _read(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)).decode())
        is_of_now = isinstance(values, list) and len(values) == 1 + len(self._types)
        if not is_of_now or not all(map(isinstance, values[1:], self._types)):
            raise BadToken(f"a {self._purpose} of another version")
        if values[0] != owner:
            raise BadToken(f"a {self._purpose} of another one")
        return tuple(values[1:])

    def find(self, owner: int | str | None, text: str) -> tuple[*Held] | None:
        """Return the values that were signed for this owner, None when the text is no token of theirs."""
        try:
            return self.read(owner, text)
        except BadToken:
            return None

    def _mac(self, payload: bytes) -> bytes:
        return _letters(_digest(self._salt + payload)[:16])


TICKET = Token[int, str, int]("ticket", int, str, int)  # milliseconds since 1970, key, flags and letting in
TIME_DIGITS = 11  # of the milliseconds at which a ticket was made, at the beginning of its key
TIMED = "."  # behind them; no letter of a key by chance
HEX = frozenset("0123456789abcdef")
FLAGS = 3  # bits of the flags; above them, one more than the milliseconds from the issue to the letting in, or nothing


@dataclass(frozen=True)
class Ticket:
    """What a page brings along: which event, when it was opened, the key of its one sign-in."""

    event_id: int
    issued_at: datetime
    key: str
    is_trial: bool = False  # where the event has not opened yet; services/sign_in decides
    is_for_companion: bool = False
    is_kiosk: bool = False
    token: str = ""  # the signed text that stands in a form; without one it was made by a service
    let_in_at: datetime | None = None  # when the digits of a rotating code were typed (services/event/rotation)

    @property
    def spoken_code(self) -> str:
        """Return the six characters by which somebody says aloud what their phone has sent, or could not send.

        Nothing of the key can be learnt from them.
        """
        return blake2b(self.key.encode(), digest_size=CODE_LENGTH).digest().translate(_SPOKEN).decode()

    @property
    def began_at(self) -> datetime:
        """Return from when on its holder may sign in with it."""
        return self.let_in_at or self.issued_at


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


def code_in(typed: str) -> str:
    """Return the code of an event's or a campaign's whole address, such as https://host/e/ABC234?lang=en; what is none
    comes back as it is."""
    address = _ADDRESS.search(typed)
    return typed if address is None else address[1]


def spoken_in(typed: str) -> str | None:
    """Return the six characters that somebody may have said of their phone, None where these words are none."""
    code = normalise_code(typed)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def normalise_code(typed: str) -> str:
    """Return a typed or spoken code as it is stored: capitals, no spaces, no dashes, half width."""
    return "".join(c for c in unified(typed[:MOST_TYPED]).upper() if c.isalnum())[:40]


def new_ticket(
    event_id: int,
    *,
    is_trial: bool = False,
    is_for_companion: bool = False,
    is_kiosk: bool = False,
    opened_at: datetime | None = None,
) -> Ticket:
    """Return a ticket with a fresh idempotency key; `opened_at` is when its holder's first page was, if not now."""
    flags = (is_trial << 0) | (is_for_companion << 1) | (is_kiosk << 2)
    issued = milliseconds(opened_at or utcnow()) + 1
    key = f"{issued:0{TIME_DIGITS}x}{TIMED}{secrets.token_urlsafe(12)}"
    return _ticket(TICKET.sign(event_id, issued, key, flags), event_id, issued, key, flags)


def let_in(ticket: Ticket, at: datetime) -> Ticket:
    """Return the same ticket, with the same key, whose holder has typed the digits at this moment."""
    issued, key, flags = TICKET.read(ticket.event_id, ticket.token)
    flags &= (1 << FLAGS) - 1
    flags |= (1 + max(0, milliseconds(at) - issued)) << FLAGS
    return _ticket(TICKET.sign(ticket.event_id, issued, key, flags), ticket.event_id, issued, key, flags)


def milliseconds(moment: datetime) -> int:
    """Return a moment as milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def moment_of(since_1970: int) -> datetime:
    """Return the moment of these milliseconds."""
    return datetime.fromtimestamp(since_1970 / 1000, UTC)


def read_ticket(token: str, event_id: int) -> Ticket:
    """Return the ticket; raise BadToken if it was not made here for this event."""
    return _ticket(token, event_id, *TICKET.read(event_id, token))


def _ticket(token: str, event_id: int, issued: int, key: str, flags: int) -> Ticket:
    later = flags >> FLAGS
    let_in_at = moment_of(issued + later - 1) if later else None
    return Ticket(event_id, moment_of(issued), key, bool(flags & 1), bool(flags & 2), bool(flags & 4), token, let_in_at)


def key_digest(key: str, body: Mapping[str, Any]) -> str:
    """Return the HMAC of an idempotency key and the normalised body, as 64 hexadecimal digits.

    Of a ticket's key that tells when it was made the digits begin with that: who comes now is then written beside who
    came before, where digits by chance would be a page of the index each (docs/decisions/0002).
    """
    canonical = _canonical([key, sorted(body.items())])
    digits = _digest(b"kiosk.key\0" + canonical.encode()).hex()
    is_timed = key[TIME_DIGITS : TIME_DIGITS + 1] == TIMED and HEX.issuperset(key[:TIME_DIGITS])
    return key[:TIME_DIGITS] + digits[TIME_DIGITS:] if is_timed else digits


def make_receipt(receipt: Receipt) -> str:
    """Return the unguessable end of a success page's address; the same receipt gives the same address."""
    flags = (receipt.is_own << 0) | (receipt.shows_name << 1) | (receipt.is_kiosk << 2)
    payload = receipt.sign_in_id.to_bytes(6, "big") + bytes([flags])
    return _letters(payload + _mac("receipt", payload)).decode()


def read_receipt(text: str) -> Receipt:
    """Return what a success page's address stands for; raise BadToken if it was not made here."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadToken("not a receipt") from error
    payload, mac = raw[:7], raw[7:]
    if len(payload) != 7 or not hmac.compare_digest(mac, _mac("receipt", payload)):
        raise BadToken("not a receipt of ours")
    flags = payload[6]
    return Receipt(
        int.from_bytes(payload[:6], "big"), is_own=bool(flags & 1), shows_name=bool(flags & 2), is_kiosk=bool(flags & 4)
    )


def make_pass(entry_id: int, number: int, made_at: datetime) -> str:
    """Return the end of a personal pass's address: 32 letters and digits, as good in capitals.

    `made_at` is when the entry was made: an id that another entry is given later makes none of its passes true.
    """
    payload = entry_id.to_bytes(5, "big") + number.to_bytes(2, "big")
    return b32encode(payload + _pass_mac(payload, made_at)).decode().lower()


def read_pass(text: str) -> tuple[int, int]:
    """Return the entry's id and the pass's number that a pass names; raise BadToken for what cannot be one. Whether it
    was made here says `make_pass`, of the entry."""
    try:
        raw = b32decode(text.upper())
    except ValueError as error:
        raise BadToken("not a pass") from error
    if len(raw) != 20:
        raise BadToken("not a pass of ours")
    return int.from_bytes(raw[:5], "big"), int.from_bytes(raw[5:7], "big")


def is_same(text: str, other: str) -> bool:
    """Compare two texts of which one is secret, in constant time."""
    return hmac.compare_digest(text.encode(), other.encode())


def _pass_mac(payload: bytes, made_at: datetime) -> bytes:
    return _mac("pass", payload + made_at.astimezone(UTC).isoformat().encode())[:13]


def new_token() -> str:
    """Return a random token for an address that is a capability; store only its `hash_token`."""
    return secrets.token_urlsafe(24)


def digits(purpose: str, length: int) -> str:
    """Return decimal digits that only this installation can tell, the same for the same purpose."""
    number = int.from_bytes(_digest(f"kiosk.digits\0{purpose}".encode())[:16], "big")
    return f"{number % 10**length:0{length}}"


def hash_token(token: str) -> str:
    """Return what is kept of a token: a keyed hash, 64 hexadecimal digits."""
    return _digest(b"kiosk.token\0" + token.encode()).hex()


def _mac(purpose: str, payload: bytes) -> bytes:
    return _digest(f"kiosk.{purpose}\0".encode() + payload)[:16]


def _letters(raw: bytes) -> bytes:
    """Return bytes as letters that an address takes as they are (RFC 4648, 5), without the signs that fill them up."""
    return b2a_base64(raw, newline=False).translate(_OF_ADDRESSES, b"=")


def _digest(message: bytes) -> bytes:
    keyed = _keyed(this_app().config["SECRET_KEY"]).copy()
    keyed.update(message)
    return keyed.digest()


@lru_cache(maxsize=8)
def _keyed(secret: str) -> hmac.HMAC:
    """Return the HMAC of nothing yet: preparing the key costs as much as all the rest."""
    return hmac.new(secret.encode(), digestmod="sha256")
