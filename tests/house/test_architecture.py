"""The house's rules, read off the source: which layer imports which, how long a file is, what a template may do."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.aids.paths import ROOT

PROGRAM = ROOT / "kiosk"


def folders(path: Path) -> tuple[str, ...]:
    """Return a file's folders below the project's, which may itself lie in one that is called as a layer is."""
    return path.relative_to(ROOT).parts


SOURCES = sorted(path for path in PROGRAM.rglob("*.py") if "migrations" not in folders(path))
OURS = [
    *SOURCES,
    *(ROOT / "templates").rglob("*.html"),
    *(ROOT / "static" / "css").rglob("*.css"),
    *(ROOT / "static").glob("js/*.js"),
    *(ROOT / "tests").rglob("*.py"),
    *(ROOT / "bench").rglob("*.py"),
    *(ROOT / "tools").glob("*.py"),
]
# A layer may import from those after it. jobs stand beside the server and import nothing of it.
LAYERS = {
    "web": {"web", "services", "models", "base"},
    "api": {"api", "services", "models", "base"},
    "cli": {"cli", "services", "models", "base"},
    "services": {"services", "models", "base", "jobs"},
    "models": {"models", "base"},
    "jobs": {"jobs"},
    "base": {"base"},
}
# The rooms of a layer, from the top floor down: each imports only from rooms below it. What two rooms share lives
# below both. docs/map.md says what each is for.
ROOMS = {
    "services": (
        "upkeep", "reports", "rehearsals", "group", "exports", "proofs", "demo", "search", "directory", "board", "door",
        "sheet", "roster", "privacy", "hours", "sign_in", "event", "host", "account", "audit_log", "enterprises",
        "tallies", "people", "lists", "pages", "tables", "tasks", "store", "fields", "codes", "names", "refusal_words",
        "refusals", "pauses",
    ),
    "web": ("afterwards", "desk", "board", "door", "attendee", "frame"),
}  # fmt: skip
# Files in which a function holds a unit of work, and why it is simpler there.
UNITS_WITHIN = {
    "sign_in/organisations.py": "a row's key and what writes it are one value",
}
# What ends its read before it takes long without the database; a write does it by itself.
ENDS_OF_READS = {
    "account/guesses.py": "whoever asks goes on to hash a password",
    "account/resets.py": "hashing a password takes its time",
    "account/staff.py": "hashing a password takes its time",
    "audit_log/audit_search.py": "a file of thousands of lines is read in steps, as fast as it is fetched",
    "board/screens.py": "the operating system is asked for its addresses",
    "directory/similar.py": "thousands of names are compared",
    "door/code_guesses.py": "who has guessed too often waits for their turn",
    "door/digits.py": "a miss is counted in a file of its own",
    "door/look_ups.py": "a miss is counted in a file of its own",
    "exports.py": "a request waits for a file that another process makes",
    "privacy/scrub.py": "a read of one's own would hold the journal that is to be emptied",
    "proofs/proof_exports.py": "a PDF is drawn",
    "tables/snapshots.py": "a snapshot begins and ends with a read of its own",
    "upkeep/housekeeping.py": "the process sleeps until it looks again",
}
# What a service raises, its doors may catch.
CAUGHT = {"kiosk.jobs.runner.JobFailed"}
BASE = {"closed", "config", "clock", "extensions", "sqlite_driver", "assets", "bounds", "metrics", "person_fields"}
NO_HTTP = {"request", "session", "abort", "url_for", "render_template", "g", "redirect", "flash"}


def layer_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] != "kiosk" or len(parts) < 2:
        return None
    return "base" if parts[1] in BASE else parts[1]


@functools.cache
def imports(path: Path) -> Sequence[tuple[str, str, int, bool]]:
    """Every import as (module, name, line, whether it stands at the top level)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, tree.body))
    found: list[tuple[str, str, int, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, "", node.lineno, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name, node.lineno, id(node) in top) for alias in node.names]
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports_point_down(path: Path) -> None:
    own = layer_of("kiosk." + ".".join(path.relative_to(PROGRAM).with_suffix("").parts))
    if own not in LAYERS:
        return  # the factory and the launcher stand above all layers
    for module, imported, line, _ in imports(path):
        if f"{module}.{imported}" in CAUGHT:
            continue
        target = layer_of(f"{module}.{imported}" if module == "kiosk" else module)
        assert target is None or target in LAYERS[own], f"{name(path)}:{line} ({own}) imports {module}.{imported}"


def room_of(layer: str, module: str) -> str | None:
    """Return the room of a layer in which a module stands; None outside the layer and for the layer's own file."""
    within = module.removeprefix(f"kiosk.{layer}.")
    return within.split(".")[0] if within not in (module, "") else None


