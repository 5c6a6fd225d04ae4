"""What is kept about a person, in words: the readable page beside the complete files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import lazy_gettext as _

from kiosk.person_fields import COLUMNS, LABELS
from kiosk.web.frame.words import clock, day

TITLES = {
    "sign_in": _("Sign-ins"),
    "roster_entry": _("Roster"),
    "participant": _("In the campaign"),
    "proof": _("Proofs of attendance"),
    "group_sign_in": _("Named by a group"),
    "sign_in_change": _("Corrections"),
    "signature": _("Signatures"),
    "movement": _("Ways out and back in"),
    "hours_override": _("Credited hours"),
    "tick": _("Handed out"),
}
# The columns that say something to the person, in this order; the others are in the files.
FIELDS = {
    "event": _("Event"), **{column: LABELS[column] for column in COLUMNS},
    "answers": _("Answers"), "signed_in_at": _("Signed in at"), "left_at": _("Left"), "voided_at": _("Taken back"),
    "consented_at": _("Consented"),
    **{column: LABELS[column] for column in ("group_name", "seat", "bus", "note", "steward_note")},
    "typed": _("Signature"), "drawn": _("Signature"), "signed_at": _("Signed by hand at"),
    "direction": _("Way"), "moved_at": _("When"),
    "reason": _("Reason"), "leader": _("Leader"), "absent": _("Absent"), "label": _("What"), "ticked_at": _("When"),
    "title": _("Title"),
    "number": _("Number"), "hours": _("Credited hours"), "issued_at": _("Issued"), "created_at": _("Written down"),
}  # fmt: skip
Row = list[tuple[Any, Any]]


def tables(exported: Mapping[str, Any]) -> list[tuple[Any, list[Row]]]:
    """Return an export (services/privacy/persons) as titles and rows of words and values."""
    return [(TITLES.get(name, name), [_row(row) for row in rows]) for name, rows in exported["tables"].items()]


def zone() -> ZoneInfo:
    """Return the zone in which the page says its times: the server's, because its rows belong to many events."""
    return ZoneInfo(current_app.config["KIOSK"].timezone)


def _row(row: Mapping[str, Any]) -> Row:
    return [
        (words, _said(name, row[name])) for name, words in FIELDS.items() if row.get(name) not in (None, "", {}, [])
    ]


def _said(name: str, value: Any) -> Any:
    if name.endswith("_at"):
        moment = datetime.fromisoformat(value)
        return f"{day(moment, zone())} {clock(moment, zone())}"
    if name == "drawn":  # its lines are in the files
        return _("drawn by hand; its lines are in the complete copy")
    if name == "direction":
        return _("out") if value == "out" else _("in again")
    if isinstance(value, dict):
        return " · ".join(str(part) for part in value.values() if part)
    return value
