"""The table: each figure beside its reference of the same run, and the limit that it has to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table. `limit` reads like ">= 0.80"; without one the figure is for orientation.

    `beside` says in words what the same run measured of the reference.
    """

    what: str
    figure: float
    limit: str
    unit: str = ""
    beside: str = ""

    @property
    def is_good(self) -> bool:
        if not self.limit:
            return True
        sign, limit = self.limit.split()
        return self.figure >= float(limit) if sign == ">=" else self.figure <= float(limit)


def show(rows: Sequence[Row]) -> bool:
    """Print the table and which limits do not hold; say whether all of them do."""
    print(f"\n{'':60}{'figure':>10}{'limit':>10}  beside it in the same run")
    for row in rows:
        mark = "" if row.is_good else "MISSED "
        print(f"{row.what:60}{row.figure:>7.2f} {row.unit:2}{row.limit:>10}  {mark}{row.beside}")
    missed = [row for row in rows if not row.is_good]
    if missed:
        print(f"\n{len(missed)} of {sum(bool(row.limit) for row in rows)} limits do not hold:")
        for row in missed:
            print(f"  {row.what}: {row.figure:.2f} {row.unit}, limit {row.limit}")
    else:
        print("\nEvery limit holds.")
    return not missed
