"""The one way to write. A unit of work is a function of the writer's own session, declared once with `unit`:

    @unit
    def set_starred(session: WriterSession, event_id: int, entry_id: int, *, is_starred: bool) -> bool: ...

    set_starred(event_id, entry_id, is_starred=True)  # a unit of its own: on disk when it returns
    set_starred.within(session, event_id, entry_id, is_starred=True)  # a part of the unit that `session` writes

It returns plain values or frozen dataclasses, never ORM objects, and may run more than once: it runs behind a
savepoint, in a transaction that it shares (services/store/batches). Before it waits for its turn, whoever writes ends
the read of `db.session`: no old snapshot and no connection are held meanwhile, and rows read before are read anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from sqlalchemy.orm import Session

from kiosk.extensions import db, this_app
from kiosk.services.store.statements import Driver
from kiosk.services.store.verdicts import Cause

WAIT_SECONDS = 3.0  # for the writer to come round; then it is WriterBusy
NOTE_SECONDS = 0.25  # the same for what a page can do without
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Marks = Callable[[], Collection[Hashable]]


class WriterBusy(Exception):
    """The write was not made within the wait, or its outcome is unknown; the retry's key decides."""

    cause: Cause | None = None  # why the disk took nothing, where it was the disk


class DiskFailed(WriterBusy):
    """The disk took nothing, or may have; `cause` says why. It is tried again like what met a busy writer."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"the disk failed: {cause}")
        self.cause = cause


class OutOfStep(Exception):
    """A unit that was written beside others depends on them after all: the batch is written one by one."""


class WriterSession(Session):
    """The session that a unit of work gets. `driver` is for the hot path's prepared statements."""

    driver: Driver
    answered: list[bool]  # of each sign-in of the unit: whether it was a repeat


Work = Callable[[WriterSession], Any]


@dataclass(frozen=True)
class SharedRow:
    """A row that several events may write, such as an organisation: written first, in the order of `key`."""

    key: tuple[str, ...]
    write: Work


@dataclass
class Item:
    """A unit of work on its way through a batch."""

    work: Work
    event_id: int | None = None
    shared: Sequence[SharedRow] = ()
    result: Any = None
    error: BaseException | None = None
    answered: Sequence[bool] = ()  # WriterSession.answered
    is_quick: bool = False
    # Tells what it shares with no unit beside it; None: it is written alone (store/side_by_side).
    apart: Marks | None = None
    wait: float = WAIT_SECONDS
    is_done: bool = False
    is_abandoned: bool = False
    wake: Callable[[], None] = field(default=lambda: None)
    # The caller's context, so that current_app means the same in the writer's thread.
    context: Context = field(default_factory=copy_context)


def end_read() -> None:
    """End the read of this request or command, if there is one: before it waits for anything but the database."""
    reads = db.session.registry
    if reads.registry and reads.has():  # in a rush nobody reads: whose this is need not be worked out
        db.session.rollback()


def run(
    work: Callable[[WriterSession], Result],
    *,
    event_id: int | None = None,
    shared: Sequence[SharedRow] = (),
    is_quick: bool = False,
    apart: Marks | None = None,
    wait: float = WAIT_SECONDS,
) -> Result:
    """Write: run `work` in a shared transaction and return its result after the commit is on disk.

    `event_id` names the event whose counter the work changes; `shared` are rows to be there before it.
    `is_quick` says that it takes a fraction of a millisecond, so that it need not leave the server's loop, and that of
    the event's counters it knows only what it is told (services/tallies). `apart` as in `Item`.
    Raises what `work` raises (its own writes are taken back, others' are not), or WriterBusy after `wait` seconds.
    """
    end_read()
    item = Item(work, event_id, shared, is_quick=is_quick, apart=apart, wait=wait)
    result: Result = _result_of(item, this_app().extensions["kiosk_writer"])
    return result


def run_with(queue: Any, work: Callable[[WriterSession], Result], **about: Any) -> Result:
    """Do what `run` does without an application context, for the server's own background work."""
    result: Result = _result_of(Item(work, **about), queue)
    return result


