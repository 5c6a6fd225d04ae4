"""What the phone check says on screen, in both languages (docs/product.md 0.1 and 0.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, render_template
from flask_babel import Babel, force_locale
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from kiosk.services.board.phone_check import CAUSES, PhoneCheck
from kiosk.services.host.addresses import AddressStatus
from tests.aids.paths import ROOT

CATALOGUE = ROOT / "kiosk" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
ADDRESS = AddressStatus("http://192.168.8.30:8000", "stored", True, True, "http://192.168.8.30:8000")
MOVED = replace(ADDRESS, is_current=False, current_best="http://192.168.1.20:8000")
WAITING = PhoneCheck(is_green=False, only_private=False, shows_causes=False, causes=CAUSES)
STUCK = replace(WAITING, shows_causes=True)
GREEN = PhoneCheck(is_green=True, only_private=False, shows_causes=False, causes=CAUSES)

Page = Callable[..., str]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    translations = tmp_path_factory.mktemp("translations")
    folder = translations / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with CATALOGUE.open("rb") as source, (folder / "messages.mo").open("wb") as target:
        write_mo(target, read_po(source))
    app = Flask("kiosk", template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="x" * 32, BABEL_TRANSLATION_DIRECTORIES=str(translations))
    app.jinja_env.undefined = StrictUndefined
    Babel(app)
    CSRFProtect(app)
    display = Blueprint("display", __name__)
    display.add_url_rule("/events/<code>/kiosk/start", "start_kiosk", lambda code: code, methods=["POST"])
    app.register_blueprint(display)
    yield app


@pytest.fixture
def page(app: Flask) -> Page:
    def render(
        phone_check: PhoneCheck, address: AddressStatus = ADDRESS, *, language: str = "en", wifi: str | None = "Hall-3"
    ) -> str:
        event = SimpleNamespace(code="K7M2QX", wifi_name=wifi)
        with app.test_request_context(), force_locale(language):
            return render_template(
                "board/dashboard/_phone_check.html", phone_check=phone_check, address=address, event=event
            )

    return render


def test_until_a_phone_has_come_the_screen_asks_for_one_scan(page: Page) -> None:
    assert "还没有手机打开过签到页，请用手机扫一次" in page(WAITING, language="zh")
    assert "notice--warn" in page(WAITING)
    assert "<ol>" not in page(WAITING)
    assert "<form" not in page(WAITING)


def test_after_a_phone_has_come_the_screen_is_green(page: Page) -> None:
    html = page(GREEN)
    assert "notice--ok" in html
    assert "notice--warn" not in html
    assert "No phone has opened" not in html


def test_private_addresses_only_is_said_just_so(page: Page) -> None:
    said = "只有连上本场 Wi-Fi 的手机能签到"
    assert said in page(replace(GREEN, only_private=True), language="zh")
    assert said not in page(GREEN, language="zh")


def test_the_wifi_is_asked_for_only_where_it_is_not_known(page: Page) -> None:
    private = replace(GREEN, only_private=True)
    assert "event's settings" in page(private, wifi=None).replace("&#39;", "'")
    assert "event's settings" not in page(private, wifi="Hall-3").replace("&#39;", "'")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_cause_has_one_remedy_and_the_first_stands_first(page: Page, language: str) -> None:
    html = page(STUCK, language=language)
    items = html.partition("<ol>")[2].partition("</ol>")[0].split("<li>")[1:]
    assert len(items) == len(CAUSES)
    for item in items:
        remedy = item.partition("</b>")[2].partition("</li>")[0].strip()
        assert remedy.count("." if language == "en" else "。") == 1
    moved = page(replace(STUCK, causes=("firewall", *(c for c in CAUSES if c != "firewall"))), language=language)
    first = moved.partition("<ol>")[2].split("<li>")[1]
    assert "8000" in first


def test_the_last_resort_is_one_tap(page: Page) -> None:
    html = page(STUCK)
    assert 'action="/events/K7M2QX/kiosk/start"' in html
    assert 'name="csrf_token" value="' in html
    assert html.count("<button") == 1


def test_an_address_the_machine_lost_is_named_with_two_remedies(page: Page) -> None:
    html = page(GREEN, MOVED)
    remedies = html.partition("<ul>")[2].partition("</ul>")[0].split("<li>")[1:]
    assert len(remedies) == 2
    assert "192.168.8.30" in remedies[0]
    assert "http://192.168.1.20:8000" in remedies[1]
    assert "KIOSK_BASE_URL" in page(GREEN, replace(MOVED, source="setting"))
    assert "no longer" not in page(GREEN)


def test_a_machine_without_a_network_is_told_so(page: Page) -> None:
    nowhere = AddressStatus("http://127.0.0.1:8000", "none", True, False, None)
    assert "in no network yet" in page(WAITING, nowhere)
