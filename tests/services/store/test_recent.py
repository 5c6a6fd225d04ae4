"""The one small cache: what was read a moment ago, apart for every application."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from kiosk.services.store.recent import Recent


def test_it_is_read_once_until_it_is_too_old_or_forgotten(app: Flask) -> None:
    numbers = iter(range(10))
    recent, stale = Recent[str, int]("test_recent", seconds=60), Recent[str, int]("test_recent", seconds=0)
    assert [recent.get("a", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
    assert recent.find("a") == 0 and recent.find("b") is None and stale.find("a") is None
    recent.forget("a")
    recent.forget("never kept")
    assert recent.get("a", lambda: next(numbers)) == 1


def test_another_application_has_its_own(app: Flask) -> None:
    recent = Recent[None, str]("test_recent", seconds=60)
    recent.keep(None, "mine")
    with Flask("another").app_context():
        assert recent.find(None) is None


def test_while_one_reads_it_anew_others_get_the_old_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    recent = Recent[str, str]("test_recent", seconds=1)
    recent.keep("a", "old")
    now[0] += 1
    assert recent.find("a") is None, "the first reads it"
    recent.renew("a")
    assert recent.find("a") == "old"
    now[0] += 0.3
    assert recent.find("a") is None, "who reads takes too long, or came to nothing"
    recent.keep("a", "new")
    assert recent.find("a") == "new"
    recent.renew("never kept")
    assert recent.find("never kept") is None
