"""Units of one batch that are written side by side, on PostgreSQL: each waits at its next statement until the others
have come to theirs, and what several ask in the same words goes to the database once, for all of them.

A unit knows nothing of it. It is a greenlet that hands its statement to whoever runs the batch; nothing runs at the
same time. It sees what others of its batch have written only where the statements say so, which is why only those
run together that share nothing (`Item.apart`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from kiosk.services.store.statements import Driver, Statement
from kiosk.services.store.writer import Item, WriterSession

Run = Callable[[WriterSession], None]
Key = tuple[Any, ...]


class DriverBeside(Driver):
    """What a unit speaks to beside others: the batch's driver, to which it hands each statement and waits."""

    is_beside_others = True

    def __init__(self, driver: Driver) -> None:
        super().__init__(None, is_sqlite=driver.is_sqlite)
        self.keeps_counters = True
        self.known = driver.known
        self._driver = driver

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Have a statement run whose rows nobody needs."""
        self.all(statement, parameters)

    def all(self, statement: Statement, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Have a statement run and return its rows."""
        self.has_written = self.has_written or statement.is_write
        rows: list[tuple[Any, ...]] = getcurrent().parent.switch((statement, parameters))
        return rows

    def add(self, statement: Statement, key: Mapping[str, Any], steps: Mapping[str, int]) -> None:
        """Add to what the batch counts."""
        self.has_written = True
        self._driver.add(statement, key, steps)


class _Beside:
    """One unit, and the statement at which it waits."""

    def __init__(self, run: Run, driver: Driver, session: WriterSession) -> None:
        self.driver = DriverBeside(driver)
        self.asks: tuple[Statement, Mapping[str, Any]] | None = None
        self._run = run
        self._session = session
        self._answered: list[bool] = []
        self._greenlet = greenlet(self._begin)

    def _begin(self) -> None:
        self._run(self._session)
        self._answered = self._session.answered

    def go_on(self, rows: list[tuple[Any, ...]] | None = None) -> None:
        """Run it to its next statement, or to its end."""
        session = self._session
        session.driver, session.answered = self.driver, self._answered
        self.asks = self._greenlet.switch() if rows is None else self._greenlet.switch(rows)
        self._answered = session.answered

    def stop(self) -> None:
        """Leave it where it is."""
        if self._greenlet:
            self._greenlet.throw(GreenletExit)


def apart(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in their order, as many at a time as share nothing; what must be alone comes alone."""
    side_by_side: list[Item] = []
    marks: set[Hashable] = set()
    for item in items:
        own = None if item.apart is None else item.apart()
        if side_by_side and (own is None or not marks.isdisjoint(own)):
            yield side_by_side
            side_by_side, marks = [], set()
        if own is None:
            yield [item]
        else:
            side_by_side.append(item)
            marks.update(own)
    if side_by_side:
        yield side_by_side


def run_side_by_side(runs: Sequence[Run], session: WriterSession) -> None:
    """Run units to their ends; each is given the session, with a driver of its own. Raises what the database does."""
    if len(runs) == 1:
        runs[0](session)
        return
    driver = session.driver
    units = [_Beside(run, driver, session) for run in runs]
    try:
        for unit in units:
            unit.go_on()
        while waiting := [unit for unit in units if unit.asks is not None]:
            _answer(waiting, driver)
    finally:
        for unit in units:
            unit.stop()
        session.driver = driver


def _answer(waiting: Sequence[_Beside], driver: Driver) -> None:
    """Ask the database what these wait for, each statement once, and let them go on in their order."""
    asked: dict[Statement, dict[Key, Mapping[str, Any]]] = {}
    keys: list[tuple[Statement, Key]] = []
    for number, unit in enumerate(waiting):
        assert unit.asks is not None
        statement, parameters = unit.asks
        key: Key = (number,) if statement.is_write else tuple(parameters[name] for name in statement.names)
        asked.setdefault(statement, {})[key] = parameters
        keys.append((statement, key))
    answers: dict[Statement, dict[Key, list[tuple[Any, ...]]]] = {}
    for statement, by_key in asked.items():
        if statement.is_of_counters:
            driver.write_sums()
        rows = driver.all_of_each(statement, list(by_key.values()))
        answers[statement] = dict(zip(by_key, rows, strict=True))
    for unit, (statement, key) in zip(waiting, keys, strict=True):
        unit.go_on(answers[statement][key])
