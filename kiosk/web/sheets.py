"""The sign-in sheet to take home (PRODUCT.md 0.5): workbook and CSV, full or masked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services import event_access, sheets
from kiosk.services.sheet_rows import ORDERS, Order
from kiosk.services.sheets import SheetModel
from kiosk.web.access import event_for, logged_in
from kiosk.web.downloads import send, staff_or_key, with_key
from kiosk.web.words import language

bp = Blueprint("sheets", __name__)
bp.add_app_template_global(with_key)  # pages that link to downloads
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/events/<code>/sheet.xlsx")
@staff_or_key
def as_xlsx(code: str) -> ResponseReturnValue:
    """Send the sheet as a workbook."""
    model = _sheet(code, has_dates=False)
    return send(sheets.xlsx_bytes(model), XLSX, _name(model), "xlsx")


@bp.get("/events/<code>/sheet.csv")
@staff_or_key
def as_csv(code: str) -> ResponseReturnValue:
    """Send the sheet as CSV; its times carry their day, because no header line does."""
    model = _sheet(code, has_dates=True)
    return send(sheets.csv_bytes(model), "text/csv", _name(model), "csv")


@dataclass(frozen=True)
class Choice:
    """What the page and its files are asked for: an order, and whether who did not come stands on the sheet."""

    order: Order
    has_no_shows: bool

    def query(self, **changes: Any) -> str:
        """Return the query that asks for this, changed; empty for the default."""
        wanted = replace(self, **changes)
        asked = {"order": wanted.order} if wanted.order != "arrival" else {}
        return urlencode(asked | ({"no_shows": "1"} if wanted.has_no_shows else {}))


def asked_choice() -> Choice:
    """Read the choice from the address; what is not known is the order of arrival."""
    order: Order = next((one for one in ORDERS if one == request.args.get("order")), "arrival")
    return Choice(order, request.args.get("no_shows") == "1")


def _sheet(code: str, *, has_dates: bool) -> SheetModel:
    """Build the sheet: masked when asked for, and for who may only look, always."""
    event, choice = event_for(code), asked_choice()
    is_masked = request.args.get("masked") == "1" or not event_access.may_run(logged_in(), event)
    return sheets.build_sheet(
        event,
        language(),
        is_masked=is_masked,
        has_dates=has_dates,
        order=choice.order,
        has_no_shows=choice.has_no_shows,
    )


def _name(model: SheetModel) -> str:
    return _("%(title)s, masked", title=model.title) if model.is_masked else model.title
