"""Codes and posters as files: who gets them, what they are called, what stands on them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
import zxingcpp
from flask import Flask, g
from flask.testing import FlaskClient
from PIL import Image

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.jobs.poster import Poster
from kiosk.services.account import staff as accounts, staff_sessions
from kiosk.services.event import campaigns, events
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.event.event_views import EventView
from kiosk.services.event.posters import ACCENTS, poster_of
from kiosk.web.frame.access import COOKIE
from kiosk.web.frame.downloads import with_key
from tests.aids.apps import build_app, close
from tests.aids.factories import log_in, make_event, make_staff, post
from tests.aids.paths import ROOT
from tests.aids.tools import need

WHEN = {"zh": "9月10日 周二 09:00", "en": "Tue 10 Sep 09:00"}
FILES = ["qr.svg", "qr.png", "poster.pdf"]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = build_app(tmp_path / "instance", KIOSK_BASE_URL="http://kiosk.local:8000")
    with app.app_context():
        yield app
        close(app)


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """An admin's browser."""
    make_staff()
    log_in(client, "admin@example.org")
    return client


def in_pdf(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    return subprocess.run([need("pdftotext"), "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


def file_name(disposition: str) -> str:
    (name,) = re.findall(r"filename\*=UTF-8''(\S+)", disposition)
    return unquote(name)


def key_for(app: Flask, address: str, email: str = "admin@example.org") -> str:
    staff = accounts.find(email)
    assert staff is not None
    token = staff_sessions.begin(staff.id, address=None, user_agent=None)
    with app.test_request_context(headers={"Cookie": f"{COOKIE}={token}"}):
        g.pop("kiosk_log_in", None)  # the fixture's context is shared
        return with_key(address)


def test_png_says_the_address(app: Flask, desk: FlaskClient) -> None:
    event = make_event()
    answer = desk.get(f"/events/{event.code}/qr.png")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(answer.data)).convert("L"))
    assert found.text == f"http://kiosk.local:8000/e/{event.code}"


def test_svg_is_a_picture_of_its_own(app: Flask, desk: FlaskClient) -> None:
    answer = desk.get(f"/events/{make_event().code}/qr.svg")
    assert answer.mimetype == "image/svg+xml" and answer.text.startswith("<svg xmlns=")


def test_files_are_called_by_the_title(app: Flask, desk: FlaskClient) -> None:
    event = make_event(title='质量/月: "开放日"?', title_alt="Open day")
    named = [file_name(desk.get(f"/events/{event.code}/{name}").headers["Content-Disposition"]) for name in FILES]
    assert named == ["签到码 质量 月 开放日.svg", "签到码 质量 月 开放日.png", "海报 质量 月 开放日.pdf"]
    english = desk.get(f"/events/{event.code}/poster.pdf?lang=en").headers["Content-Disposition"]
    assert "Poster Open day.pdf" in english


@pytest.mark.parametrize("name", FILES)
def test_files_are_staffs(app: Flask, client: FlaskClient, name: str) -> None:
    event = make_event()
    assert client.get(f"/events/{event.code}/{name}").location.startswith("/login")
    make_staff("organiser")
    log_in(client, "organiser@example.org")
    assert client.get(f"/events/{event.code}/{name}").status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_poster_speaks_its_language_and_zone(app: Flask, desk: FlaskClient, tmp_path: Path, lang: str) -> None:
    event = make_event(
        title="实验室开放日",
        title_alt="Laboratory open day",
        starts_at=datetime(2027, 9, 10, 1, 0, tzinfo=UTC),
        venue="三楼",
    )
    answer = desk.get(f"/events/{event.code}/poster.pdf?lang={lang}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = in_pdf(answer.data, tmp_path)
    assert ("微信或相机扫一扫签到" if lang == "zh" else "Scan with WeChat") in text
    assert "09:00" in text and "01:00" not in text
    assert f"{event.code[:3]} {event.code[3:]}" in text and f"kiosk.local:8000/e/{event.code}" in text


def test_campaigns_posters_come_without_archived_events(app: Flask, desk: FlaskClient, tmp_path: Path) -> None:
    campaign = campaigns.create(CampaignDraft(title="2024 年质量月"))
    made = [make_event(title=f"第{n}站", campaign_id=campaign.id) for n in range(3)]
    events.set_archived(made[1].code, is_archived=True)
    answer = desk.get(f"/campaigns/{campaign.id}/posters.pdf")
    text = in_pdf(answer.data, tmp_path)
    assert text.count("\f") == 2 and "第0站" in text and "第2站" in text and "第1站" not in text


def test_campaign_without_events_or_without_itself_is_404(app: Flask, desk: FlaskClient) -> None:
    campaign = campaigns.create(CampaignDraft(title="空"))
    assert desk.get(f"/campaigns/{campaign.id}/posters.pdf").status_code == 404
    assert desk.get("/campaigns/9999/posters.pdf").status_code == 404


def test_organiser_prints_own_events_of_a_campaign_only(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    organiser = make_staff("organiser")
    campaign = campaigns.create(CampaignDraft(title="质量月"))
    events.create(events.EventDraft(title="自己的场次", campaign_id=campaign.id), owner_id=organiser.id)
    make_event(title="别人的场次", campaign_id=campaign.id)
    log_in(client, "organiser@example.org")
    text = in_pdf(client.get(f"/campaigns/{campaign.id}/posters.pdf").data, tmp_path)
    assert "自己的场次" in text and "别人的场次" not in text


def poster(event: EventView, language: str = "zh") -> Poster:
    return Poster(**poster_of(event, language, WHEN))


def test_poster_has_every_field_of_the_job(app: Flask) -> None:
    assert set(poster_of(make_event(), "zh", WHEN)) == {field.name for field in fields(Poster)}


def test_second_language_stands_only_where_it_was_given(app: Flask) -> None:
    one, both = make_event(title="开放日"), make_event(title="开放日", title_alt="Open day")
    assert (poster(one, "en").title, poster(one, "en").title_alt, poster(one, "en").when_alt) == ("开放日", None, None)
    assert (poster(both, "en").title, poster(both, "en").title_alt) == ("Open day", "开放日")
    assert (poster(both).when, poster(both).when_alt) == (WHEN["zh"], WHEN["en"])


def test_two_steps_need_a_private_address_and_a_network(app: Flask, tmp_path: Path) -> None:
    assert not poster(make_event()).two_steps
    assert poster(make_event(wifi_name="Hall-3")).two_steps
    public = build_app(tmp_path / "public", KIOSK_BASE_URL="https://sign.example.org")
    with public.app_context():
        assert not poster(make_event(wifi_name="Hall-3")).two_steps
        close(public)


def test_default_campaign_is_not_printed(app: Flask) -> None:
    campaign = campaigns.create(CampaignDraft(title="质量月", palette="ceremony", host="市场监管局"))
    named = poster(make_event(campaign_id=campaign.id))
    assert (named.campaign, named.host, named.accent) == ("质量月", "市场监管局", ACCENTS["ceremony"])
    assert poster(make_event()).campaign is None


def test_accents_are_those_of_the_screens() -> None:
    light = (ROOT / "static" / "css" / "frame" / "tokens.css").read_text().partition("@media")[0]
    said = dict(re.findall(r'\[data-palette="(\w+)"\] \{ --accent: (#\w{6})', light))
    (river,) = re.findall(r"^  --accent: (#\w{6})", light, re.MULTILINE)
    assert {"river": river, **said} == ACCENTS
    assert set(ACCENTS) == set(campaigns.PALETTES)


def test_key_opens_a_download_without_a_cookie(app: Flask, desk: FlaskClient) -> None:
    address = f"/events/{make_event().code}/qr.svg?lang=en"
    assert app.test_client().get(key_for(app, address)).status_code == 200


def test_key_opens_nothing_else_and_not_for_long(app: Flask, desk: FlaskClient) -> None:
    event, other = make_event(), make_event()
    keyed = key_for(app, f"/events/{event.code}/qr.svg")
    key = keyed.partition("?")[2]
    stranger = app.test_client()
    assert stranger.get(f"/events/{other.code}/qr.svg?{key}").status_code == 403
    assert stranger.get(f"/events/{event.code}/qr.svg?lang=en&{key}").status_code == 403
    assert stranger.get(f"/events/{event.code}/qr.svg?key=x").status_code == 403
    with clock.freeze(utcnow() + timedelta(minutes=6)):
        assert stranger.get(keyed).status_code == 403


def test_dead_key_does_not_lock_out_who_is_logged_in(app: Flask, desk: FlaskClient) -> None:
    address = f"/events/{make_event().code}/qr.svg"
    assert desk.get(f"{address}?key=x").status_code == 200
    assert app.test_client().get(f"{address}?key=x").status_code == 403


def test_desk_links_downloads_with_keys(app: Flask, desk: FlaskClient) -> None:
    event = make_event()
    links = re.findall(r'href="([^"]+\?[^"]*key=[^"]+)"', desk.get(f"/events/{event.code}/sheets").text)
    assert len(links) == 1  # the emergency sheet; the sheet itself is a form's answer
    links += [post(desk, f"/events/{event.code}/sheets", format=ending).location for ending in ("xlsx", "csv")]
    assert {app.test_client().get(unescape(link)).status_code for link in links} == {200}


def test_key_of_an_account_that_was_put_away_is_dead(app: Flask, desk: FlaskClient) -> None:
    organiser = make_staff("organiser")
    event = events.create(events.EventDraft(title="开放日"), owner_id=organiser.id)
    keyed = key_for(app, f"/events/{event.code}/qr.svg", "organiser@example.org")
    assert app.test_client().get(keyed).status_code == 200
    accounts.set_active(organiser.id, is_active=False)
    assert app.test_client().get(keyed).status_code == 403


def test_key_gives_no_right_that_its_holder_lacks(app: Flask) -> None:
    make_staff("organiser")
    keyed = key_for(app, f"/events/{make_event().code}/qr.svg", "organiser@example.org")
    assert app.test_client().get(keyed).status_code == 403
