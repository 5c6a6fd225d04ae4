"""Every case from the field, uploaded in a real browser: what its preview says, and who stands in the roster then.

A phone in Chinese and a tablet in English take turns; each is logged in once for all cases.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from flask_babel import force_locale, gettext as _
from playwright.sync_api import Browser, Page, expect

from kiosk.extensions import db
from kiosk.services import refusal_words
from kiosk.services.event.event_views import EventView
from kiosk.services.roster import roster_lists, rosters
from kiosk.services.tables import sheet_files
from tests.aids.browser import PHONE, TABLET, log_in, open_page, origin
from tests.aids.factories import make_event, make_staff
from tests.aids.list_cases import BY_FILE, CASES, Case, in_order, values_of
from tests.aids.server import Server, run_server

pytestmark = [pytest.mark.browser, pytest.mark.server]

SIZES = {"zh": PHONE, "en": TABLET}
ITEMS = ".roster-doubts li, li.person, li.rows__row"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on either database, with an admin."""
    with contextlib.ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres_server").database())
        folder, wsgi = tmp_path_factory.mktemp("server"), "tests.aids.forking_wsgi:app"
        running = stack.enter_context(run_server(folder, database_url=url, wsgi=wsgi))
        make_staff()
        yield running


@pytest.fixture(scope="module")
def desks(server: Server, browser: Browser) -> Iterator[dict[str, Page]]:
    with open_page(browser, size=PHONE, lang="zh-CN") as phone, open_page(browser, size=TABLET, lang="en") as tablet:
        pages = {"zh": phone, "en": tablet}
        for page in pages.values():
            log_in(page, server)
        yield pages


def upload(page: Page, server: Server, event: EventView, name: str, content: bytes) -> None:
    page.goto(f"{origin(server)}/events/{event.code}/roster/import")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
    page.get_by_role("button", name=_("Show a preview"), exact=True).click()


def preview(page: Page, server: Server, event: EventView, name: str, content: bytes) -> None:
    """Upload a file that is not refused, and wait for the page that says what is in it."""
    upload(page, server, event, name, content)
    page.wait_for_url("**/roster/import/*")


def confirm(page: Page) -> None:
    page.locator(".save .button--primary").click()
    page.wait_for_url("**/roster")


def place(sheet: str, row: int | None) -> str:
    return " · ".join(filter(None, (sheet, _("Row %(row)s", row=row) if row else "")))


def wrong_on(page: Page, case: Case) -> list[str]:
    """Return what the preview says otherwise than it must, everything that is folded away opened by a tap."""
    folds = page.locator("details.fold:not([open]) > summary")
    while folds.count():
        folds.first.click()
    figures = [int(one) for one in page.locator(".figures dd").all_inner_texts()]
    items = [" ".join(item.split()) for item in page.locator(ITEMS).all_inner_texts()]
    must = [(place(sheet, row), doubt.reason) for sheet, row, doubt in case.doubts]
    must += [(one.what, str(one.reason)) for one in case.left_out]
    must += [(_("Row %(row)s", row=one.row), one.reason) for one in case.rejected]
    must += [(one["name"], one.get("organisation_name", "")) for one in case.asked]
    wrong = [
        f"no item says {words}" for words in must if not any(all(word in item for word in words) for item in items)
    ]
    counted = {"sure": (figures[0], len(case.sure)), "asked": (figures[4], len(case.asked)),
               "rejected": (figures[5], len(case.rejected)),
               "ticks": (page.locator("[name=take]").count(), len(case.asked)),
               "left out": (_left_out(page), sum(one.count for one in case.left_out)),
               "lists": (page.locator("[name=table]:checked").count(), len(case.sheets))}  # fmt: skip
    wrong += [f"{what}: {shown}, not {true}" for what, (shown, true) in counted.items() if shown != true]
    text = page.locator("main").inner_text()
    wrong += [f"does not name {name}" for name in (*case.unused, *filter(None, case.sheets)) if name not in text]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("is wider than the screen")
    return wrong


def _says(item: str, words: tuple[str, ...]) -> bool:
    return all(word in item for word in words)


def _left_out(page: Page) -> int:
    fold = page.locator("details.fold > summary", has_text=_("Rows that name nobody")).locator(".chip")
    return int(fold.inner_text()) if fold.count() else 0


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[case.file for case in CASES])
def test_each_case_stands_in_the_preview_and_then_in_the_roster(
    desks: dict[str, Page], server: Server, number: int, case: Case
) -> None:
    lang = "en" if number % 2 else "zh"
    page, event = desks[lang], make_event()
    with force_locale(lang):
        if case.after:
            preview(page, server, event, case.after, BY_FILE[case.after].content)
            confirm(page)
        upload(page, server, event, case.file, case.content)
        if case.refusal:
            expect(page.locator("main")).to_contain_text(refusal_words.say(case.refusal, "desk"))
            return
        page.wait_for_url("**/roster/import/*")
        assert wrong_on(page, case) == []
        for box in page.locator("[name=take]").all():
            box.check()
        if case.after:
            expect(page.locator(".save")).to_contain_text(
                _("The roster says all of this already: there is nothing to import.")
            )
            page.goto(f"{origin(server)}/events/{event.code}/roster")
        else:
            confirm(page)
        db.session.rollback()
        people = (*case.sure, *case.asked)
        assert in_order(map(values_of, rosters.entries(event.id))) == in_order(people)
        shown = page.locator(".person strong").all_inner_texts()
        assert sorted(shown) == sorted(one["name"] for one in people)
        for name, words in (case.searches or {}).items():
            for typed in words:
                page.fill("#q", typed)
                with page.expect_event("load"):  # the page before may show the same one
                    page.get_by_role("button", name=_("Search"), exact=True).click()
                expect(page.locator(".person")).to_have_count(1)
                expect(page.locator(".person strong")).to_have_text(name)


def test_an_export_of_the_whole_list_has_nothing_new_in_its_preview(desks: dict[str, Page], server: Server) -> None:
    page, event, case = desks["zh"], make_event(), BY_FILE["rt.csv"]
    preview(page, server, event, case.file, case.content)
    for box in page.locator("[name=take]").all():
        box.check()
    confirm(page)
    db.session.rollback()
    whole = sheet_files.render(roster_lists.export(event, "zh", is_masked=False), "csv")
    preview(page, server, event, "whole.csv", whole)
    figures = [int(one) for one in page.locator(".figures dd").all_inner_texts()]
    assert figures[1:3] == [0, 0]


def test_a_sheet_is_left_out_and_hidden_rows_are_taken_by_a_tap(desks: dict[str, Page], server: Server) -> None:
    for lang, page in desks.items():
        with force_locale(lang):
            preview(page, server, make_event(), "three-sheets.xlsx", BY_FILE["three-sheets.xlsx"].content)
            page.locator("label", has=page.locator("strong", has_text="东城区")).locator("[name=table]").uncheck()
            page.locator("details.fold [name=again]").click()
            expect(page.locator(".figures__sure")).to_have_text("3")
            preview(page, server, make_event(), "hidden-rows.xlsx", BY_FILE["hidden-rows.xlsx"].content)
            page.locator("[name=takes_hidden]").check()
            page.locator(".block [name=again]").first.click()
            expect(page.locator(".figures__sure")).to_have_text("4")
