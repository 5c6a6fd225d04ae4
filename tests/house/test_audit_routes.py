"""Every route by which staff write, or look at unmasked data, leaves a row in the audit log, without names or mobiles.

The table is tests/aids/audit_routes.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select

from kiosk.extensions import db
from kiosk.models import AuditEntry
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log.audit_words import ACTIONS, ACTORS, SUBJECTS
from kiosk.services.host import addresses, network
from kiosk.services.tasks import beside
from kiosk.web.door import steward
from tests.aids.access_table import DOOR, TABLE
from tests.aids.apps import build_app, close
from tests.aids.audit_routes import MOBILES, NAME, OTHER, REASON, ROUTES, THIRD, Scene
from tests.aids.factories import make_staff
from tests.aids.silent_routes import WRITES_NOTHING
from tests.house.test_access import Seat, seat_of

WRITING = {route for route in TABLE if not route.startswith("GET ")} - {"POST /events/<code>/kiosk/leave"}


@dataclass(frozen=True)
class House:
    """An application and its admin."""

    app: Flask
    admin: StaffView


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    app = build_app(tmp_path_factory.mktemp("audit") / "instance")
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside, "start", lambda task, number: None)  # what comes of it is not asked here
        patch.setattr(network, "best_lan_address", lambda *_given: "192.168.7.7")
        assert addresses.choose_again() == f"http://192.168.7.7:{app.config['KIOSK'].port}"
        yield House(app, make_staff())
        close(app)


def seat_at(app: Flask, route: str, scene: Scene) -> tuple[Seat, str]:
    """Return a browser that may use the route, and who that is in the log."""
    if TABLE[route] == DOOR:
        token, link = scene.steward
        return Seat({steward.COOKIE: token}, steward.FORM.sign(link.id)), link.actor
    return seat_of(app, scene.staff), f"staff:{scene.staff.id}"


def newest_id() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.max(AuditEntry.id))) or 0


def test_every_writing_route_is_in_the_table() -> None:
    missing = WRITING - ROUTES.keys() - WRITES_NOTHING.keys()
    assert not missing, (
        f"say in tests/aids/audit_routes.py how these succeed, or in silent_routes.py why they need not: {missing}"
    )
    assert (ROUTES.keys() | WRITES_NOTHING.keys()) - WRITING == set(), "these routes are gone"


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_route_leaves_a_row_that_names_nobody(house: House, route: str) -> None:
    scene = Scene(house.admin)
    path, fields = ROUTES[route](scene)
    seat, actor = seat_at(house.app, route, scene)
    client = house.app.test_client()
    for name, value in seat.cookies.items():
        client.set_cookie(name, value)
    before = newest_id()
    given = fields(client.get(path).text) if callable(fields) else fields
    answer = client.post(path, data={**given, "csrf_token": seat.token})
    assert answer.status_code in (200, 303), f"{path} was refused: {answer.text[-2000:]}"
    answer.close()
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.id > before)).all()
    assert actor in {row.actor for row in rows}, f"{path} left no entry of {actor} in the audit log"
    for row in rows:
        assert row.action in ACTIONS, f"say in kiosk/services/audit_log/audit_words.py what {row.action} is"
        about = (row.subject or "event").partition(":")[0]
        assert about in SUBJECTS.keys() | ACTORS.keys(), (
            f"say in kiosk/services/audit_log/audit_words.py what {about} is"
        )
        told = f"{row.actor} {row.subject} {json.dumps(row.changed, ensure_ascii=False)}"
        assert not [one for one in (NAME, OTHER, THIRD, REASON, *MOBILES) if one in told], told
