"""The audit log has words for everything it keeps: every action, what it is about, every field that can change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from flask import Flask

from kiosk.models.staff import ROLES
from kiosk.services.audit_log import audit_words
from kiosk.services.audit_log.audit_words import ACTIONS, FIELDS, GROUPS, SUBJECTS, VALUES
from kiosk.services.door.links import SCREENS
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.event.events import EventDraft
from kiosk.services.roster.roster_rows import LISTED
from tests.aids.paths import ROOT

SERVICES = ROOT / "kiosk" / "services"
ACTION = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z_]+")
SUBJECT = re.compile(r"([a-z_]+):")
OTHERS = re.compile(
    r"(?:audit-|download\.|.*\.(?:py|pdf|csv|xlsx|docx|json|zip|id|name|key|db|wal|lock)$)"
)  # files, columns


def recording() -> Iterator[tuple[Path, ast.AST]]:
    """Every node of every service that writes into the log."""
    for path in SERVICES.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "audit.record" in source or "audit.was_done(" in source:
            yield from ((path, node) for node in ast.walk(ast.parse(source)))


def test_every_action_that_the_program_uses_has_words() -> None:
    missing = {
        f"{node.value} ({path.name})"
        for path, node in recording()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ACTION.fullmatch(node.value)
        if node.value not in ACTIONS and not OTHERS.match(node.value)
    }
    assert not missing, f"say what these are in kiosk/services/audit_log/audit_words.py, ACTIONS: {sorted(missing)}"


def test_every_action_that_is_put_together_has_words() -> None:
    patterns = {
        "".join(re.escape(part.value) if isinstance(part, ast.Constant) else "[a-z_]+" for part in node.values)
        for _path, node in recording()
        if isinstance(node, ast.JoinedStr)
    }
    actions = {
        pattern for pattern in patterns if re.fullmatch(r"(?:[a-z_]|\[a-z_\]\+)+\\\.(?:[a-z_]|\[a-z_\]\+)+", pattern)
    }
    assert actions, "sign_in.{verb} at least"
    for pattern in actions:
        assert any(re.fullmatch(pattern, action) for action in ACTIONS), pattern


def test_everything_that_an_entry_is_about_has_words() -> None:
    kinds = {
        found[1]
        for _path, node in recording()
        if isinstance(node, ast.JoinedStr) and len(node.values) == 2 and isinstance(node.values[0], ast.Constant)
        if (found := SUBJECT.fullmatch(str(node.values[0].value)))
    }
    assert {"sign_in", "roster_entry", "staff"} <= kinds
    kinds.discard("log_in")  # the key of a guess
    assert kinds - SUBJECTS.keys() - audit_words.ACTORS.keys() == set(), (
        "kiosk/services/audit_log/audit_words.py, SUBJECTS"
    )


def test_every_field_that_can_change_has_words() -> None:
    changeable = {field.name for draft in (EventDraft, CampaignDraft) for field in fields(draft)}
    changeable |= {*LISTED}
    assert changeable - FIELDS.keys() == set(), "kiosk/services/audit_log/audit_words.py, FIELDS"
    assert {*ROLES, *SCREENS} <= VALUES.keys()


def test_every_action_is_of_a_group_that_can_be_searched_for() -> None:
    assert {group for group, _words in ACTIONS.values()} == GROUPS.keys()


def test_an_action_that_an_older_version_kept_is_shown_as_its_code(app: Flask) -> None:
    with app.test_request_context():
        assert audit_words.action_words("old.action") == "old.action"
        assert audit_words.subject_words("old_thing:7") == "old_thing 7" and audit_words.subject_words(None) == ""
        said = audit_words.change_words({"key": "abc", "name": "王*", "fields": ["mobile"], "odd": 3, "by": -1})
        assert said == ("改动：手机号", "odd：3", "变动 -1")
