"""Error pages: one frame, one sentence, one thing to do. Never a stack trace."""

from __future__ import annotations

from flask import Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from kiosk.jobs.runner import JobFailed
from kiosk.services.account import passwords
from kiosk.services.event.cleared import EventCleared
from kiosk.services.refusals import Unknown
from kiosk.services.store import disk
from kiosk.services.store.verdicts import Cause, verdict_on
from kiosk.services.store.writer import WriterBusy

WORDED = {400, 401, 403, 404, 405, 408, 409, 410, 413, 429, 500, 503}

BROKEN = ("我们这边出了问题", "请告诉现场工作人员，可由工作人员代为签到。", "Something broke on our side",
          "Please tell a steward, who can sign you in by hand.")  # fmt: skip


def bare_page(status: int, words: tuple[str, str, str, str]) -> str:
    """Return a page made of nothing that could break: heading and sentence in Chinese and in English."""
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>{}</title><h1>{}</h1><p>{}</p><h1 lang="en">{}</h1><p lang="en">{}</p>'
    ).format(status, *words)


def register_errors(app: Flask) -> None:
    """Answer every failure with a page."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, lambda error: _page(403))
    app.register_error_handler(WriterBusy, lambda error: _unavailable(error.cause))
    app.register_error_handler(passwords.Busy, lambda error: _unavailable(None))
    app.register_error_handler(JobFailed, _job_failed)
    app.register_error_handler(Unknown, lambda error: _page(404))
    app.register_error_handler(EventCleared, lambda error: _page(410))  # while the page was open
    app.register_error_handler(Exception, _crash)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    body, status = _page(error.code)
    return body, status, [(k, v) for k, v in error.get_headers() if k.lower() not in ("content-type", "content-length")]


def _crash(error: Exception) -> ResponseReturnValue:
    if verdict_on(error) in ("busy", "lost", "disk"):  # a read: writes raise WriterBusy
        return _unavailable(disk.read_failed(error))
    current_app.logger.error("a request crashed", exc_info=error)
    return _page(500)


def _job_failed(error: JobFailed) -> ResponseReturnValue:
    current_app.logger.error("a job failed: %s", error.line)
    return *_page(503, is_job=True), {"Retry-After": "60"}


def _unavailable(cause: Cause | None) -> ResponseReturnValue:
    return *_page(503, cause), {"Retry-After": "5" if cause else "2"}


def _page(status: int, cause: Cause | None = None, *, is_job: bool = False) -> tuple[str, int]:
    try:
        worded = status if status in WORDED else 400
        page = render_template("frame/error.html", status=worded, cause=cause, is_job=is_job)
        return page, status
    except Exception:  # the page itself broke: nobody gets a bare answer
        current_app.logger.exception("an error page crashed")
        return bare_page(500, BROKEN), 500
