"""The stage's frozen sheets and files that are being made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kiosk.clock import utcnow
from kiosk.services import exports
from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import hand_work
from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sign_in import sign_ins
from kiosk.services.store.writer import WriterSession, run
from kiosk.services.tasks import tasks
from tests.aids.factories import guest, request_for


def set_sheets(event: EventView, staff_id: int) -> dict[str, str]:
    """Freeze an event's sheet before and after a correction; leave exports in each state. Return codes and ids."""
    first = sign_ins.sign_in(request_for(event, guest("陈秋石")))
    old = frozen_sheets.freeze(event, Choice(), "en", staff_id=None)
    hand_work.correct(event, first.sign_in_id, {"name": "陈秋实"}, Hand(f"staff:{staff_id}"))
    new = frozen_sheets.freeze(event, Choice("organisation", is_masked=False), "zh", staff_id=staff_id)
    frozen_sheets.freeze(event, Choice(), "zh", staff_id=staff_id)
    frozen_sheets.draw(new, "csv")
    frozen_sheets.note_download(new.id)
    found = {"old": old.code, "new": new.code}
    states: dict[str, dict[str, Any]] = {
        "running": {"state": "running", "done": 1200, "total": 5000, "heard_at": utcnow() + timedelta(hours=1)},
        "done": {"state": "done", "result": {"file_name": f"{new.title}.pdf", "unprintable": "😀🧾"}, "body": b"%PDF"},
        "failed": {"state": "failed", "reason": "lost"},
    }
    for name, values in states.items():

        def work(session: WriterSession, values: dict[str, Any] = values) -> int:
            who = f"staff:{staff_id}"
            return tasks.add.within(
                session, exports.ExportView, what="sheet", event_id=event.id, asked_by=who, **values
            )

        found[name] = str(run(work))
    return found
