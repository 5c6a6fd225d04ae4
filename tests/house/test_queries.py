"""A page asks the database as often for many rows as for few."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event as sa_event

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.services.enterprises import EVENTS_AT_ONCE
from kiosk.services.event import campaigns, events, series
from kiosk.services.event.campaigns import CampaignDraft
from tests.aids.apps import build_app, close
from tests.aids.factories import enterprise, log_in, make_staff, sign_in

FEW, MANY = 6, 24  # events, people at the first of them, their organisations
OF_ADMIN = (
    "/events", "/events/now", "/campaigns", "/campaigns/1", "/campaigns/1/report", "/campaigns/1/proofs",
    "/campaigns/1/report/rows?figure=attendances", "/campaigns/1/report/rows?figure=enterprises",
    "/organisations", "/staff",
    *(f"/events/{{code}}{page}" for page in (
        "", "/dashboard", "/sign-ins", "/hours", "/proofs", "/sheets", "/roster", "/paper", "/groups", "/sheet.csv",
    )),
)  # fmt: skip
OF_ORGANISER = ("/events", "/campaigns/1", "/campaigns/1/report", "/campaigns/1/proofs")  # whose are asked for
# These read a few events a statement, so that others are answered in between (services/enterprises).
IN_STEPS = "/campaigns/1/report"
PAGES = [("admin", page) for page in OF_ADMIN] + [("organiser", page) for page in OF_ORGANISER]


def _filled(folder: Path, count: int) -> tuple[Flask, str]:
    """Return an application with a campaign of so many events, a third of them tied, and somebody at each."""
    app = build_app(folder)
    with app.app_context():
        make_staff()
        organiser = make_staff("organiser")
        campaign = campaigns.create(CampaignDraft("质量月"))
        tied = series.ensure(campaign.id, "首席质量官培训")
        times = {"starts_at": utcnow() - timedelta(hours=1), "ends_at": utcnow() + timedelta(hours=3)}
        made = []
        for number in range(count):
            draft = events.EventDraft(title=f"第{number}场", campaign_id=campaign.id, credited_hours=4.0, **times)
            made.append(events.create(draft, owner_id=organiser.id))
            if number % 3 == 0:
                events.update(made[-1].code, events.EventDraft(**{**vars(draft), "series_id": tied}))
        for place in ("湖北", "黄石"):  # these two look like one, with few rows as with many
            sign_in(made[0], enterprise(f"{place}人", organisation_name=f"{place}东贝制冷有限公司"))
        for number in range(count):
            person = enterprise(
                f"王{number}强", mobile=f"138{number:08}", organisation_name=f"湖北{number + 10}有限公司"
            )
            sign_in(made[0], person)
            sign_in(made[number], enterprise("李四", mobile="13900000000"))
        db.session.remove()
    return app, made[0].code


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[int]]:
    """Return by account and page how many statements it cost with few rows and with many."""
    found: dict[tuple[str, str], list[int]] = {}
    statements: list[str] = []
    for count in (FEW, MANY):
        app, code = _filled(tmp_path_factory.mktemp("queries"), count)
        with app.app_context():
            sa_event.listen(db.engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
        clients = {role: app.test_client() for role in ("admin", "organiser")}
        for role, client in clients.items():
            log_in(client, f"{role}@example.org")
        for role, page in PAGES:
            statements.clear()
            assert clients[role].get(page.format(code=code)).status_code == 200
            found.setdefault((role, page), []).append(len(statements))
        with app.app_context():
            close(app)
    return found


@pytest.mark.parametrize(("role", "page"), PAGES)
def test_page_costs_as_many_statements_with_many_rows_as_with_few(
    asked: dict[tuple[str, str], list[int]], role: str, page: str
) -> None:
    few, many = asked[role, page]
    steps = -(-MANY // EVENTS_AT_ONCE) if page.startswith(IN_STEPS) else 0
    assert few > 0 and many <= few + steps, f"{few} statements for {FEW} rows, {many} for {MANY}"
