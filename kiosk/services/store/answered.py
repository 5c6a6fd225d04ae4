"""What a unit of work has answered to sign-ins, noted for `/metrics`: counted once its batch is on disk."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from kiosk.services.store.writer import WriterSession

Request = TypeVar("Request")
Result = TypeVar("Result", bound=Any)


def noted(work: Callable[[WriterSession, Request], Result]) -> Callable[[WriterSession, Request], Result]:
    """Note of each sign-in whether it was a repeat, also of those within another unit."""

    @functools.wraps(work)
    def sign_in(session: WriterSession, request: Request) -> Result:
        result = work(session, request)
        session.answered.append(result.is_repeat)
        return result

    return sign_in
