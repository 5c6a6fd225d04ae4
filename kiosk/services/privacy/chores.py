"""What housekeeping does for privacy, and the task of a purge beside the server."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.services.privacy import purges, reapply, retention, scrub


def purge(purge_id: int) -> None:
    """Carry a purge through to the disk; the scrub is housekeeping's where an event is open."""
    purges.carry_on(purge_id)
    scrub.scrub()


def _is_left() -> bool:
    return bool(purges.unfinished()) or reapply.is_person_left()


def _carry_on() -> None:
    purges.carry_all_on()
    reapply.finish_people()


CHORES: tuple[tuple[Callable[[], bool], Callable[[], object]], ...] = (
    (retention.is_due, retention.clear_due),
    (_is_left, _carry_on),
    (scrub.is_due, scrub.scrub),  # last: one scrub for everything before it
)
