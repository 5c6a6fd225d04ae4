"""What the W3C's checker says of every page: `make validate`, or `python -m tools.validate`.

The pages are those of tests/aids/screens.py, in both languages, as the server sends them (a browser would mend them
first), with what stands on them after a form was sent and the parts that come later. NAMES or their beginnings choose
some. The checker is npm's vnu-jar, pinned with its checksum in tools/vnu and run by Java.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.aids.browser import run_browser
from tests.aids.looking import browser_for, open_screen
from tests.aids.screens import LANGS, SCREENS
from tests.aids.stage import run_stage

HERE = Path(__file__).resolve().parent / "vnu"
JAR = HERE / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
# Around a part of a page, which stands in such a body.
AROUND = '<!doctype html><html lang="zh-CN"><title>-</title><body>{}</body></html>'
SHOWN = 5  # of the pages that have an error


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the pages and check them; end with 1 when one has an error."""
    parser = argparse.ArgumentParser(prog="python -m tools.validate", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="screens whose names begin so (default: all)")
    options = parser.parse_args(arguments)
    install()
    with tempfile.TemporaryDirectory() as folder:
        count = draw(Path(folder), tuple(options.names))
        errors = check(Path(folder))
    for message, where in sorted(errors.items()):
        print(f"{message}\n    {', '.join(where[:SHOWN])}{f' and {len(where) - SHOWN} more' * (len(where) > SHOWN)}")
    print(f"{count} pages, {len(errors)} errors")
    sys.exit(1 if errors else 0)


def install() -> None:
    """Bring the checker here, once; say what it needs where it is missing."""
    for program, what_for in (("java", "runs the checker"), ("npm", "brings it here")):
        if shutil.which(program) is None and (program == "java" or not JAR.exists()):
            sys.exit(f"`{program}` is not on this machine: it {what_for}. Nothing was checked.")
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]["vnu-jar"]
    present = JAR.parents[2] / "package.json"
    if not JAR.exists() or json.loads(present.read_text())["version"] != wanted:
        subprocess.run(INSTALL, cwd=HERE, check=True, stdout=subprocess.DEVNULL)


def draw(folder: Path, names: tuple[str, ...]) -> int:
    """Let a browser open every screen while the server keeps what it sends, and return how many pages that were."""
    pages, stage_folder = folder / "pages", folder / "stage"
    pages.mkdir()
    stage_folder.mkdir()
    wsgi, environ = "tests.aids.keeping_wsgi:app", {"PAGES": str(pages)}
    with run_stage(stage_folder, wsgi=wsgi, environ=environ) as stage, run_browser() as browser:
        for lang in LANGS:
            with browser_for(browser, lang) as made:
                for screen in SCREENS:
                    if not names or screen.name.startswith(names):
                        with open_screen(made, stage, screen):
                            pass
    files = list(pages.iterdir())
    for file in files:
        text = file.read_text(encoding="utf-8")
        if not text.lstrip().lower().startswith("<!doctype"):
            file.write_text(AROUND.format(text), encoding="utf-8")
    return len(files)


def check(folder: Path) -> dict[str, list[str]]:
    """Return the errors, each with the pages that have it."""
    command = (
        "java",
        "-Xss4m",
        "-jar",
        str(JAR),
        "--errors-only",
        "--format",
        "json",
        "--exit-zero-always",
        "--stdout",
    )
    done = subprocess.run((*command, str(folder / "pages")), check=True, capture_output=True, text=True)
    errors: dict[str, list[str]] = defaultdict(list)
    for one in json.loads(done.stdout)["messages"]:
        extract = " ".join(one.get("extract", "").split())
        where = f"{Path(one.get('url', '')).stem}:{one.get('lastLine', 0)}"
        errors[f"{one['message']}\n    {extract}"].append(where)
    return errors


if __name__ == "__main__":
    main()
