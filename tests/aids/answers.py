"""What a steward's phone answers with its whole screen, which it does for a second: the page writes it down."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, TimeoutError as NotYet

LISTEN = """
    window.screens = [];
    let latest = null;
    new MutationObserver(() => {
        const answer = document.querySelector("#answer.is-screen");
        if (!answer || answer === latest) return;
        latest = answer;
        const screen = answer.querySelector(".answer__screen"), { width, height } = screen.getBoundingClientRect();
        const place = screen.querySelector(".answer__place")?.textContent.replace(/\\s+/g, "") || "";
        const text = screen.textContent.replace(/\\s+/g, " "), colour = getComputedStyle(screen).backgroundColor;
        window.screens.push({ text, place, colour, size: [width, height] });
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
"""
# The first that says all this, which is read then, and whatever came before it.
READ = """words => {
    const at = window.screens.findIndex(({ text }) => words.every(word => text.includes(word)));
    return at < 0 ? null : window.screens.splice(0, at + 1)[at];
}"""
WAVE = "document.querySelector('.answer.is-screen .answer__screen')?.click()"


@dataclass(frozen=True)
class Answer:
    """The whole screen as it was shown."""

    text: str
    place: str
    colour: str
    size: tuple[float, float]


def listen(page: Page) -> None:
    """Have the pages that are opened from now on write their answers down."""
    page.add_init_script(LISTEN)


def read(page: Page, *words: str) -> Answer:
    """Wait for an answer that was not read yet and says all these words; whatever came before it counts as read."""
    try:
        shown = page.wait_for_function(READ, arg=list(words)).json_value()
    except NotYet as late:
        raise AssertionError(f"no screen says {words}: {page.evaluate('window.screens')}") from late
    return Answer(shown["text"], shown["place"], shown["colour"], tuple(shown["size"]))


def wave_away(page: Page) -> None:
    """Tap the answer that lies over the page, where it has not gone by itself already."""
    page.evaluate(WAVE)
