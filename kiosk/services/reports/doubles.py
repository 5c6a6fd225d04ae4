"""Enterprises that may be one: merged, they would change the report's figures."""

from __future__ import annotations

from kiosk.services.directory import similar
from kiosk.services.directory.similar import Pair
from kiosk.services.reports.counting import ReportFigures

MOST = 10_000  # pairs looked through


def doubtful(figures: ReportFigures) -> tuple[Pair, ...]:
    """Return the pairs that look like one enterprise and both count in these figures, the surest first."""
    ids = figures.enterprise_ids
    return tuple(pair for pair in similar.propose(limit=MOST).pairs if pair.keep.id in ids and pair.merge.id in ids)
