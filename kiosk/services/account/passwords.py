"""Passwords: argon2id, hashed beside the loop one after another; judged by length and by what is tried first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import monkey
from gevent.threadpool import ThreadPool

from kiosk.services.account.guessable import is_guessable
from kiosk.services.names import composed
from kiosk.services.refusals import Refused

MIN_LENGTH = 10
MAX_LENGTH = 200  # an hour of hashing must not fit into one request

# 36 ms on the two-core mini PC; the library's default takes 151 ms and 64 MiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

AT_ONCE = 1  # per worker: a second one would take the core that sign-ins are made on
PLACES = 40  # who is hashed or waits for it, per worker: the last of them waits about two seconds
RESERVED = 4  # further ones, for whom a crowd of strangers must not keep out

# The hash of a password nobody knows: an unknown e-mail must cost as much time as a wrong password.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$pntkrYQ5rSbnk3FvVuIAWQ$Ft4B88XPXVgvJ6AI2gppLQOY3xLSbpT8QOVXZsSGJco"


_taken = 0  # of PLACES


class Busy(Exception):
    """As many as can be kept waiting are logging in at this moment; `retry_after` is in seconds."""

    retry_after = 2


@contextmanager
def place(*, is_known: bool = False) -> Iterator[None]:
    """Stand in the line for hashing, or raise Busy before anything is done or counted.

    Forty log-ins at once would else take every core from the sign-ins (docs/decisions/0014-the-line-for-hashing.md).
    """
    global _taken
    if _taken >= PLACES + RESERVED * is_known:
        raise Busy
    _taken += 1
    try:
        yield
    finally:
        _taken -= 1


def check_new(password: str, email: str) -> None:
    """Raise Refused for a password that is too short, too long, the e-mail itself, or tried first by whoever guesses.

    No composition rules: they make passwords that are written on the tablet's back (NIST SP 800-63B, 3.1.1).
    """
    if len(password) > MAX_LENGTH:
        raise Refused("password_too_long", count=MAX_LENGTH)
    typed = composed(password)
    if len(typed) < MIN_LENGTH:
        raise Refused("password_too_short", count=MIN_LENGTH)
    if typed.strip().casefold() == email.strip().casefold():
        raise Refused("password_is_email")
    if is_guessable(typed, email):
        raise Refused("password_is_guessable")


def hash_password(password: str) -> str:
    """Return the argon2id hash that is kept."""
    with place(is_known=True):  # staff, but for the first admin's link
        return str(_beside_the_loop(_hasher.hash, composed(password[:MAX_LENGTH])))


def is_right(password_hash: str | None, password: str) -> bool:
    """Say whether the password has this hash; without a hash it is wrong, after the same time. Only with a `place`."""
    matches = _beside_the_loop(_verify, password_hash or NOBODY, composed(password[:MAX_LENGTH]))
    return bool(matches) and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _beside_the_loop(function: Callable[..., Any], *arguments: Any) -> Any:
    # argon2 lets the interpreter go but not gevent's loop: under gevent a native thread does it.
    if monkey.is_module_patched("threading"):
        return _pool().apply(function, arguments)
    return function(*arguments)


@cache
def _pool() -> ThreadPool:
    return ThreadPool(AT_ONCE, hub=gevent.get_hub())  # by the first log-in of a worker, so never before the fork
