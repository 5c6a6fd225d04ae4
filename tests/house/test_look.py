"""docs/look.md's assertions on every page, in both languages, light and dark, at the usual and at twice the text size.

Measured for the least that says as much: see open_screen on pages, THEME_OF on themes. axe is asked by all of its rules
here, on each page in either language and in either theme, but of the styles once, which are the same; in each language
in both themes by `make axe`.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import current_app
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from kiosk.assets import _without_remarks
from tests.aids import axe
from tests.aids.browser import run_another
from tests.aids.fonts import FontSet
from tests.aids.looking import browser_for, open_screen
from tests.aids.paths import ROOT
from tests.aids.screens import LANGS, SCREENS, Lang, Screen, Theme
from tests.aids.stage import Stage, run_stage

pytestmark = [pytest.mark.browser, pytest.mark.server]

LOOK = (ROOT / "tests" / "aids" / "look.js").read_text()
# Layout is the same in both themes, because the dark one changes colours alone (tests/house/test_palettes.py):
# each language is looked at in one theme, and both themes are, with the contrast of either.
THEME_OF: dict[Lang, Theme] = {"zh": "light", "en": "dark"}
# And each in one set of fonts: Chinese in the run's own, with the highest lines, English in the widest letters.
FONTS: FontSet = "wide"
# At the usual and at twice the text size, in one round trip.
LOOK_TWICE = f"""options => {{
    const look = {LOOK};
    const enlarge = (percent) => {{ document.documentElement.style.fontSize = percent + "%"; window.scrollTo(0, 0); }};
    const usual = look(options);
    enlarge(200);
    const large = look({{}});
    enlarge(100);
    return [usual, large];
}}"""
MOST = 25  # lines of a report
MOST_OF_OUR_SCRIPTS = 12 * 1024  # bytes
SIDEWAYS: ViewportSize = {"width": 740, "height": 360}
# Addresses that show no page of their own: files, streams, parts of a page, health, an address that leads elsewhere.
NO_PAGES = """attendee.event_as_typed attendee.campaign_as_typed groups.check_again attendee.complete
    attendee.again attendee.state steward.unconfirmed digits.again display.digits_now desk.now desk.event_course
    desk.whole_list display.count wall.show_part following.part following.now display.open_link badges.as_csv
    badges.as_pdf audit.as_csv steward.open_link health.healthz health.readyz health.figures posters.campaign_posters
    posters.poster posters.qr_as_png posters.qr_as_svg desk.sheet_file desk.frozen_file exports.progress
    exports.file verify.show_code dashboard.region dashboard.bulletin_text dashboard.latest dashboard.phones
    dashboard.stream roster.as_csv roster.as_xlsx roster.template paper.emergency_pdf rehearsal.progress
    report.as_pdf report.as_xlsx privacy.progress hand.roll_list steward.roll_list hand.number steward.number
    head_count.number_by_link""".split()  # noqa: SIM905  a list of names reads better so


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with run_stage(tmp_path_factory.mktemp("look")) as stage:
        yield stage


@pytest.fixture(scope="module")
def browsers(browser: Browser) -> Iterator[dict[Lang, BrowserContext]]:
    with contextlib.ExitStack() as stack, run_another(browser, FONTS) as wide:
        of_language: dict[Lang, Browser] = {"zh": browser, "en": wide}
        made = {lang: stack.enter_context(browser_for(of_language[lang], lang, THEME_OF[lang])) for lang in LANGS}
        for one in made.values():
            axe.bring(one)
        yield made


def look(page: Page, **options: object) -> list[str]:
    """Return what is wrong with the page as it stands."""
    return [str(problem) for problem in page.evaluate(f"({LOOK})({json.dumps(options)})")]


def too_much(page: Page) -> list[str]:
    """Return what is wrong with our own scripts that the page loads or names, all together and as they are served."""
    names = set(re.findall(r"/static/(js/\w+)\.[0-9a-f]{12}\.js", page.content()))
    size = sum(len(_without_remarks((ROOT / "static" / f"{name}.js").read_bytes())) for name in names)
    return [] if size <= MOST_OF_OUR_SCRIPTS else [f"{size} bytes of {', '.join(sorted(names))}"]


def report(found: Iterable[tuple[str, str]]) -> str:
    """Return the problems, each with the variants that have it."""
    variants = defaultdict(list)
    for variant, problem in found:
        variants[problem].append(variant)
    lines = [f"{problem}  [{', '.join(where)}]" for problem, where in variants.items()]
    return "\n".join(lines[:MOST] + [f"and {len(lines) - MOST} more"] * (len(lines) > MOST))


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_page_looks_right(stage: Stage, browsers: dict[Lang, BrowserContext], screen: Screen) -> None:
    found: list[tuple[str, str]] = []
    for lang in LANGS:
        errors: list[str] = []
        with open_screen(browsers[lang], stage, screen, errors) as page:
            usual, large = page.evaluate(LOOK_TWICE, {"step": screen.step, "fits": screen.fits})
            found += [(f"{lang} 200 %", problem) for problem in large]
            usual += axe.ask(page, knows_styles=lang != LANGS[0]) + too_much(page)
            found += [(f"{lang} {THEME_OF[lang]}", problem) for problem in usual]
            if screen.is_phone:
                page.set_viewport_size(SIDEWAYS)
                found += [(f"{lang} 740 × 360", problem) for problem in look(page, step=screen.step, isReachable=True)]
        found += [(lang, error) for error in errors]
    assert not found, f"{screen.name}, {screen.path}:\n{report(found)}"


def test_every_page_is_looked_at(stage: Stage) -> None:
    urls = current_app.url_map.bind("door.test")
    looked_at = {
        urls.match(urlsplit(screen.path.format(**vars(stage))).path)[0] for screen in SCREENS if screen.status != 404
    }
    pages = {rule.endpoint for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    unseen = sorted(pages - looked_at - set(NO_PAGES))
    assert not unseen, f"give these a row in tests/aids/screens.py: {', '.join(unseen)}"
    assert not looked_at & set(NO_PAGES) and set(NO_PAGES) <= pages
