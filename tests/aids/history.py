"""What phones sent and were answered, and whether a database agrees: the judge of every run with faults.

A key is what one ticket signs in, here a name that nobody else has. Moments are seconds of `time.monotonic`, one clock
for all processes of a machine.
"""

from __future__ import annotations

import http.client
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.aids.server import Answer, Phone

ACKNOWLEDGED, REFUSED = 303, 503  # refused for now: whether it was written is open, as when no answer came
_ORDINAL = re.compile(r'class="ordinal number"><span>\D*(\d+)')
_ROWS = "SELECT name, ordinal, voided_at IS NULL AND NOT is_trial FROM sign_in WHERE event_id = {}"
_ARRIVED = "SELECT arrived FROM event_counter WHERE event_id = {}"
Query = Callable[[str], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class Attempt:
    """One time that a phone sent its form. `answer` is a status, None when none came; `ordinal` as its page said."""

    key: str
    began: float
    ended: float = math.inf
    answer: int | None = None
    ordinal: int | None = None


@dataclass(frozen=True)
class Row:
    """A sign-in as the database has it."""

    key: str
    ordinal: int | None
    is_live: bool = True


@dataclass(frozen=True)
class Books:
    """What the database holds of one event: its rows, and the number that its dashboard shows."""

    rows: Sequence[Row]
    arrived: int


@dataclass
class History:
    """The attempts of a run, by as many phones at once as there are."""

    attempts: list[Attempt] = field(default_factory=list)

    def sign_in(self, phone: Phone, code: str, fields: dict[str, str], ticket: str) -> Answer | None:
        """Send a form, take note of what came back, and return it; None when no whole answer came.

        Whoever is in opens the success page, as phones do, for the number on it; a page that fails shows none.
        """
        attempt = Attempt(fields["name"], time.monotonic())
        try:
            answer = phone.sign_in(code, fields, ticket)
        except (OSError, http.client.HTTPException):
            self.attempts.append(attempt)
            return None
        attempt = replace(attempt, ended=time.monotonic(), answer=answer.status)
        ordinal = _shown_ordinal(phone, answer.location) if answer.status == ACKNOWLEDGED else None
        self.attempts.append(replace(attempt, ordinal=ordinal))
        return answer

    @property
    def acknowledged(self) -> set[str]:
        """The keys that are in, as somebody was told."""
        return {one.key for one in self.attempts if one.answer == ACKNOWLEDGED}

    def until(self, moment: float) -> History:
        """Return what had happened by then: what was sent later is nothing, what was answered later was not yet."""
        sent = [one for one in self.attempts if one.began < moment]
        return History([one if one.ended < moment else Attempt(one.key, one.began) for one in sent])

    def judge(self, books: Books) -> list[str]:
        """Return what is wrong, a sentence for each; nothing when the database agrees with all that was answered."""
        wrong = [f"{one.key} was answered {one.answer}" for one in self.attempts if not _may_be(one.answer)]
        lives = Counter(row.key for row in books.rows if row.is_live)
        acknowledged, attempted = self.acknowledged, {one.key for one in self.attempts}
        wrong += [f"{key} was acknowledged and is lost" for key in sorted(acknowledged) if not lives[key]]
        wrong += [f"{key} is in {times} live rows" for key, times in sorted(lives.items()) if times > 1]
        wrong += [f"{row.key} has a row that nobody sent" for row in books.rows if row.key not in attempted]
        if books.arrived != lives.total():
            wrong.append(f"arrived says {books.arrived}, and {lives.total()} rows are live")
        return wrong + self._ordinals(books)

    def _ordinals(self, books: Books) -> list[str]:
        by_ordinal = sorted((row.ordinal or 0, row.key) for row in books.rows)
        wrong = []
        if [ordinal for ordinal, _ in by_ordinal] != list(range(1, len(by_ordinal) + 1)):
            wrong.append(f"the ordinals are not 1 to {len(by_ordinal)}, each once")
        began: dict[str, float] = {}
        ended: dict[str, float] = {}
        for one in self.attempts:
            began[one.key] = min(one.began, began.get(one.key, math.inf))
            if one.answer == ACKNOWLEDGED:
                ended[one.key] = min(one.ended, ended.get(one.key, math.inf))
        first, whose = math.inf, ""  # whoever of a higher ordinal was answered first
        for ordinal, key in reversed(by_ordinal):
            if began.get(key, -math.inf) > first:
                wrong.append(f"{key} has {ordinal}, and came after {whose} was answered")
            if ended.get(key, math.inf) < first:
                first, whose = ended[key], key
        pairs = set(by_ordinal)
        shown = {(one.ordinal, one.key) for one in self.attempts if one.ordinal is not None}
        return wrong + [f"{key} was shown {ordinal}, and has not" for ordinal, key in sorted(shown - pairs)]


def read_books(query: Query, event_id: int) -> Books:
    """Ask a database, by whatever runs a statement and returns its rows."""
    rows = [Row(name, ordinal, bool(is_live)) for name, ordinal, is_live in query(_ROWS.format(event_id))]
    return Books(rows, int(next(iter(query(_ARRIVED.format(event_id))))[0]))


def _shown_ordinal(phone: Phone, location: str | None) -> int | None:
    try:
        number = _ORDINAL.search(phone.get(location or "/").text)
    except (OSError, http.client.HTTPException):
        return None
    return None if number is None else int(number[1])


def _may_be(answer: int | None) -> bool:
    return answer in (None, ACKNOWLEDGED, REFUSED)
