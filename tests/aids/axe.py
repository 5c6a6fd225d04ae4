"""axe: what a browser's rules of accessibility say of a page as it stands, all of them."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import BrowserContext, Page

from tests.aids.paths import ROOT

SCRIPT = (ROOT / "tests" / "vendor" / "axe-4.11.0.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERY = {"runOnly": {"type": "tag", "values": TAGS}}
# The rule that is of the styles alone, which are the same in every language and theme: to read them takes a fifth of
# the time of all rules.
BUT_STYLES = {**EVERY, "rules": {"css-orientation-lock": {"enabled": False}}, "preload": {"assets": ["media"]}}
# The one page that keeps a refresh also with scripts: that of a file which is ready. What it opens is the file, so that
# the page stays as it is and nobody loses their place, which is what the rule is about (WCAG 2.2.1, 3.2.5).
OPENS_ITS_FILE = """!!document.querySelector('meta[http-equiv=refresh][content*="url=/exports/"]')"""
RUN = """async options => {
    window.loadAxe();
    const {violations} = await axe.run(document, {...options, resultTypes: ["violations"]});
    return violations.map(one => [one.id, one.nodes.slice(0, 4).map(
        node => node.target.join(" ") + " (" + (node.any.concat(node.all, node.none)[0] || {message: ""}).message + ")"
    ).join("; ")]);
}"""


def bring(made: BrowserContext) -> None:
    """Have axe at hand on every page: half a megabyte, sent once, and only compiled where it is called."""
    made.add_init_script(f"window.loadAxe = () => {{ {SCRIPT} }};")


def ask(page: Page, *, knows_styles: bool = False) -> list[str]:
    """Return what is wrong; where the page's styles were asked of before, of all but those.

    A button that sticks to the screen's end lies over what is below until one scrolls: where a target is too small on
    the screen, it is asked again on the page at its whole height.
    """
    wrong = _run(page, BUT_STYLES if knows_styles else EVERY)
    if "meta-refresh" in wrong and page.evaluate(OPENS_ITS_FILE):
        del wrong["meta-refresh"]
    if "target-size" in wrong and (size := page.viewport_size):
        whole = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], whole)})
        del wrong["target-size"]
        wrong |= _run(page, {"runOnly": {"type": "rule", "values": ["target-size"]}})
        page.set_viewport_size(size)
    return [f"{rule}: {where}" for rule, where in wrong.items()]


def _run(page: Page, options: Mapping[str, object]) -> dict[str, str]:
    return {str(rule): str(where) for rule, where in page.evaluate(RUN, options)}
