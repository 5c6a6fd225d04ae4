"""A few thousand hostile inputs (`make fuzz` sends a hundred thousand): no crash, nothing slow, nothing told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fuzz.__main__ import BATCH, run_batch
from fuzz.judge import Judge
from fuzz.listening import make_stage
from fuzz.requests import Sent, rounds_of
from fuzz.stage import Role, Stage, form_token, fresh_app

BATCHES = 10  # of 200; a run that is given another seed finds other things, and belongs to `make fuzz`


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return make_stage(tmp_path_factory.mktemp("fuzz") / "stage")


@pytest.mark.parametrize("number", range(BATCHES))
def test_no_input_breaks_anything(stage: Stage, tmp_path: Path, number: int) -> None:
    assert run_batch(stage, tmp_path, number) == []


def test_these_batches_go_round_every_route_once(stage: Stage) -> None:
    """The sweep is half of what is sent; what it is about is reached by somebody who is let in there."""
    pairs = rounds_of(stage)
    assert len(pairs) <= BATCHES * BATCH // 2
    routes = {route for route, _evil in pairs}
    assert {("/events/<code>/display/count", "GET"), ("/group/<token>/count", "POST")} <= routes
    assert "since" in stage.asked["/events/<code>/display/count"] and "here" in stage.asked["/group/<token>/count"]


def test_the_judge_hears_a_crash_and_sees_what_is_told(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_app(stage, tmp_path / "judged") as app:
        judge = Judge()
        monkeypatch.setattr(app.logger, "handlers", [judge])
        monkeypatch.setattr(app.logger, "propagate", False)

        @app.get("/broken")
        def broken() -> str:
            raise RuntimeError("on purpose")

        @app.get("/greedy")
        def greedy() -> str:
            return str(len(bytearray(150 * 2**20)))

        @app.get("/slow")
        def slow() -> str:
            end = time.process_time() + 0.6
            while time.process_time() < end:
                pass
            return "at last"

        @app.get("/telling")
        def telling() -> str:
            return "13711110001"

        def kinds(path: str, role: Role) -> list[str]:
            sent = Sent(path, "stranger", "GET", path, {})
            return [fault.kind for fault in judge.send(app, sent, role, {})]

        stranger, admin = stage.roles["stranger"], stage.roles["admin"]
        assert kinds("/broken", stranger) == ["500"] and kinds("/slow", stranger) == ["slow"]
        assert kinds("/greedy", stranger) == ["memory"]
        assert kinds("/telling", stranger) == ["told"] and kinds("/telling", admin) == []


def test_every_role_of_staff_is_logged_in(stage: Stage, tmp_path: Path) -> None:
    with fresh_app(stage, tmp_path / "seats") as app:
        for name, role in stage.roles.items():
            if role.is_staff:
                token, _cookies = form_token(app, role)
                assert token, name
    assert {"name", "mobile", "kind"} <= set(stage.asked["/e/<code>/sign-in"]) and "since" in str(stage.asked)
