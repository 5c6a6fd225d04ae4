"""What is asked of a sheet, in a form or in an address: copy, order, no-shows, variant, the paper's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sheet.sheet_rows import ORDERS, Order
from kiosk.services.tables.sheet_model import VARIANTS, Variant
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


def read(fields: Mapping[str, str], *, is_full: bool) -> Wish:
    """Read a wish; what is not known is the order of arrival, the variant that fits, the screen's language."""
    order: Order = next((one for one in ORDERS if one == fields.get("order")), "arrival")
    variant: Variant | None = next((one for one in VARIANTS if one == fields.get("variant")), None)
    paper = next((one for one in LANGUAGES if one == fields.get("paper")), language())
    return Wish(Choice(order, fields.get("no_shows") == "1", variant, is_masked=not is_full), paper)


def path_of(code: str, ending: str, wish: Wish) -> str:
    """Return the address of an event's sheet as a file, without a key."""
    return "?".join(filter(None, (f"/events/{code}/sheet.{ending}", wish.query())))
