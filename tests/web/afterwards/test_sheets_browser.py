"""The officer's story of the sheet in a real browser: a long list with its progress, freezing, verifying a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.services.event.event_views import EventView
from kiosk.services.sheet import sheet_copies
from kiosk.services.sign_in import sign_ins
from kiosk.services.store.writer import WriterSession, run
from tests.aids.browser import PHONE, TABLET, log_in, open_page, origin
from tests.aids.factories import enterprise, make_event, make_staff, request_for, sign_in
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("sheets"), workers=1) as server:
        make_staff()
        yield server


@pytest.fixture(scope="module")
def crowd(server: Server) -> EventView:
    """An event whose sheet is too long to be built between two sign-ins."""
    event = make_event(title="质量大会")
    people = [enterprise(f"代表{n}", mobile=f"138{n:08d}") for n in range(sheet_copies.LONG + 1)]
    for start in range(0, len(people), 25):

        def work(session: WriterSession, start: int = start) -> None:
            for person in people[start : start + 25]:
                sign_ins.sign_in.within(session, request_for(event, person))

        run(work, event_id=event.id)
    return event


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_long_list_shows_how_far_it_is_and_comes_by_itself(
    server: Server, browser: Browser, crowd: EventView, scripts: bool
) -> None:
    options: dict[str, Any] = {"java_script_enabled": scripts}
    with open_page(browser, size=PHONE, **options) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{crowd.code}/sheets")
        page.get_by_label("完整版").check()
        with page.expect_download(timeout=60_000) as coming:
            page.get_by_role("button", name="CSV").click()
            page.wait_for_url("**/exports/*")
        lines = Path(coming.value.path()).read_text("utf-8-sig").splitlines()
        assert len(lines) == sheet_copies.LONG + 2 and "13800000300" in lines[-1]
        assert coming.value.suggested_filename == "质量大会 签到表.csv"
        expect(page.get_by_role("heading", name="文件已生成")).to_be_visible()
        with page.expect_download() as again:
            page.get_by_role("link", name="下载").click()
        assert Path(again.value.path()).stat().st_size == Path(coming.value.path()).stat().st_size


def download(page: Page, name: str, into: Path) -> Path:
    """Press a button of the first frozen sheet and keep the file."""
    with page.expect_download(timeout=60_000) as coming:
        # A page that answers with a file goes nowhere: the file is waited for, which takes a job, and no navigation.
        page.locator(".frozen__one").first.get_by_role("button", name=name).click(no_wait_after=True)
    coming.value.save_as(into / coming.value.suggested_filename)
    return into / coming.value.suggested_filename


def test_a_sheet_is_frozen_taken_and_verified_by_a_stranger(server: Server, browser: Browser, tmp_path: Path) -> None:
    event = make_event()
    sign_in(event, enterprise())
    with open_page(browser, size=TABLET) as page:
        log_in(page, server)
        page.goto(f"{origin(server)}/events/{event.code}/sheets")
        page.get_by_label("完整版").check()
        page.get_by_role("button", name="按上面的选择定稿").click()
        expect(page.get_by_text("尚未下载")).to_be_visible()
        file = download(page, "PDF", tmp_path)
        page.reload()
        expect(page.get_by_text("已下载：PDF")).to_be_visible()
        page.locator(".frozen__code").click()
        expect(page.locator("#verdict")).to_contain_text("核验码属实")
        address = page.url
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(file.read_bytes()[:-1] + b"\r")
    with open_page(browser, size=PHONE) as stranger:
        for sent, verdict in ((file, "这正是本签到台给出的文件"), (changed, "这份文件被改动过")):
            stranger.goto(address)
            stranger.set_input_files("#file", sent)
            stranger.get_by_role("button", name="核验").click()
            expect(stranger.locator("#verdict")).to_contain_text(verdict)
            assert "王强" not in stranger.content()
