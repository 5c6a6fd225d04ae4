"""What the server says to its log: one JSON object a line, without names, mobiles or secret addresses."""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from logging.config import dictConfig
from types import TracebackType
from typing import Any

from gunicorn.glogging import Logger

# Addresses that are capabilities: whoever reads the log must not be able to open them.
_SECRET_PATH = re.compile(r"(/(?:done|d|setup|reset|g|n|s|st|group|verify|import)/)[^\s?\"'/]+")
_SECRET_ARGUMENT = re.compile(r"([?&](?:trial|entrance|key|ticket|token|code)=)[^\s&\"']+")


def cut_secrets(text: str) -> str:
    """Return the text with the secret ends of addresses replaced by dots."""
    return _SECRET_ARGUMENT.sub(r"\1…", _SECRET_PATH.sub(r"\1…", text))


class JsonLines(logging.Formatter):
    """A record as one line of JSON. Of an exception the type and the frames, never the message.

    A database's message quotes the row it refused, and so a name and a mobile.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": cut_secrets(record.getMessage()),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _exceptions(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _exceptions(error: BaseException) -> list[dict[str, Any]]:
    chain: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        chain.append({"type": _type(seen), "frames": _frames(seen.__traceback__)})
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return chain


def _type(error: BaseException) -> str:
    state = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    return f"{type(error).__module__}.{type(error).__qualname__}{f' {state}' if state else ''}"


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-12:]]


def settings(level: str = "INFO") -> dict[str, Any]:
    """Return the dictConfig of the whole server: everything to standard error, as JSON lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"level": level, "handlers": ["stderr"]},
        # gunicorn adds handlers of its own to its loggers; these replace them.
        "loggers": {
            "gunicorn.error": {"level": level, "handlers": ["stderr"], "propagate": False},
            "alembic": {"level": "WARNING"},  # it greets every process with six lines
        },
    }


class ServerLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger, writing as the program does.

    Given as logconfig_dict instead, the settings would switch gunicorn's access log on: every request's line
    would be made and thrown away.
    """

    def setup(self, cfg: Any) -> None:
        """Set the loggers up, and again after a reload."""
        super().setup(cfg)
        dictConfig(settings())
