"""PostgreSQL's planner is told of tables that have grown.

It keeps a prepared statement's plan until a table's statistics are new. Autovacuum makes them a minute late: in the
first minute of a new server each sign-in read every row of its event, by the index that was as good as any other while
the table was empty. A roster that was just imported would be read as a whole for each person, likewise.
"""

from __future__ import annotations

import time
from typing import Any

LOOK_SECONDS = 1.0
# Twice as many pages as when it was last counted, of tables that have more than a few.
GROWN = """SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
        AND pg_relation_size(oid) / current_setting('block_size')::integer > 2 * relpages + 8"""


class PlannerNews:
    """Looks, once a second at most, which tables have grown, on a connection that commits by itself."""

    def __init__(self) -> None:
        self._looked_at = float("-inf")

    def look(self, connection: Any) -> None:
        """Have the tables counted that have grown; one that another process counts is left to it."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        for (table,) in connection.execute(GROWN).fetchall():
            connection.execute(f"ANALYZE (SKIP_LOCKED) {table}")
