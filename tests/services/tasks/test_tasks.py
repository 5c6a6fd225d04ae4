"""Tasks: claimed by one process, heard of while it lives, ended once; what a dead one leaves depends on its kind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from kiosk.clock import freeze, utcnow
from kiosk.services.exports import ExportView
from kiosk.services.privacy.purges import PurgeView
from kiosk.services.rehearsals.book import RehearsalView
from kiosk.services.tasks import tasks
from kiosk.services.tasks.tasks import TaskView

KINDS = (ExportView, PurgeView, RehearsalView)


def state_of(kind: type[TaskView], task_id: int) -> tuple[str, str | None]:
    task = tasks.find(kind, task_id)
    assert task is not None
    return task.state, task.reason


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_is_claimed_by_its_own_kind_only(both_app: Flask, kind: type[TaskView]) -> None:
    task_id = tasks.add(kind, asked_by="staff:1")
    for other in KINDS:
        assert other is kind or (tasks.find(other, task_id), tasks.claim(other, task_id)) == (None, None)
    claimed = tasks.claim(kind, task_id)
    assert claimed is not None and claimed.state == "running" and claimed.heard_at is not None


@pytest.mark.parametrize(("kind", "is_taken"), [(ExportView, False), (PurgeView, True), (RehearsalView, False)])
def test_only_a_purge_is_taken_by_a_second_process(app: Flask, kind: type[TaskView], is_taken: bool) -> None:
    task_id = tasks.add(kind, asked_by="staff:1")
    assert tasks.claim(kind, task_id) is not None
    assert (tasks.claim(kind, task_id) is not None) is is_taken


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_over_stays_as_it_is(app: Flask, kind: type[TaskView]) -> None:
    task_id = tasks.add(kind, asked_by="staff:1")
    tasks.end(task_id, "failed", reason="broken")
    tasks.end(task_id, "done", reason=None)
    assert state_of(kind, task_id) == ("failed", "broken") and tasks.claim(kind, task_id) is None


@pytest.mark.parametrize(
    ("kind", "shown"),
    [(ExportView, ("failed", "lost")), (PurgeView, ("running", None)), (RehearsalView, ("running", None))],
)
def test_a_dead_process_is_noticed(app: Flask, kind: type[TaskView], shown: tuple[str, str | None]) -> None:
    task_id = tasks.add(kind, asked_by="staff:1")
    tasks.claim(kind, task_id)
    assert tasks.lost(kind) == () and state_of(kind, task_id) == ("running", None)
    with freeze(utcnow() + tasks.SILENCE + timedelta(seconds=1)):
        assert state_of(kind, task_id) == shown
        assert bool(tasks.lost(kind)) is kind.is_carried_on


def test_a_process_hears_that_its_task_was_stopped_and_what_it_says_last_is_written(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "TELL_SECONDS", 0.01)
    task_id = tasks.add(RehearsalView, asked_by="staff:1", total=9)
    tasks.claim(RehearsalView, task_id)
    with tasks.heard(task_id) as report:
        tasks.end(task_id, "clearing", reason="stopped")
        report.progress(1, 9)
        while report.state == "running":
            pass
        assert report.state == "clearing"
        report.progress(4, 9)
    task = tasks.find(RehearsalView, task_id)
    assert task is not None and (task.done, task.reason) == (4, "stopped")
