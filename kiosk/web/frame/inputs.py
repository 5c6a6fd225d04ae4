"""What an address and a posted form say, read in one place: cut first, then cleaned, then made a number or a choice.

The forms of staff's pages are WTForms (frame/forms) and the person's own form is services/fields; everything smaller is
asked of `posted`, `query` or `either`, and nothing is computed from a text that is longer than it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from kiosk.bounds import read_moment, whole_number
from kiosk.clock import utcnow
from kiosk.services.names import clean
from kiosk.web.frame.bare import this_request
from kiosk.web.frame.numbers import LAST_PAGE

LINE = 60  # characters: a name, a word to search for
TOKEN = 20_000  # whatever was signed here; the rows of somebody found are the longest
MILLISECONDS = 14  # digits of a moment
NOT_AT_ALL = timedelta()
DIGITS = 20  # more are no number that anything here holds
Choice = TypeVar("Choice", bound=str)


class Inputs:
    """The values of the present request from one source, by name; what is missing is an empty text or no number."""

    def __init__(self, values: Callable[[], MultiDict[str, str]]) -> None:
        self._values = values

    def once(self) -> Inputs:
        """Return the values of this very request, looked for once: for a page that asks for a dozen of them."""
        values = self._values()
        return Inputs(lambda: values)

    def __contains__(self, name: str) -> bool:
        return name in self._values()

    def raw(self, name: str, most: int = TOKEN) -> str:
        """Return a text as it came, cut: a token, a password, pasted lines."""
        values = self._values()
        return values[name][:most] if name in values else ""  # a look for a missing key costs an exception

    def text(self, name: str, most: int = LINE) -> str:
        """Return a line of text, cleaned and cut."""
        typed = self.raw(name)
        return _line(typed, most) if typed else ""

    def texts(self, name: str, most: int = LINE) -> list[str]:
        """Return every line of this name."""
        return [_line(value, most) for value in self._values().getlist(name)]

    def number(self, name: str) -> int | None:
        """Return a whole number from 0 to the greatest id, or None."""
        return _number(self.raw(name, DIGITS + 1))

    def numbers(self, name: str) -> list[int]:
        """Return every number of this name, without what is none."""
        numbers = (_number(value[: DIGITS + 1]) for value in self._values().getlist(name))
        return [number for number in numbers if number is not None]

    def one_of(self, name: str, choices: Iterable[Choice]) -> Choice | None:
        """Return the choice that was made, None when it is none of these."""
        typed = self.raw(name)
        return next((choice for choice in choices if choice == typed), None)

    def is_set(self, name: str) -> bool:
        """Say whether a switch is on."""
        return self.raw(name) == "1"

    def page(self) -> int:
        """Return which page of a list is asked for, the first one unless `page` says another."""
        return min(max(self.number("page") or 1, 1), LAST_PAGE)

    def began_to_wait(self) -> datetime:
        """Return when this screen began to wait for a phone: `since`, in seconds since 1970, else now."""
        return read_moment(self.raw("since", DIGITS + 1)) or utcnow()

    def waited(self) -> timedelta:
        """Return how long what is posted waited on its phone: from `at`, when it was tapped, to `sent`, both in
        milliseconds of the phone's own clock. Nothing where a page says nothing of it, or where that clock was set."""
        at = self.raw("at", MILLISECONDS + 1)
        if not at:  # as from every page whose script did not run, or had to keep nothing
            return NOT_AT_ALL
        sent = self.raw("sent", MILLISECONDS + 1)
        if not all(len(one) <= MILLISECONDS and one.isascii() and one.isdigit() for one in (at, sent)):
            return NOT_AT_ALL
        return timedelta(milliseconds=max(0, int(sent) - int(at)))

    def plain(self) -> dict[str, str]:
        """Return everything, as it came, by name: what is shown again, and the person's form (services/fields)."""
        return self._values().to_dict()


def _line(value: str, most: int) -> str:
    return clean(value.strip()[: 2 * most])[:most]


def _number(typed: str) -> int | None:
    try:
        return whole_number(typed) if typed else None
    except ValueError:
        return None


posted = Inputs(lambda: this_request().form)
query = Inputs(lambda: this_request().args)
either = Inputs(lambda: this_request().values)
