"""A file that is handed out, and how whoever makes one says how far it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Progress = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True)
class File:
    """A file's bytes; `name` with its ending; `unprintable` are characters that its fonts lack."""

    name: str
    mimetype: str
    content: bytes
    unprintable: str = ""


@dataclass(frozen=True)
class Asked:
    """What an export is asked for, and by whom; `options` are plain JSON."""

    staff_id: int
    options: Mapping[str, Any]
    event_id: int | None = None
    campaign_id: int | None = None
