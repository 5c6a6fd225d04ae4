"""In which order a run's files are begun: the longest first, so that no worker is alone with one at the end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.aids.paths import ROOT

# Those of more than half a minute, the longest first.
LONGEST = (
    "web/desk/test_list_pauses.py",
    "house/test_look.py",
    "web/desk/test_case_previews_browser.py",
    "house/test_fuzz.py",
    "jobs/test_sheet_files.py",
    "services/lists/test_list_files.py",
    "house/test_slow_bodies.py",
    "house/test_canaries.py",
    "web/board/test_namesakes_browser.py",
    "web/board/test_dashboard_browser.py",
    "web/board/test_board_browser.py",
    "house/test_postgresql_disks.py",
    "services/host/test_network.py",
    "house/test_disks.py",
    "services/roster/test_late_lists.py",
)
RANKS = {str(ROOT / "tests" / name): rank for rank, name in enumerate(LONGEST)}


def sort(items: list[pytest.Item]) -> None:
    """Put the longest files first, then what waits for a browser or a server, then the rest; each file stays whole."""
    waits = {item.path for item in items if any(item.iter_markers("browser")) or any(item.iter_markers("server"))}
    items.sort(key=lambda item: (RANKS.get(str(item.path), len(RANKS)), item.path not in waits))


def missing(names: Sequence[str] = LONGEST) -> list[str]:
    """Return which of these files are gone."""
    return [name for name in names if not (ROOT / "tests" / name).is_file()]
