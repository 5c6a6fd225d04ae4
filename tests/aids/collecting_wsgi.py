"""A program that answers how often this worker has looked at everything that it has in memory, frozen or not."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable
from typing import Any


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the number of collections of the oldest generation, which are seldom but where one is asked for, and
    after how many objects the youngest is collected."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [json.dumps([gc.get_stats()[2]["collections"], gc.get_threshold()[0]]).encode()]