@pytest.mark.parametrize(
    ("layer", "path"), [(layer, p) for layer in ROOMS for p in SOURCES if layer in folders(p)], ids=str
)
def test_rooms_import_from_rooms_below(layer: str, path: Path) -> None:
    rooms = ROOMS[layer]
    own = room_of(layer, "kiosk." + ".".join(path.relative_to(PROGRAM).with_suffix("").parts))
    if own in (None, "__init__"):
        return  # the layer's own file knows them all
    assert own in rooms, f"{name(path)} stands in a room without a floor: add it to ROOMS"
    for module, imported, line, _ in imports(path):
        target = room_of(layer, f"{module}.{imported}")
        if target is None or target == own:
            continue
        assert target in rooms, f"{name(path)}:{line} imports from {target}, which is no room of {layer}"
        assert rooms.index(target) > rooms.index(own), (
            f"{name(path)}:{line} climbs: {own} imports {module}.{imported}, and {target} stands above it"
        )


@pytest.mark.parametrize("path", [p for p in SOURCES if {"services", "web", "cli"} & set(folders(p))], ids=name)
def test_no_file_shows_what_another_room_holds(path: Path) -> None:
    """`import x as x` and a bare `__all__` would hide where a thing lives."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert all(alias.asname != alias.name for alias in node.names), f"{name(path)}:{node.lineno} shows again"
        is_list = isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets)
        assert not is_list, f"{name(path)} lists what it shows"


# What web reads of a request outside kiosk/web/frame/inputs, each with its reason.
RAW_READS = {
    ("desk/roster.py", "files"): "an uploaded list, which is limited by the route and read as a whole",
}


@pytest.mark.parametrize("path", [p for p in SOURCES if "web" in folders(p) and "frame" not in folders(p)], ids=name)
def test_a_request_is_read_in_one_place(path: Path) -> None:
    raw = {"form", "args", "values", "files", "get_json", "json", "data", "get_data", "stream"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert getattr(node, "id", "") != "this_request", f"{name(path)} asks frame/bare, which is the frame's own"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "request":
            is_listed = ("/".join(path.parts[-2:]), node.attr) in RAW_READS
            assert node.attr not in raw or is_listed, (
                f"{name(path)}:{node.lineno} reads request.{node.attr}: ask frame/inputs, which cuts and cleans"
            )


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_import_inside_a_function(path: Path) -> None:
    for module, imported, line, is_top in imports(path):
        assert is_top or module == "__future__", f"{name(path)}:{line} imports {module} {imported} below the top"


@pytest.mark.parametrize("path", [p for p in SOURCES if {"services", "models"} & set(folders(p))], ids=name)
def test_services_and_models_know_no_http(path: Path) -> None:
    for module, imported, line, _ in imports(path):
        assert not (module == "flask" and imported in NO_HTTP), f"{name(path)}:{line} imports flask.{imported}"


@pytest.mark.parametrize("path", [p for p in SOURCES if "web" in folders(p)], ids=name)
def test_web_never_touches_the_database(path: Path) -> None:
    for module, imported, line, _ in imports(path):
        assert imported != "db" and not module.startswith("sqlalchemy"), (
            f"{name(path)}:{line} imports {module}.{imported}"
        )
        assert (
            module not in ("kiosk.services.store.writer", "kiosk.services.store.statements") or imported == "WriterBusy"
        ), f"{name(path)}:{line} writes by itself"


def test_a_unit_of_work_is_declared_once() -> None:
    """A function of the writer's session stands at the top of its file, declared with `unit`, where it can be found,
    tried alone and made a part of another; none is hidden in the function that happens to need it."""
    found = set()
    for path in (path for path in SOURCES if "store" not in folders(path)):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for outer in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
            if any(is_unit_of_work(each) for each in ast.walk(outer) if each is not outer):
                found.add(name(path).removeprefix("kiosk/services/"))
    assert found <= set(UNITS_WITHIN), found - set(UNITS_WITHIN)


def is_unit_of_work(node: ast.AST) -> bool:
    """Say whether this defines a function of the writer's session, or runs a nameless one."""
    if isinstance(node, ast.FunctionDef):
        first = next(iter(node.args.args), None)
        return first is not None and first.annotation is not None and "WriterSession" in ast.unparse(first.annotation)
    is_run = isinstance(node, ast.Call) and ast.unparse(node.func) in ("run", "run_with", "writer.run")
    return is_run and any(isinstance(each, ast.Lambda) for each in node.args)


def test_the_writer_ends_the_read() -> None:
    """Nobody ends it by hand before a write; before other long work it is `writer.end_read`, by whoever is listed."""
    found = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        place = name(path).removeprefix("kiosk/services/")
        assert "session.rollback()" not in text or place.startswith("store/"), f"{place} ends its read by hand"
        found |= {place} if "end_read()" in text and not place.startswith("store/") else set()
    assert found <= set(ENDS_OF_READS), found - set(ENDS_OF_READS)


