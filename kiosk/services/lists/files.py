"""A list that comes as a file: read in a job's process, so that a hostile one ends that process only."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from kiosk.jobs.runner import JobFailed, run_job
from kiosk.services import pauses
from kiosk.services.lists.books import Book, book_of
from kiosk.services.refusals import Refused

MOST_BYTES = 5 * 2**20
MOST_ROWS = 5_000
SECONDS = 25.0


def read_file(content: bytes) -> tuple[Book, ...]:
    """Return the ways in which a workbook or a text file may be read, the likeliest first; raise Refused.

    Raises JobFailed where that is not the file's fault.
    """
    if len(content) > MOST_BYTES:
        raise Refused("too_big")
    pauses.count_as_long()  # the file and what the job is sent of it
    try:
        answer: dict[str, Any] = json.loads(
            run_job("read_table", {"file": b64encode(content).decode()}, timeout=SECONDS)
        )
    except JobFailed as error:
        if not error.ran_out:
            raise
        raise Refused("too_big") from error
    if "problem" in answer:
        raise Refused(answer["problem"], count=MOST_ROWS)
    return tuple(map(book_of, answer["books"]))
