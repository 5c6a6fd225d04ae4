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


def is_known(address_hash: str, device: str | None) -> bool:
    """Say whether the account has been opened in the browser that keeps this."""
    return _device(address_hash, device) is not None


def budget_of(address_hash: str, device: str | None) -> str:
    """Return the key that misses are counted under: the known device's own, else that of all strangers together."""
    known = _device(address_hash, device)
    return f"log_in:{address_hash}" if known is None else f"log_in.known:{hash_token(address_hash + known)}"


def _device(address_hash: str, device: str | None) -> str | None:
    try:
        return DEVICE.read(address_hash, device or "")[0]
    except BadToken:
        return None
