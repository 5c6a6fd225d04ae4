"""What is asked of a sheet, in a form or in an address: copy, order, no-shows, variant, the paper's language."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sheet.sheet_rows import ORDERS
from kiosk.services.tables.sheet_model import VARIANTS
from kiosk.web.frame.inputs import Inputs
from kiosk.web.frame.languages import LANGUAGES
from kiosk.web.frame.words import language


@dataclass(frozen=True)
class Wish:
    """A copy and the language that it is written in; the paper's language need not be the screen's."""

    choice: Choice
    language: str

    def query(self) -> str:
        """Return the query that asks for this, without the right to a full copy; empty for the default."""
        choice = self.choice
        asked = {
            "order": choice.order if choice.order != "arrival" else None,
            "no_shows": "1" if choice.has_no_shows else None,
            "variant": choice.variant,
            "paper": self.language if self.language != language() else None,
        }
        return urlencode({name: value for name, value in asked.items() if value})


def read(given: Inputs, *, is_full: bool) -> Wish:
    """Read a wish; what is not known is the order of arrival, the variant that fits, the screen's language."""
    choice = Choice(
        given.one_of("order", ORDERS) or "arrival",
        given.is_set("no_shows"),
        given.one_of("variant", VARIANTS),
        is_masked=not is_full,
    )
    return Wish(choice, given.one_of("paper", LANGUAGES) or language())


def usual() -> Wish:
    """Return what is asked for when nothing is: a masked copy in the order of arrival."""
    return Wish(Choice("arrival", False, None, is_masked=True), language())


def path_of(code: str, ending: str, wish: Wish) -> str:
    """Return the address of an event's sheet as a file, without a key."""
    return "?".join(filter(None, (f"/events/{code}/sheet.{ending}", wish.query())))
