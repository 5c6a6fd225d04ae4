"""What a failed write means, by what the database's driver says of it."""

from __future__ import annotations

REPLAYED_STATES = {"40P01", "40001"}  # deadlock, serialisation failure
BUSY_STATES = {"55P03", "57014"}  # a lock or a statement took longer than the wait
LOST_STATES = ("08", "57P0")  # connection exceptions; the server shuts down or starts


def verdict_on(error: BaseException) -> str:
    """Say what a failure means: busy (waited long enough), lost (no connection), conflict (replay), other."""
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None)
    if state in BUSY_STATES or getattr(original, "sqlite_errorname", "") == "SQLITE_BUSY":
        return "busy"
    if state in REPLAYED_STATES:
        return "conflict"
    is_psycopg_operational = (
        state is None
        and type(original).__module__.startswith("psycopg")
        and type(original).__name__ == "OperationalError"
    )
    if (
        getattr(error, "connection_invalidated", False)
        or is_psycopg_operational
        or str(state or "").startswith(LOST_STATES)
    ):
        return "lost"
    return "other"
