"""Whom the inputs are sent as, and what they must not be told: an event full of canaries, and every role beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Proof, SignIn
from kiosk.services.account import staff_sessions
from kiosk.services.board import pulse
from kiosk.services.board.pulse import Pulse
from kiosk.services.codes import new_ticket
from kiosk.services.door import links, receipts
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.group import groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.proofs import issuing, subjects
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.web.door import steward
from kiosk.web.frame import access
from kiosk.web.frame.visitors import ME_COOKIE
from tests.aids.apps import build_app, close
from tests.aids.factories import csrf_token, enterprise, make_staff, sign_in, student, ticket_for

MOBILES = frozenset({"13711110001", "13711110002", "13711110003"})
NAMES = frozenset({"金丝雀甲", "金丝雀乙", "金丝雀丙", "金丝雀学生"})


@dataclass(frozen=True)
class Role:
    """A browser, and which of the canaries' details it must never be sent."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    unseen: frozenset[str] = NAMES | MOBILES
    is_staff: bool = False


@dataclass(frozen=True)
class Way:
    """An address of a route at which this role was let in."""

    route: str
    method: str
    role: str
    path: str


@dataclass(frozen=True)
class Stage:
    """An instance folder to be copied, its roles, and values by what an address calls them."""

    folder: Path
    roles: Mapping[str, Role]
    known: Mapping[str, tuple[str, ...]]
    form_tokens: Mapping[str, str]  # what the phones of stewards send along; staff's belong to their sessions
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by route: names in its form and its address
    ways: tuple[Way, ...] = ()


@contextmanager
def fresh_app(stage: Stage, folder: Path) -> Iterator[Flask]:
    """Make an application on a copy of the stage, for inputs that may change everything in it."""
    shutil.copytree(stage.folder, folder, symlinks=True)
    app = build_app(folder)
    app.testing = False  # what breaks is answered as on a server
    app.extensions[pulse.EXTENSION] = Pulse(app.extensions, is_flushed_by_hand=True)  # no thread outlives its batch
    try:
        yield app
    finally:
        with app.app_context():
            close(app)
        shutil.rmtree(folder, ignore_errors=True)  # the last of its connections may be taking its journal away


def form_token(app: Flask, role: Role) -> tuple[str, dict[str, str]]:
    """Return the token that staff's forms carry, and the cookies that it belongs to."""
    client = app.test_client()
    for name, text in role.cookies.items():
        client.set_cookie(name, text)
    token = csrf_token(client)
    return token, {name: cookie.value for (_domain, _path, name), cookie in client._cookies.items()}


def fill(folder: Path) -> Stage:
    """Fill the database of the present application, and return who is there and what addresses may be made of."""
    people = {
        "admin": make_staff("admin"),
        "owner": make_staff("organiser", email="owner@example.org"),
        "other organiser": make_staff("organiser", email="other@example.org"),
        "viewer": make_staff("viewer"),
    }
    owner, other = people["owner"].id, people["other organiser"].id
    event = _event("金丝雀", owner, tick_labels=["资料"], ends_at=utcnow() + timedelta(hours=2), credited_hours=4.0)
    foreign = _event("别处", other)
    rows = [
        RosterRow("enterprise", "金丝雀甲", "甲公司", mobile="13711110001", group_name="一组", is_starred=True),
        RosterRow("enterprise", "金丝雀乙", "乙公司", mobile="13711110002", group_name="二组"),
        RosterRow("student", "金丝雀学生", "四棵中学", class_name="初二(3)班", group_name="二组"),
    ]
    roster_writing.write(event.id, rows, actor=f"staff:{owner}")
    own = sign_in(event, enterprise("麻雀", organisation_name="丁公司", mobile="13899990004"))
    sign_in(event, enterprise("金丝雀甲", organisation_name="甲公司", mobile="13711110001"))
    sign_in(event, enterprise("金丝雀丙", organisation_name="丙公司", mobile="13711110003"))
    sign_in(event, student("金丝雀学生"))
    issuing.issue(subjects.of_event(event), staff_id=owner, has_minors=True)
    stewards = {
        "steward": links.make(event.id, "steward", "门口", staff_id=owner),
        "steward elsewhere": links.make(foreign.id, "steward", "别处", staff_id=other),
    }
    group = links.make(event.id, "group", "王老师", staff_id=owner, group_name="三组")
    screens = [links.make(event.id, kind, staff_id=owner, pin="2580") for kind in links.SCREENS]
    ids = tuple(map(str, db.session.scalars(select(SignIn.id))))
    proofs = db.session.scalars(select(Proof.code)).all()
    codes = (*[event.code] * 6, foreign.code, event.code.lower(), *proofs)
    person = db.session.get_one(SignIn, own.sign_in_id).participant_id
    assert person is not None
    roles = {
        "stranger": Role(),
        "phone": Role({ME_COOKIE: receipts.remember(person)}),
        "steward": Role({steward.COOKIE: stewards["steward"]}, unseen=MOBILES),
        "steward elsewhere": Role({steward.COOKIE: stewards["steward elsewhere"]}),
        "viewer": Role(_log_in(people["viewer"].id), unseen=MOBILES, is_staff=True),
        "other organiser": Role(_log_in(other), is_staff=True),
        "owner": Role(_log_in(owner), unseen=frozenset(), is_staff=True),
        "admin": Role(_log_in(people["admin"].id), unseen=frozenset(), is_staff=True),
    }
    tokens = (group, *screens, receipts.address_of(own, is_kiosk=False), _class_of(event))
    known = {
        "code": codes,
        "token": tokens,
        "ticket": (new_ticket(event.id).token, new_ticket(foreign.id).token),
        "id": (*ids, "1", "2", "0", "2147483647"),
    }
    form_tokens = {
        name: steward.FORM.sign(links.list_of(of.id, "steward")[0].id)
        for name, of in (("steward", event), ("steward elsewhere", foreign))
    }
    return Stage(folder, roles, known, form_tokens)


def _class_of(event: EventView) -> str:
    """Sign a class in that is on no list, and return the secret end of its page's address."""
    people = tuple(GroupPerson(student(name, class_name="初一(1)班")) for name in ("麻雀一", "麻雀二"))
    ticket = ticket_for(event)
    return groups.submit(Submission(event, ticket, people, organisation_name="四棵中学", has_consented=True))


def _event(title: str, owner_id: int, **settings: Any) -> EventView:
    return events.create(events.EventDraft(title=title, **settings), owner_id=owner_id)


def _log_in(staff_id: int) -> dict[str, str]:
    return {access.COOKIE: staff_sessions.begin(staff_id, address=None, user_agent=None)}
