"""axe on every page, in both languages, light and dark, by all of its rules: `make axe`, or `python -m tools.axe`.

The pages are those of tests/aids/screens.py. tests/house/test_look.py asks the same of each page in Chinese on light
and in English on dark. NAMES or their beginnings choose some.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.aids import axe
from tests.aids.browser import run_browser
from tests.aids.looking import browser_for, open_screen
from tests.aids.screens import LANGS, SCREENS, THEMES
from tests.aids.stage import run_stage


def main(arguments: Sequence[str] | None = None) -> None:
    """Open the pages and ask; end with 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.axe", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="screens whose names begin so (default: all)")
    options = parser.parse_args(arguments)
    count, wrong = look(tuple(options.names))
    for message, where in sorted(wrong.items()):
        print(f"{message}\n    {', '.join(where)}")
    print(f"{count} pages looked at, {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


def look(names: tuple[str, ...]) -> tuple[int, dict[str, list[str]]]:
    """Return on how many pages axe was asked, and what is wrong, each with the pages that have it."""
    wrong: dict[str, list[str]] = defaultdict(list)
    count = 0
    with tempfile.TemporaryDirectory() as folder, run_stage(Path(folder)) as stage, run_browser() as browser:
        for lang in LANGS:
            with browser_for(browser, lang) as made:
                axe.bring(made)
                for screen in SCREENS:
                    if names and not screen.name.startswith(names):
                        continue
                    with open_screen(made, stage, screen) as page:
                        for theme in THEMES:
                            page.emulate_media(color_scheme=theme)
                            count += 1
                            for one in axe.ask(page):
                                wrong[one].append(f"{screen.name} {lang} {theme}")
    return count, wrong


if __name__ == "__main__":
    main()
