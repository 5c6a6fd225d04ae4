"""The one table of screens: what `make screenshots` photographs and tests/house/test_look.py measures
(docs/look.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from playwright.sync_api import Page

from kiosk.services.door import misses
from tests.aids.browser import PORTRAIT, TABLET, WALL
from tests.aids.screen import PRIMARY, Screen as Screen
from tests.aids.screens_accounts import ACCOUNTS
from tests.aids.screens_confirmed import CONFIRMED
from tests.aids.screens_counting import COUNTING
from tests.aids.screens_credited import CREDITED
from tests.aids.screens_event import OVERVIEWS
from tests.aids.screens_halls import HALLS
from tests.aids.screens_leaving import LEAVING
from tests.aids.screens_phones import MORE_PHONES
from tests.aids.screens_refused import REFUSED
from tests.aids.screens_rotating import ROTATING
from tests.aids.screens_sheets import SHEETS
from tests.aids.screens_signing import SIGNING

Lang = Literal["zh", "en"]
Theme = Literal["light", "dark"]
LANGS: tuple[Lang, ...] = ("zh", "en")
THEMES: tuple[Theme, ...] = ("light", "dark")


def send_nothing(page: Page) -> None:
    """Press the button of an empty form and wait for what the server says of it."""
    page.click(".submit button, main form button")
    page.wait_for_selector(".field__error")


def send_another_li_ming(page: Page) -> None:
    """Sign in with the name of somebody who is here already."""
    for field, value in (("name", "李明"), ("school", "四棵中学"), ("class_name", "初二(3)班")):
        page.fill(f"#{field}", value)
    page.click(".submit button")
    page.wait_for_selector("button[name=another]")


def look_up(last4: str, then: str) -> Callable[[Page], None]:
    """Type four digits and wait for what they mean, as the first who asks in these ten minutes."""

    def act(page: Page) -> None:
        misses.forget_old("look_up", window=timedelta(0))
        page.fill("#last4", last4)
        page.click(".submit button")
        page.wait_for_selector(then)

    return act


def send_stranger(page: Page) -> None:
    """Send the form of somebody whom a closed list does not know."""
    for field, value in (("name", "赵敏"), ("enterprise", "另一家公司"), ("mobile", "13600136000")):
        page.fill(f"#{field}", value)
    page.click(".submit button")
    page.wait_for_selector(".message")


def paste_names(page: Page) -> None:
    """Paste a class and have it told apart; one name stands there twice, one cannot be printed."""
    page.fill("#school", "黄石市第八中学")
    page.fill("#class_name", "初二(3)班")
    page.fill("#names", "1. 李明 2. 王丽 3. 李明 4. 买买提·吐尔逊江·阿不都热合曼 5. 赵😀敏")
    page.click(".submit button")
    page.wait_for_selector(".person--marked")


def tick_some(page: Page) -> None:
    """Tick all, take one back, say that there is another reason."""
    page.click("[data-all]")
    page.click(".person:nth-child(2) .person__tick")
    page.click(".person:nth-child(2) .why__word:last-of-type")
    page.evaluate("scrollTo(0, 0)")


def make_group_link(page: Page) -> None:
    """Make a link for a leader; its card is shown once."""
    page.fill("#label", "王老师")
    page.click("main form .button--primary")
    page.wait_for_selector(".made")


def make_display_link(page: Page) -> None:
    """Press the button that makes a link; its address is shown once."""
    page.click("button[name=screen][value=display], form:has(input[name=screen][value=display]) button")
    page.wait_for_selector(".made")


def search_people(page: Page) -> None:
    """Search for people, and open what can be done for each."""
    page.fill("#q", "公司")
    page.click(".find button")
    page.wait_for_selector(".hand--excused")
    page.evaluate("() => document.querySelectorAll('.hand details').forEach(one => { one.open = true; })")


def search_nobody(page: Page) -> None:
    """Search for somebody who is not there, and carry the name into a walk-in's form."""
    page.fill("#q", "赵敏 东贝制冷")
    page.click(".find button")
    page.click(".walk-in .button--primary")
    page.wait_for_selector("#enterprise[value='东贝制冷']")


