"""`python -m tools.schema_fixtures [REVISION …]` writes tests/fixtures/schemas: a small database of each schema.

Each is made by the last version that had the schema, as its commit has it, through what outsiders rely on: the command
line and the sign-in form (docs/interfaces.md). A new migration adds one fixture; those that are there stay as they are.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from kiosk.sqlite_driver import sqlite3

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = Path("kiosk/migrations/versions")
FOLDER = ROOT / "tests" / "fixtures" / "schemas"
# Run in the folder of that version, with its own code.
FILLING = Path(__file__).with_name("schema_filling.py")


def revisions() -> dict[str, Path]:
    """Return every revision and the file of its migration."""
    return {file.name.partition("_")[0]: file for file in sorted((ROOT / VERSIONS).glob("[0-9]*.py"))}


def commit_of(after: Path | None) -> str:
    """Return the commit before the one that added this migration; the newest where none comes after."""
    if after is None:
        return "HEAD"
    asked = ["git", "log", "--diff-filter=A", "--format=%H", "--reverse", "--", str(VERSIONS / after.name)]
    return _run(asked, ROOT).split()[0] + "^"


def make(revision: str, after: Path | None) -> None:
    """Write the fixture of one revision, by the commit before the next one's."""
    commit = commit_of(after)
    with tempfile.TemporaryDirectory() as folder:
        tree, instance = Path(folder, "tree"), Path(folder, "instance")
        _run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], ROOT)
        try:
            _run([sys.executable, str(FILLING), str(instance)], tree)
        finally:
            _run(["git", "worktree", "remove", "--force", str(tree)], ROOT)
        with closing(sqlite3.connect(instance / "kiosk.db")) as connection:
            ((made,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            assert made == revision, f"{commit} makes {made}, not {revision}"
            connection.execute("VACUUM INTO ?", [str(Path(folder, "whole.db"))])
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{revision}.db.gz").write_bytes(gzip.compress(Path(folder, "whole.db").read_bytes(), 9, mtime=0))


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(re.sub(r"\n+", "\n", f"{' '.join(command[:3])} …\n{done.stdout}{done.stderr}"))
    return done.stdout


if __name__ == "__main__":
    numbers, files = list(revisions()), list(revisions().values())
    for number, following in zip(numbers, [*files[1:], None], strict=True):
        if number in sys.argv[1:] or not (sys.argv[1:] or (FOLDER / f"{number}.db.gz").exists()):
            make(number, following)
            print(number, flush=True)
