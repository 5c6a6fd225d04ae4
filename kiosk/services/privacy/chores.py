"""What housekeeping does for privacy, and the task of a purge beside the server."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.services.privacy import purges, reapply, retention, scrub


def purge(purge_id: int) -> None:
    """Carry a purge through to the disk; the scrub is housekeeping's where an event is open."""
    purges.carry_on(purge_id)
    scrub.scrub()


CHORES: tuple[tuple[Callable[[], object], Callable[[], object]], ...] = (
    (retention.is_due, retention.clear_due),
    (purges.unfinished, purges.carry_all_on),
    (reapply.unfinished_people, reapply.finish_people),
    (scrub.is_due, scrub.scrub),  # last: one scrub for everything before it
)