def open_organisation(page: Page) -> None:
    """Open an organisation of which somebody is missing."""
    page.locator(".gaps__one").first.click()
    page.wait_for_selector(".hand--missing")


def search_sign_ins(page: Page) -> None:
    """Search the list of who came, and turn the page of what was found."""
    page.fill("#q", "公司")
    page.press("#q", "Enter")
    page.click(".people ~ nav button")
    page.wait_for_selector(".people ~ nav button[value='1']")


def look_at_mobile(page: Page) -> None:
    """Ask for somebody's whole mobile."""
    page.click(".people form[action$='/mobile'] button")
    page.wait_for_selector("#mobile")


def make_steward_link(page: Page) -> None:
    """Make a link for a steward; its address is shown once."""
    page.fill("#label", "王老师")
    page.click(".maker button")
    page.wait_for_selector(".made")


def preview_notice(page: Page) -> None:
    """Look at the text as phones will show it."""
    page.click("button[name=preview]")
    page.wait_for_selector("#preview")


def look_up_person(page: Page) -> None:
    """Look for somebody by name and mobile."""
    page.fill("#name", "王强")
    page.fill("#mark", "13800138000")
    page.click(".person-search button")
    page.wait_for_selector(".found")


def show_person(page: Page) -> None:
    """Show everything about somebody."""
    look_up_person(page)
    page.click("button[value=page]")
    page.wait_for_selector(".told")


def ask_to_erase(page: Page) -> None:
    """Ask for an erasure without ticking that one is sure."""
    look_up_person(page)
    page.click(".found .button--danger")
    page.wait_for_selector("input[name=sure]")


def open_menu(page: Page) -> None:
    """Unfold the desk's menu, which lies folded away on a phone."""
    assert not page.is_visible(".bar__end")
    page.click(".bar__open >> visible=true")
    page.wait_for_selector(".bar__end", state="visible")


