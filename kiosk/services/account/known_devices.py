"""Browsers that an account has been opened in: each guesses on a budget of its own, so that strangers' misses, which
close the log-in for everybody else, never close it for the owner at the desk.

A known device opens nothing by itself: whoever steals its cookie has the same ten misses as every stranger.
"""

from __future__ import annotations

from datetime import timedelta

from kiosk.services.codes import BadToken, Token, hash_token, new_token

KEPT = timedelta(days=400)  # as long as browsers keep a cookie
DEVICE = Token[str]("known_device", str)  # for the keyed hash of an e-mail: which device


def cookie_of(address_hash: str) -> str:
    """Return the name of the cookie that knows this account: colleagues at one tablet have one each."""
    return f"kiosk_known_{address_hash[:12]}"


def make(address_hash: str) -> str:
    """Return what a browser keeps that this account was just opened in."""
    return DEVICE.sign(address_hash, hash_token(new_token())[:24])


def budget_of(address_hash: str, device: str | None) -> str:
    """Return the key that misses are counted under: the known device's own, else that of all strangers together."""
    try:
        (known,) = DEVICE.read(address_hash, device or "")
    except BadToken:
        return f"log_in:{address_hash}"
    return f"log_in.known:{hash_token(address_hash + known)}"
