"""README and docs are held to account: what they quote from the screen is there in that language, and every address,
command, setting and file that they name exists; both languages say the same, part by part."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import RequestRedirect

from kiosk.config import KNOWN
from tests.aids.paths import ROOT
from tests.house.test_architecture import ROOMS

# In two languages, quoting the screens; the law of the house is written once.
DOCS = sorted(path for path in (ROOT / "docs").glob("*.md") if path.name.endswith((".en.md", ".zh.md")))
LAW = sorted(set((ROOT / "docs").glob("*.md")) - set(DOCS))
PAPERS = [ROOT / "README.md", *sorted(ROOT.glob("C*.md")), *LAW, *DOCS]
# Where code, templates and tests say a file of the house.
SPEAKING = [
    path
    for place in ("kiosk", "templates", "static/css", "static/js", "tests", "bench", "tools", "docs")
    for path in (ROOT / place).rglob("*")
    if path.suffix in (".py", ".html", ".css", ".js", ".sh", ".md") and "versions" not in path.parts
] + [ROOT / name for name in ("gunicorn.conf.py", "pyproject.toml", "README.md", "CHANGELOG.md")]
PATHS = re.compile(
    r"(?<![\w/.*}-])((?:kiosk|docs|tests|static|templates|bench|tools|services|web|jobs|models|cli)(?:/[\w.-]*\w)+)"
    r"|(?<![\w/.-])([A-Z][A-Z-]{3,}(?:-zh)?\.md)"
)
QUOTED = {"en": r'"([^"]+)"', "zh": r"“([^“”]+)”"}
# Quoted and not a text of the screen as it stands: what people say, what papers say, a screen's text with its numbers.
SAID = {
    "en": {
        "WeChat says the page is not official.", "continue", "It doesn't load.", "I typed it and the network died.",
        "It says I have signed in, but I have not.", "page x of y", "Nearly", "more than", "as of 9:05 …",
        "95 % of them within 0.2 s", "1 still missing",
    },
    "zh": {
        "近", "余", "95% 的人 0.2 秒内完成", "还差 1 人", "截至 9:05……", "聘书已发", "发放宣传资料（份）", "东贝制冷",
        "迟到", "（脱敏）", "举办",
    },
}  # fmt: skip
STANDS_FOR = {"CODE": "K7M4PQ", "口令码": "K7M4PQ", "ID": "1", "编号": "1", "*": "K7M4PQ"}


def text_of(path: Path) -> str:
    """Return a paper with its broken lines joined, as a reader sees it."""
    is_chinese = path.name.endswith(".zh.md")
    return re.sub(r"\n\s+", "" if is_chinese else " ", path.read_text(encoding="utf-8"))


def marked(path: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text_of(path))


def screen_texts(language: str) -> set[str]:
    """Return every text of the screens in a language; its numbers and names are nothing."""
    catalogue = read_po(io.BytesIO((ROOT / "kiosk/translations/zh/LC_MESSAGES/messages.po").read_bytes()), locale="zh")
    found: set[str] = set()
    for message in catalogue:
        said = message.id if language == "en" else message.string
        found |= {re.sub(r"[:：]? ?%\(\w+\)s.*", "", one) for one in ([said] if isinstance(said, str) else said)}
    return found


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_what_is_quoted_stands_on_the_screen_in_that_language(path: Path) -> None:
    language = path.name.split(".")[1]
    quoted = set(re.findall(QUOTED[language], text_of(path)))
    assert sorted(quoted - screen_texts(language) - SAID[language]) == []


def test_nothing_is_excused_that_no_paper_says() -> None:
    for language, said in SAID.items():
        papers = " ".join(text_of(path) for path in DOCS if path.name.split(".")[1] == language)
        assert sorted(one for one in said if one not in papers) == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_every_address_leads_somewhere(app: Flask, path: Path) -> None:
    urls = app.url_map.bind("localhost")
    for address in (one for one in marked(path) if re.fullmatch(r"/[\w./*-]*", one)):
        tried = "/".join(STANDS_FOR.get(part, part) for part in address.split("/"))
        try:
            urls.match(tried)
        except (MethodNotAllowed, RequestRedirect):
            continue


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_every_command_is_one(app: Flask, path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in [*marked(path), *re.findall(r"^(make \w+)", path.read_text(encoding="utf-8"), re.M)]:
        words = shlex.split(line.partition("|")[0])
        if words[:1] == ["make"] and len(words) > 1:
            assert f"\n{words[1]}:" in makefile, line
        elif words and words[0].removeprefix(".venv/bin/") == "flask":
            options = _options(app, words[1:])
            assert not {word for word in words if word.startswith("--")} - options - {"--help"}, line


def _options(app: Flask, words: list[str]) -> set[str]:
    """Return the options of the command that these words begin with; a word that is no command fails."""
    command: click.Command = app.cli
    for word in words:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        command = command.commands[word]
    return {name for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_every_option_setting_and_file_exists(app: Flask, path: Path) -> None:
    every = {name for command in _all(app.cli) for parameter in command.params for name in parameter.opts}
    for said in marked(path):
        if re.fullmatch(r"--[\w-]+", said):
            assert said in every, said
        if found := re.match(r"KIOSK_([A-Z_]+)", said):
            assert found[1] in KNOWN, said
        if re.fullmatch(r"(kiosk|docs|tests|static|templates|bench|tools|services|web|jobs)(/[\w.-]+)+", said):
            module = said if said.endswith((".py", ".txt", ".md")) else said.partition(".")[0]
            tried = [ROOT / place / name for place in ("", "kiosk") for name in (said, module, f"{module}.py")]
            assert any(one.exists() for one in tried), said
    for link in re.findall(r"\]\(([^)#]+)\)|(docs/[\w./-]+\.md)", path.read_text(encoding="utf-8")):
        assert (ROOT / (link[0] or link[1])).exists(), link


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_exists(path: Path) -> None:
    """A comment that names a file which moved leads nowhere."""
    for found in PATHS.finditer(path.read_text(encoding="utf-8")):
        said = found[1] or found[2]
        folder, _, last = said.rpartition("/")
        whole = (
            said
            if re.search(r"\.(py|md|html|css|js|sh|txt|ttf|json|xlsx|svg|png)$", said)
            else f"{folder}/{last.partition('.')[0]}"
        )
        tried = [
            ROOT / place / f"{name}{end}"
            for place in ("", "kiosk", "kiosk/services", "tests", "templates", "static")
            for name in (said, whole)
            for end in ("", ".py")
        ]
        is_decision = re.fullmatch(r"docs/decisions/\d{4}", said) and list(ROOT.glob(f"{said}-*.md"))
        assert is_decision or any(one.exists() for one in tried), f"{path.relative_to(ROOT)} names {said}"


def test_the_map_has_every_room_and_no_other() -> None:
    text = (ROOT / "docs/map.md").read_text(encoding="utf-8")
    for layer, rooms in ROOMS.items():
        part = text[text.index(f"## Rooms of `kiosk/{layer}`") :].split("\n## ")[0]
        assert tuple(re.findall(r"^\| `(\w+)` \|", part, re.M)) == rooms


def _all(group: click.Group) -> list[click.Command]:
    inner = [_all(one) if isinstance(one, click.Group) else [one] for one in group.commands.values()]
    return [command for of_it in inner for command in of_it]


def test_readme_lists_exactly_the_settings_there_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("## Settings") : text.index("## Working on it")]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.M)) == KNOWN


@pytest.mark.parametrize("name", sorted({path.name.split(".")[0] for path in DOCS}))
def test_both_languages_have_the_same_parts(name: str) -> None:
    parts = []
    for language in ("en", "zh"):
        text = (ROOT / "docs" / f"{name}.{language}.md").read_text(encoding="utf-8")
        parts.append({mark: len(re.findall(f"^{mark}", text, re.M)) for mark in ("#", r"\d\. ", "- ", r"\|", r"\*\*")})
    assert parts[0] == parts[1]


def test_pictures_of_the_readme_are_small_and_all_shown() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = sorted((ROOT / "docs/pictures").iterdir())
    assert [one.name for one in pictures if f"docs/pictures/{one.name}" not in text] == []
    assert sum(one.stat().st_size for one in pictures) < 400_000


def test_decisions_are_numbered_without_gaps_and_say_their_number() -> None:
    names = [path.name for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for name in names:
        assert (ROOT / "docs/decisions" / name).read_text(encoding="utf-8").startswith(f"# {name[:4]} "), name


def test_decisions_that_are_cited_exist() -> None:
    known = {path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")}
    sources = [*(ROOT / "kiosk").rglob("*.py"), *(ROOT / "bench").rglob("*.py"), ROOT / "gunicorn.conf.py", *PAPERS]
    for path in sources:
        cited = re.findall(r"docs/decisions/(\d{4})", path.read_text(encoding="utf-8"))
        assert set(cited) <= known, path