PHONES = (
    Screen("start", "/", step=PRIMARY, fits=True),
    Screen("start-unknown", "/e/XXXXXX", status=404, step=PRIMARY, fits=True),
    Screen("campaign", "/c/{campaigns[several]}", step=".tile"),
    Screen("campaign-coming", "/c/{campaigns[coming]}", fits=True),
    Screen("campaign-none", "/c/{campaigns[none]}", fits=True),
    Screen("kinds", "/e/{codes[kinds]}", is_key=True, step=".tile:last-child", fits=True),
    Screen("form-enterprise", "/e/{codes[enterprise]}", is_key=True, step=PRIMARY, fits=True),
    Screen("form-student", "/e/{codes[student]}", is_key=True, step=PRIMARY, fits=True),
    Screen("form-guest", "/e/{codes[guest]}", is_key=True, step=PRIMARY, fits=True),
    Screen("form-of-several", "/e/{codes[kinds]}?kind=student", step=PRIMARY),
    Screen("form-known", "/e/{codes[kinds]}", is_known=True, step=".known .button--primary"),
    Screen("form-companion", "/e/{codes[enterprise]}?companion=1", step=PRIMARY),
    Screen("form-trial", "/e/{codes[early]}?kind=student&trial={trial}", step=PRIMARY),
    Screen("form-hard", "/e/{codes[hard]}?kind=enterprise", step=PRIMARY),
    Screen("form-own-fields", "/e/{codes[own_fields]}", step=PRIMARY),
    Screen("form-errors", "/e/{codes[own_fields]}", act=send_nothing, step=PRIMARY),
    Screen("kinds-hard", "/e/{codes[hard]}", step=".tile:last-child"),
    Screen("same-person", "/e/{codes[student]}", act=send_another_li_ming, step=PRIMARY),
    Screen("look-up", "/e/{codes[listed]}", is_key=True, step=PRIMARY, fits=True),
    Screen("look-up-known", "/e/{codes[listed]}", is_known=True, step=".known .button--primary"),
    Screen("look-up-nobody", "/e/{codes[listed]}", act=look_up("0001", ".field__error"), step=PRIMARY),
    Screen("look-up-found", "/e/{codes[listed]}", act=look_up("0000", "form.known"), step=PRIMARY),
    Screen("look-up-several", "/e/{codes[listed]}", act=look_up("5678", "form.known"), step=PRIMARY),
    Screen("form-walk-in", "/e/{codes[listed]}?form=1", step=PRIMARY),
    Screen("not-listed", "/e/{codes[listed]}?form=1", act=send_stranger, step=PRIMARY),
    Screen("success-listed", "/done/{receipts[listed]}", fits=True),
    Screen("success", "/done/{receipts[own]}", is_key=True, fits=True),
    Screen("success-repeat", "/done/{receipts[again]}", is_key=True, fits=True),
    Screen("success-hard", "/done/{receipts[rare]}", fits=True),
    Screen("success-waiting", "/done/{receipts[waiting]}"),
    Screen("success-trial", "/done/{receipts[trial]}"),
    Screen("withdrawn", "/done/{receipts[voided]}", step=PRIMARY, fits=True),
    Screen("early", "/e/{codes[early]}", is_key=True, fits=True),
    Screen("closed", "/e/{codes[closed]}", is_key=True, fits=True),
    Screen("full", "/e/{codes[full]}", is_key=True, fits=True),
    Screen("notice", "/e/{codes[enterprise]}/notice"),
    Screen("nothing-here", "/done/nothing", status=404, step=PRIMARY, fits=True),
)
GROUPS = (
    Screen("group-names", "/e/{codes[school]}/group", step=PRIMARY),
    Screen("group-kinds", "/e/{codes[kinds]}/group", step=".tile:last-child"),
    Screen("group-names-errors", "/e/{codes[school]}/group", act=send_nothing, status=422, step=PRIMARY),
    Screen("group-check", "/e/{codes[school]}/group", act=paste_names, step=PRIMARY),
    Screen("group-roster", "/g/{groups[link]}", is_key=True, step=PRIMARY),
    Screen("group-roster-ticked", "/g/{groups[link]}", act=tick_some, step=PRIMARY),
    Screen("group-roster-consent", "/g/{groups[link]}?all=1", act=send_nothing, status=422, step=PRIMARY),
    Screen("group-done", "/group/{groups[some]}", is_key=True),
    Screen("group-done-all", "/group/{groups[all]}"),
    Screen("group-count", "/group/{groups[all]}/count?new=1", step=PRIMARY),
    Screen("group-count-one-missing", "/group/{groups[some]}/count", is_key=True, step=PRIMARY),
    Screen("group-count-complete", "/group/{groups[all]}/count", step=PRIMARY, fits=True),
    Screen("group-correct", "/group/{groups[some]}/correct"),
    Screen("group-links", "/events/{groups[code]}/groups", size=TABLET, is_staff=True),
    Screen("group-links-made", "/events/{groups[code]}/groups", size=TABLET, is_staff=True, act=make_group_link),
    Screen("group-links-phone", "/events/{groups[code]}/groups", is_staff=True),
)
OUTSIDE = (
    Screen("log-in", "/login", size=TABLET, is_key=True, step=PRIMARY, fits=True),
    Screen("log-in-phone", "/login", step=PRIMARY, fits=True),
    Screen("log-in-first", "/login", size=TABLET, is_first_run=True),
    Screen("set-up", "/setup/{setup_token}", size=TABLET, is_first_run=True, step=PRIMARY, fits=True),
)
DOOR = (
    Screen("display", "/events/{codes[open]}/display", size=WALL, is_staff=True, is_key=True, fits=True),
    Screen("display-hard", "/events/{codes[hard]}/display", size=WALL, is_staff=True, fits=True),
    Screen("display-tablet", "/events/{codes[enterprise]}/display", size=TABLET, is_staff=True),
    Screen("display-portrait", "/events/{codes[open]}/display", size=PORTRAIT, is_staff=True, fits=True),
    Screen("display-early", "/events/{codes[early]}/display", size=WALL, is_staff=True),
    Screen(
        "kiosk",
        "/events/{codes[kinds]}/kiosk",
        size=TABLET,
        is_staff=True,
        is_key=True,
        step=".tile:last-child",
        fits=True,
    ),
    Screen("kiosk-form", "/events/{codes[enterprise]}/kiosk", size=PORTRAIT, is_staff=True, step=PRIMARY),
    Screen("kiosk-look-up", "/events/{codes[listed]}/kiosk", size=TABLET, is_staff=True, step=PRIMARY, fits=True),
    Screen(
        "kiosk-look-up-found",
        "/events/{codes[listed]}/kiosk",
        size=PORTRAIT,
        is_staff=True,
        act=look_up("0000", "form.known"),
        step=PRIMARY,
    ),
    Screen(
        "kiosk-success",
        "/events/{codes[kinds]}/kiosk/done/{receipts[station]}",
        size=TABLET,
        is_staff=True,
        fits=True,
        leaves=True,
    ),
    Screen("kiosk-leave", "/events/{codes[kinds]}/kiosk/leave", via="/d/{link_token}", size=TABLET, step=PRIMARY),
    Screen("kiosk-start", "/events/{codes[kinds]}/kiosk/start", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("devices", "/events/{codes[kinds]}/devices", size=TABLET, is_staff=True),
    Screen("devices-made", "/events/{codes[empty]}/devices", size=TABLET, is_staff=True, act=make_display_link),
    Screen("trial", "/events/{codes[early]}/trial", size=TABLET, is_staff=True),
)
STEWARD = "/steward/{codes[door]}"
HAND = "/events/{codes[door]}/hand"
STEWARDS = (
    Screen("steward", STEWARD, is_steward=True, is_key=True, step="#q"),
    Screen("steward-rows", STEWARD, is_steward=True, is_key=True, act=search_people, step="#q"),
    Screen("steward-missing", STEWARD + "/missing", is_steward=True),
    Screen("steward-missing-open", STEWARD + "/missing", is_steward=True, act=open_organisation),
    Screen("steward-carried", STEWARD, is_steward=True, act=search_nobody, step=PRIMARY),
    Screen("steward-walk-in", STEWARD + "/walk-in?kind=guest", is_steward=True, step=PRIMARY),
    Screen("steward-replace", STEWARD + "/walk-in?replaces={door.entry_id}&of={door.of_entry}", is_steward=True),
    Screen("steward-correct", STEWARD + "/sign-ins/{door.sign_in_id}/correct?of={door.of_sign_in}", is_steward=True),
    Screen("steward-same", STEWARD + "/sign-ins/{door.same_id}/correct?of={door.of_same}", is_steward=True),
    Screen("steward-dead", STEWARD, status=403, fits=True),
    Screen("stewards", "/events/{codes[door]}/stewards", size=TABLET, is_staff=True),
    Screen("stewards-made", "/events/{codes[door]}/stewards", size=TABLET, is_staff=True, act=make_steward_link),
    Screen("hand", HAND, size=TABLET, is_staff=True, act=search_people),
    Screen("hand-walk-in", HAND + "/walk-in", size=TABLET, is_staff=True),
    Screen("hand-correct", HAND + "/sign-ins/{door.sign_in_id}/correct", size=PORTRAIT, is_staff=True),
    Screen("hand-different", HAND + "/sign-ins/{door.other_id}/correct", is_staff=True),
    Screen("dashboard-same", "/events/{codes[door]}/dashboard", size=TABLET, is_staff=True),
)
DASHBOARDS = (
    Screen("dashboard", "/events/{codes[open]}/dashboard", size=TABLET, is_staff=True, is_key=True),
    Screen("dashboard-portrait", "/events/{codes[open]}/dashboard", size=PORTRAIT, is_staff=True, is_key=True),
    Screen("dashboard-phone", "/events/{codes[open]}/dashboard", is_staff=True),
    Screen("dashboard-crowd", "/events/{codes[crowd]}/dashboard", size=TABLET, is_staff=True),
    Screen("dashboard-empty", "/events/{codes[empty]}/dashboard", size=TABLET, is_staff=True),
    Screen("dashboard-hard", "/events/{codes[hard]}/dashboard", size=PORTRAIT, is_staff=True),
    Screen("bulletin", "/events/{codes[open]}/dashboard/bulletin", size=TABLET, is_staff=True),
)
REPORT = "/campaigns/{campaign_id}/report"
MERGE = "/organisations/{organisations[twin]}/merge?into="
DESK = (
    Screen("events", "/events", size=TABLET, is_staff=True, is_key=True),
    Screen("events-phone", "/events", is_staff=True, act=open_menu),
    Screen("settings", "/events/{codes[open]}/settings", size=TABLET, is_staff=True, is_key=True),
    Screen("settings-hard", "/events/{codes[own_fields]}/settings", size=PORTRAIT, is_staff=True),
    Screen("clone", "/events/{codes[kinds]}/clone", size=TABLET, is_staff=True),
    Screen("sharing", "/events/{codes[kinds]}/sharing", size=TABLET, is_staff=True),
    Screen("roster", "/events/{codes[listed]}/roster", size=TABLET, is_staff=True, is_key=True),
    Screen("roster-phone", "/events/{codes[listed]}/roster", is_staff=True),
    Screen("roster-empty", "/events/{codes[empty]}/roster", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("roster-import", "/events/{codes[listed]}/roster/import", is_staff=True, act=send_nothing, status=422),
    Screen("roster-history", "/events/{codes[listed]}/roster/import", size=TABLET, is_staff=True),
    Screen("roster-history-phone", "/events/{codes[listed]}/roster/import", is_staff=True),
    Screen(
        "roster-preview",
        "/events/{codes[listed]}/roster/import/{roster[draft]}",
        size=TABLET,
        is_staff=True,
        step=PRIMARY,
    ),
    Screen(
        "roster-preview-phone", "/events/{codes[listed]}/roster/import/{roster[draft]}", is_staff=True, step=PRIMARY
    ),
    Screen("roster-new", "/events/{codes[kinds]}/roster/new", size=TABLET, is_staff=True),
    Screen("roster-same", "/events/{codes[door]}/roster", is_staff=True),
    Screen("roster-different", "/events/{codes[door]}/roster/{door.other_entry_id}", size=TABLET, is_staff=True),
    Screen("roster-entry", "/events/{codes[listed]}/roster/{roster[entry]}", is_staff=True),
    Screen("sign-ins", "/events/{codes[crowd]}/sign-ins", size=TABLET, is_staff=True),
    Screen("sign-ins-found", "/events/{codes[crowd]}/sign-ins", is_staff=True, act=search_sign_ins),
    Screen("sign-ins-empty", "/events/{codes[empty]}/sign-ins", size=TABLET, is_staff=True),
    Screen("sheets", "/events/{codes[crowd]}/sheets", size=TABLET, is_staff=True),
    Screen("sheets-listed", "/events/{codes[listed]}/sheets?order=roster", is_staff=True),
    Screen("paper", "/events/{codes[listed]}/paper", size=TABLET, is_staff=True),
    Screen("paper-phone", "/events/{codes[listed]}/paper", is_staff=True),
    Screen("paper-unlisted", "/events/{codes[kinds]}/paper", size=TABLET, is_staff=True),
    Screen("notices", "/notices", size=TABLET, is_staff=True),
    Screen("notice-version", "/notices/1", is_staff=True),
    Screen("notice-new", "/notices/new", size=TABLET, is_staff=True, act=preview_notice),
    Screen("event-notice", "/events/{codes[hard]}/notice", is_staff=True),
    Screen("rehearsal", "/events/{codes[empty]}/rehearsal", size=TABLET, is_staff=True),
    Screen("rehearsal-going-on", "/events/{codes[kinds]}/rehearsal", is_staff=True),
    Screen("campaigns", "/campaigns", size=TABLET, is_staff=True, is_key=True),
    Screen("campaign-desk", "/campaigns/{campaign_id}", size=TABLET, is_staff=True),
    Screen("campaign-desk-phone", "/campaigns/{campaign_id}", is_staff=True),
    Screen("report", REPORT, size=TABLET, is_staff=True, is_key=True),
    Screen("report-phone", REPORT, is_staff=True),
    Screen("report-empty", REPORT + "?until=2001-01-01", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("report-wrong-day", REPORT + "?from=yesterday", is_staff=True, status=422),
    Screen("report-rows", REPORT + "/rows?figure=attendances&district=西塞山区", size=TABLET, is_staff=True),
    Screen("report-rows-phone", REPORT + "/rows?figure=people", is_staff=True),
    Screen("report-rows-enterprises", REPORT + "/rows?figure=enterprises", is_staff=True),
    Screen("campaign-list", "/campaigns/{campaign_id}/list", is_staff=True, act=send_nothing, status=422),
    Screen("campaign-list-preview", "/campaigns/{campaign_id}/list/{roster[split]}", size=TABLET, is_staff=True),
    Screen("campaign-list-preview-phone", "/campaigns/{campaign_id}/list/{roster[split]}", is_staff=True),
    Screen("campaign-new", "/campaigns/new", size=TABLET, is_staff=True),
    Screen("campaign-sharing", "/campaigns/{campaign_id}/sharing", size=TABLET, is_staff=True),
    Screen("campaign-edit", "/campaigns/{campaign_id}/edit", size=TABLET, is_staff=True),
    Screen("organisations", "/organisations", size=TABLET, is_staff=True),
    Screen("organisations-phone", "/organisations", is_staff=True),
    Screen("organisations-similar", "/organisations/similar", size=TABLET, is_staff=True),
    Screen("organisation", "/organisations/{organisations[root]}", size=TABLET, is_staff=True),
    Screen("organisation-phone", "/organisations/{organisations[root]}", is_staff=True),
    Screen("organisation-merged", "/organisations/{organisations[merged]}", is_staff=True),
    Screen("organisation-choose", "/organisations/{organisations[twin]}/merge?q=黄石", size=TABLET, is_staff=True),
    Screen("merge", MERGE + "{organisations[root]}", size=TABLET, is_staff=True),
    Screen("merge-phone", MERGE + "{organisations[long]}", is_staff=True),
    Screen("staff", "/staff", size=TABLET, is_staff=True),
    Screen("mobile", "/events/{codes[crowd]}/sign-ins", is_staff=True, act=look_at_mobile),
    Screen("audit", "/audit", size=TABLET, is_staff=True, is_key=True),
    Screen("audit-phone", "/audit?event={codes[listed]}", is_staff=True),
    Screen("audit-nothing", "/audit?event=XXXXXX", is_staff=True),
    Screen("privacy", "/events/{codes[open]}/privacy", size=TABLET, is_staff=True),
    Screen("privacy-phone", "/events/{codes[hard]}/privacy", is_staff=True),
    Screen("privacy-cleared", "/events/{codes[cleared]}/privacy", is_staff=True),
    Screen("over", "/e/{codes[cleared]}", fits=True),
    Screen("persons", "/privacy", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("persons-found", "/privacy", is_staff=True, act=look_up_person),
    Screen("person", "/privacy", size=TABLET, is_staff=True, act=show_person),
    Screen("person-erase", "/privacy", is_staff=True, act=ask_to_erase),
    Screen("password", "/account/password", size=TABLET, is_staff=True),
)
SCREENS = (
    *ACCOUNTS, *CREDITED, *OVERVIEWS, *SHEETS, *PHONES, *MORE_PHONES, *GROUPS, *OUTSIDE, *DOOR, *DASHBOARDS, *DESK,
    *STEWARDS, *COUNTING, *LEAVING, *CONFIRMED, *REFUSED, *ROTATING, *SIGNING, *HALLS,
)  # fmt: skip
