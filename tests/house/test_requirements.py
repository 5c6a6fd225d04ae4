"""What run time needs is pinned for run time: the tests' own environment holds more, and would hide what is missing."""

from __future__ import annotations

import re
import subprocess
import sys

from kiosk.jobs.__main__ import JOBS
from tests.aids.paths import ROOT

MOST = 50  # distributions at run time (docs/product.md 5.6)
# Hides every installed package that none of the named distributions brings, then imports what `make run` does.
ALONE = """
import importlib, re, sys
from importlib.metadata import packages_distributions

pinned = set(sys.argv[1].split(","))
owners = packages_distributions()
others = {top for top, names in owners.items() if not {re.sub("[-_.]+", "-", name).lower() for name in names} & pinned}

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in others:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
for name in sys.argv[2:]:
    importlib.import_module(name)
"""


def pinned() -> set[str]:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return {re.sub("[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", text, re.M)}


def test_server_and_jobs_import_nothing_but_what_is_pinned_for_run_time() -> None:
    modules = [
        "gunicorn.workers.ggevent",
        "kiosk.launcher",
        "kiosk.beside",
        "psycopg",
        *(f"kiosk.jobs.{n}" for n in (*JOBS, "xlsx_cells", "xls_cells")),
    ]
    command = [sys.executable, "-W", "ignore", "-c", ALONE, ",".join(pinned()), *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_run_time_keeps_to_its_budget_of_distributions() -> None:
    assert 30 < len(pinned()) <= MOST
