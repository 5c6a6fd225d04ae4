"""The audit log (操作日志) for admins: searched, and taken along as CSV (docs/product.md 3.7)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.bounds import read_day
from kiosk.services.audit_log import audit_search
from kiosk.services.audit_log.audit_search import AuditLine, AuditQuery
from kiosk.services.audit_log.audit_words import GROUPS
from kiosk.services.tables.sheet_files import harmless
from kiosk.web.frame.access import logged_in, role_required
from kiosk.web.frame.downloads import staff_or_key
from kiosk.web.frame.inputs import query

bp = Blueprint("audit", __name__)
MOST_TYPED = 120


@bp.get("/audit")
@role_required("admin")
def show() -> ResponseReturnValue:
    """Show what was done, newest first; the query narrows it, `before` leads to older entries."""
    wanted, before = _wanted(), query.number("before") or None
    return render_template(
        "afterwards/audit/page.html",
        wanted=wanted,
        before=before,
        found=audit_search.search(wanted, older_than=before),
        query=_query,
        actors=audit_search.actors(),
        groups=GROUPS,
        zone=audit_search.zone(),
    )


@bp.get("/audit.csv")
@staff_or_key
def as_csv() -> ResponseReturnValue:
    """Send everything that was searched for, row by row while it is read."""
    if not logged_in().is_admin:
        abort(403)
    name = f"audit-{audit_search.today()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(stream_with_context(_csv(_wanted())), mimetype="text/csv", headers=headers)


def _csv(wanted: AuditQuery) -> Iterator[bytes]:
    yield "\ufeff".encode()
    at = f"{_('Time')} ({audit_search.zone().key})"
    who, what = (_("By whom"), _("What was done")), (_("About"), _("What changed"), _("ID"))
    yield _csv_row((at, *who, _("Event code"), _("Event"), *what, "actor", "action", "subject"))
    for line in audit_search.all_lines(wanted):
        yield _csv_row(_cells(line))


def _cells(line: AuditLine) -> tuple[str, ...]:
    at = line.done_at.astimezone(audit_search.zone()).strftime("%Y-%m-%d %H:%M:%S")
    about, details = " ".join(filter(None, (line.about, line.name))), " · ".join(line.changes)
    cells = (at, line.who, line.what, line.event_code or "", line.event_title or "", about, details, str(line.id))
    return (*cells, line.actor, line.action, line.subject or "")


def _csv_row(cells: tuple[str, ...]) -> bytes:
    row = StringIO(newline="")
    csv.writer(row, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return row.getvalue().encode()


def _wanted() -> AuditQuery:
    fields = {name: query.text(name, MOST_TYPED) for name in ("event", "actor", "subject")}
    fields["group"] = query.one_of("group", GROUPS) or ""
    return AuditQuery(since=read_day(query.text("since", 20)), until=read_day(query.text("until", 20)), **fields)


def _query(wanted: AuditQuery, **more: object) -> str:
    """Return the query that asks for the same again, and for `more`."""
    asked = {**vars(wanted), **more}
    return urlencode({name: value for name, value in asked.items() if value})