def test_only_the_clock_asks_the_time() -> None:
    asked = {"now", "utcnow", "today"}
    for path in SOURCES:
        if path.name == "clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_asking = isinstance(node, ast.Attribute) and node.attr in asked and isinstance(node.value, ast.Name)
            assert not (is_asking and node.value.id in ("datetime", "date")), (
                f"{name(path)}:{node.lineno} asks the time"
            )


def test_one_name_is_one_class() -> None:
    files: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                files.setdefault(node.name, []).append(name(path))
    assert {one: where for one, where in files.items() if len(where) > 1} == {}


# What came about is no name for a thing: `entry`, not `found`.
NAMELESS = {"found", "said", "told", "kept", "given"}


def variables(source: str) -> set[str]:
    """Return the names of a source's variables and parameters; the fields of a class are not among them."""
    nodes = list(ast.walk(ast.parse(source)))
    bodies = [node.body for node in nodes if isinstance(node, ast.ClassDef)]
    fields = {id(part.target) for body in bodies for part in body if isinstance(part, ast.AnnAssign)}
    names = {node.arg for node in nodes if isinstance(node, ast.arg)}
    stored = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return names | {node.id for node in stored if id(node) not in fields}


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_variable_is_called_by_what_it_is(path: Path) -> None:
    assert not variables(path.read_text(encoding="utf-8")) & NAMELESS


# What is said once, beside the models: how a copy would look (all of it within one statement), and its name there.
SAID_ONCE = (
    (
        r"SignIn\.voided_at\.is_\(None\)(?s:.*)~SignIn\.is_trial|~SignIn\.is_trial(?s:.*)voided_at\.is_\(None\)",
        "SignIn.counts",
    ),
    (
        r"\.voided_at is None and (?s:.*)not \w+\.is_trial|not \w+\.is_trial and (?s:.*)voided_at is None",
        "SignIn.counts",
    ),
    (
        r"(?i:voided_at is null(?s:.*)\bnot [\w.]*is_trial|\bnot [\w.]*is_trial(?s:.*)voided_at is null)",
        "models.sign_in.COUNTS",
    ),
    (r"coalesce\([\w.]*root_id", "Organisation.root"),
    (r"\b(\w+)\.root_id or \1\.id\b", "Organisation.root"),
)


def copies(source: str) -> list[str]:
    """Return what a source spells out though it is said beside the models, each with its line."""
    nodes = list(ast.walk(ast.parse(source)))
    parts = [node for node in nodes if isinstance(node, ast.stmt) and not hasattr(node, "body")]
    parts += [
        head for node in nodes for part in ("test", "iter") if isinstance(head := getattr(node, part, None), ast.expr)
    ]
    return [
        f"{node.lineno} spells out what is {instead}"
        for node in parts
        for pattern, instead in SAID_ONCE
        if re.search(pattern, ast.unparse(node))
    ]


@pytest.mark.parametrize("path", [p for p in SOURCES if "models" not in folders(p)], ids=name)
def test_what_counts_is_said_once(path: Path) -> None:
    assert not copies(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "copy",
    [
        "rows = select(SignIn).where(SignIn.voided_at.is_(None), ~SignIn.is_trial)",
        "def is_live(row):\n    return not row.is_trial and row.voided_at is None",
        "TAKEN = Statement('SELECT 1 FROM sign_in s WHERE s.voided_at IS NULL AND NOT s.is_trial')",
        "root = func.coalesce(written.root_id, written.id)",
        "OF = 'SELECT coalesce(o.root_id, o.id) FROM organisation o'",
        "if (row.root_id or row.id) == 3:\n    pass",
    ],
)
def test_a_copy_of_what_counts_is_found(copy: str) -> None:
    assert copies(copy)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_no_file_of_ours_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=name)
def test_template_keeps_the_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "style=" not in text and "<style" not in text and "<script>" not in text
    assert "|safe" not in text.replace(" ", "") and "autoescape" not in text
    assert not any(f" {event}=" in text for event in ("onclick", "onchange", "onsubmit", "onload"))
    assert "http://" not in text.replace("http://www.w3.org", "") and "https://" not in text


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=name)
def test_no_line_of_a_template_is_longer_than_160_characters(path: Path) -> None:
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 160] == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("_*.html")), ids=name)
def test_partial_says_what_it_needs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("{# Needs: ") or (text.startswith("{# ") and "{% macro " in text)


def test_own_scripts_of_a_page_are_at_most_12_kilobytes() -> None:
    for path in (ROOT / "static" / "js").glob("*.js"):
        assert path.stat().st_size <= 12 * 1024, name(path)