def _result_of(item: Item, queue: Any) -> Any:
    queue.submit(item)
    if item.error is not None:
        raise item.error
    return item.result


class Unit(Generic[Parameters, Result]):
    """A declared unit of work: called without a session it is written alone, `within` a session it is a part."""

    within: Callable[Concatenate[WriterSession, Parameters], Result]

    def __init__(
        self,
        work: Callable[Concatenate[WriterSession, Parameters], Result],
        *,
        event: Callable[..., int | None],
        shared: Callable[..., Sequence[SharedRow]] | None,
        ahead: Callable[..., None] | None,
        apart: Callable[..., Collection[Hashable]] | None,
        is_quick: bool,
    ) -> None:
        update_wrapper(self, work)
        self.within = work
        self._event = event
        self._shared = shared
        self._ahead = ahead
        self._apart = apart
        self._is_quick = is_quick

    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        """Write it alone and return its result; see `run`."""
        return self._run(WAIT_SECONDS, args, kwargs)

    def if_free(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> bool:
        """Write it alone if the writer comes round at once, and say whether it did: for what a page notes beside
        what it shows, and need neither wait nor fail for."""
        try:
            self._run(NOTE_SECONDS, args, kwargs)
        except WriterBusy:
            return False
        return True

    def _run(self, wait: float, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Result:
        if self._ahead is not None:
            self._ahead(*args, **kwargs)
        shared = () if self._shared is None else self._shared(*args, **kwargs)
        return run(
            lambda session: self.within(session, *args, **kwargs),
            event_id=self._event(*args, **kwargs),
            shared=shared,
            is_quick=self._is_quick,
            apart=None if self._apart is None else partial(self._apart, *args, **kwargs),
            wait=wait,
        )


def no_event(*_args: Any, **_kwargs: Any) -> None:
    """The answer of a unit that changes no event's counter."""


@overload
def unit(work: Callable[Concatenate[WriterSession, Parameters], Result], /) -> Unit[Parameters, Result]: ...


@overload
def unit(
    *,
    event: Callable[..., int | None] | None = None,
    shared: Callable[..., Sequence[SharedRow]] | None = None,
    ahead: Callable[..., None] | None = None,
    apart: Callable[..., Collection[Hashable]] | None = None,
    is_quick: bool = False,
) -> Callable[[Callable[Concatenate[WriterSession, Parameters], Result]], Unit[Parameters, Result]]: ...


def unit(
    work: Any = None,
    /,
    *,
    event: Callable[..., int | None] | None = None,
    shared: Callable[..., Sequence[SharedRow]] | None = None,
    ahead: Callable[..., None] | None = None,
    apart: Callable[..., Collection[Hashable]] | None = None,
    is_quick: bool = False,
) -> Any:
    """Declare a unit of work. Its event is the parameter `event_id` where it has one.

    `event` tells it from the call's arguments otherwise (`no_event`: `event_id` is only looked up, and its counter
    stands as it was), and `shared` the rows to be there before; `ahead` does what needs no turn, with the same
    arguments; `apart` tells what it shares with nobody beside it; `is_quick` as in `run`.
    """

    def declare(work: Callable[Concatenate[WriterSession, Parameters], Result]) -> Unit[Parameters, Result]:
        return Unit(
            work, event=event or _event_by_name(work), shared=shared, ahead=ahead, apart=apart, is_quick=is_quick
        )

    return declare if work is None else declare(work)


def _event_by_name(work: Callable[..., Any]) -> Callable[..., int | None]:
    """Return what finds `event_id` in a call; where it stands is worked out here, once."""
    names = list(inspect.signature(work).parameters)[1:]
    if "event_id" not in names:
        return no_event
    position = names.index("event_id")

    def find(*args: Any, **kwargs: Any) -> int | None:
        return args[position] if len(args) > position else kwargs.get("event_id")

    return find
