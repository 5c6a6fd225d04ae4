"""How the staff routes of roll calls and head-counts are made to succeed; a part of tests/aids/audit_routes.py."""

from __future__ import annotations

from typing import Any

from kiosk.services.audit_log.audit import Hand
from kiosk.services.door import roll_calls


def roll_call(s: Any) -> str:
    """Return the end of the address of a roll call of the scene's event, at which somebody is inside."""
    assert s.sign_in_id
    return f"roll-calls/{roll_calls.start(s.event.id, '返程上车', Hand('staff:1'))}"


LABEL = {"label": "返程上车"}
ROLL_CALL = "roll-calls/<int:roll_call_id>"
COUNTING: dict[str, Any] = {
    "POST /events/<code>/counts": lambda s: (f"{s.at}/counts", {"label": "东门"}),
    "POST /events/<code>/counts/<int:link_id>/revoke": lambda s: (
        f"{s.at}/counts/{s.door_link_id('count')}/revoke", {}),
    "POST /events/<code>/hand/head-count": lambda s: (f"{s.at}/hand/head-count", {"step": "1"}),
    "POST /steward/<code>/head-count": lambda s: (f"/steward/{s.event.code}/head-count", {"step": "1"}),
    "POST /events/<code>/hand/roll-calls": lambda s: (f"{s.at}/hand/roll-calls", LABEL),
    f"POST /events/<code>/hand/{ROLL_CALL}/tick": lambda s: (
        f"{s.at}/hand/{roll_call(s)}/tick", {"there": s.sign_in_id}),
    f"POST /events/<code>/hand/{ROLL_CALL}/<any(end, reopen):change>": lambda s: (
        f"{s.at}/hand/{roll_call(s)}/end", {}),
    "POST /steward/<code>/roll-calls": lambda s: (f"/steward/{s.event.code}/roll-calls", LABEL),
    f"POST /steward/<code>/{ROLL_CALL}/tick": lambda s: (
        f"/steward/{s.event.code}/{roll_call(s)}/tick", {"there": s.sign_in_id}),
    f"POST /steward/<code>/{ROLL_CALL}/<any(end, reopen):change>": lambda s: (
        f"/steward/{s.event.code}/{roll_call(s)}/end", {}),
}  # fmt: skip
