"""What every route asks its form and its address for, and who is let in where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from fuzz.stage import Stage, Way, fill, form_token, fresh_app
from kiosk.services.fields import FIELDS
from tests.aids.apps import build_app, close

LISTENERS = ("stranger", "steward", "owner", "admin")
PERSONS_FORM = (*{field.key for field in FIELDS}, "kind", "another", "same", "notice", "shown", "known", "replaces")
SKIPPED = ("logout", "log-out", "pdf", "ending", "print", "poster")  # the log-in's end; what takes long to draw
KEPT_OUT = (403, 404)


def make_stage(folder: Path) -> Stage:
    """Make the database that every batch begins with."""
    app = build_app(folder)
    with app.app_context():
        stage = fill(folder)
        close(app)
    return _listen(stage, folder.with_name("listening"))


def _listen(stage: Stage, folder: Path) -> Stage:
    """Send every route an empty form from every role, and note what each asked for and who was let in."""
    _asked.clear()
    ways: list[Way] = []
    with fresh_app(stage, folder) as app, patch.object(app.logger, "disabled", True):
        app.request_class = _AskingRequest
        tokens = {name: form_token(app, role) for name, role in stage.roles.items() if role.is_staff}
        for rule in [rule for rule in app.url_map.iter_rules() if not any(part in rule.rule for part in SKIPPED)]:
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            for name in LISTENERS:
                token, cookies = tokens.get(name, (stage.form_tokens.get(name, ""), dict(stage.roles[name].cookies)))
                form = {"csrf_token": token, "ticket": stage.known["ticket"][0], "kind": "enterprise"}
                for path in _paths(rule, stage):
                    if _is_let_in(_send(app, method, path, cookies, form)):
                        ways.append(Way(rule.rule, method, name, path))
                        break
    asked = {route: tuple(sorted(names)) for route, names in _asked.items()}
    return replace(stage, asked=asked, ways=tuple(sorted(ways, key=lambda way: (way.route, way.method, way.role))))


def _send(app: Flask, method: str, path: str, cookies: dict[str, str], form: dict[str, str]) -> TestResponse:
    client = app.test_client()
    for cookie, text in cookies.items():
        client.set_cookie(cookie, text)
    answer = client.open(path, method=method, data=form if method == "POST" else None, buffered=False)
    answer.close()
    return answer


def _is_let_in(answer: TestResponse) -> bool:
    return answer.status_code not in KEPT_OUT and not (answer.location or "").startswith("/login")


def _paths(rule: Rule, stage: Stage) -> Iterator[str]:
    """Fill the parts of an address with what exists: a token may be one of several things."""
    is_token = (True, "token") in rule._trace
    for token in stage.known["token"] if is_token else ("",):
        filled = [_first(rule, part, stage, token) if is_named else part.strip("|") for is_named, part in rule._trace]
        yield "".join(filled)


def _first(rule: Rule, part: str, stage: Stage, token: str) -> str:
    if part == "token":
        return token
    items = getattr(rule._converters[part], "items", None)
    return sorted(items)[0] if items else stage.known.get(part, ("1",))[0]


class _Asked(ImmutableMultiDict[str, str]):
    """A form or a query that keeps in mind what it is asked for."""

    def __getitem__(self, name: str) -> str:
        _note(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        _note(str(name))
        return super().__contains__(name)

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Return what a form's value is, as usual."""
        _note(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Return all values of a name, as usual."""
        _note(key)
        return super().getlist(key, *args, **kwargs)

    def to_dict(self, flat: bool = True) -> Any:
        """Return everything, as the person's own form is read."""
        for name in PERSONS_FORM:
            _note(name)
        return super().to_dict(flat)


class _AskingRequest(Request):
    parameter_storage_class = _Asked


_asked: dict[str, set[str]] = {}


def _note(name: str) -> None:
    if request.url_rule is not None:
        _asked.setdefault(request.url_rule.rule, set()).add(name)
