"""Files for taking along. WeChat hands a download to a browser that has no cookie of ours: it brings a key."""

from __future__ import annotations

import functools
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlencode

from flask import abort, g, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from kiosk.clock import utcnow
from kiosk.services.account import staff_sessions
from kiosk.services.account.staff import StaffView
from kiosk.services.codes import Token
from kiosk.services.names import clean
from kiosk.services.tables.files import File
from kiosk.web.frame.access import View, current_staff, log_in_token, staff_required

KEY_SECONDS = 5 * 60
KEY = Token[int | None, int]("download", int | None, int)  # for one address: the log-in, until when
FULL_KEY = Token[int | None, int]("download.full", int | None, int)  # given once the audit log has kept the look
FORBIDDEN = str.maketrans(dict.fromkeys('\\/:*?"<>|', " "))  # in file names, on one system or another


def with_key(address: str, *, is_full: bool = False) -> str:
    """Return a download's address (path and query) with a key for five minutes, for whoever is logged in.

    The key ends with the log-in as well: an address in the history of a tablet that was handed on opens nothing.
    `is_full` asks for unmasked data: only the answer to a POST that wrote the look into the audit log may do so.
    """
    if is_full:
        address += ("&" if "?" in address else "?") + "full=1"
    key = (FULL_KEY if is_full else KEY).sign(address, _log_in(), int(utcnow().timestamp()) + KEY_SECONDS)
    return address + ("&" if "?" in address else "?") + urlencode({"key": key})


def is_full() -> bool:
    """Say whether this download may be unmasked, behind @staff_or_key, which lets no `full=1` in without its key."""
    return request.args.get("full") == "1"


def staff_or_key(view: View) -> View:
    """Let staff in, or who brings a key for exactly this address; the right to the event is asked as ever.

    `full=1` needs a key of its own (with_key), whoever is logged in: unmasking is a POST and a row in the audit log.
    """
    for_staff = staff_required(view)

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        holder = _holder(request.args["key"]) if "key" in request.args else None
        if holder is None and current_staff() is None and "key" in request.args:
            abort(403)  # a key that has run out; who is logged in needs none
        if holder is None and current_staff() is not None and is_full():
            abort(403)
        g.staff = holder
        return (for_staff if holder is None else view)(*args, **kwargs)

    return guarded


def send(content: bytes, mimetype: str, title: str, ending: str, *, is_inline: bool = False) -> Response:
    """Answer with a file whose name says what it is, in any language (RFC 6266)."""
    name = clean(title.translate(FORBIDDEN))[:80] or "kiosk"
    file = BytesIO(content)
    answer = send_file(file, mimetype, as_attachment=not is_inline, download_name=f"{name}.{ending}", etag=False)
    answer.headers["Cache-Control"] = "no-store"  # send_file's own lets the browser keep a copy, names and all
    return answer


def send_made(file: File) -> Response:
    """Answer with a file that a service has made, under its own name."""
    title, _, ending = file.name.rpartition(".")
    return send(file.content, file.mimetype, title, ending)


def _log_in() -> int | None:
    """Return the number of this browser's log-in, asked once a page."""
    if "kiosk_log_in" not in g:
        g.kiosk_log_in = staff_sessions.id_of(log_in_token())
    return cast("int | None", g.kiosk_log_in)


def _holder(key: str) -> StaffView | None:
    log_in, until = (FULL_KEY if is_full() else KEY).find(_address_without_key(), key) or (None, 0)
    if log_in is None or until < utcnow().timestamp():
        return None
    return staff_sessions.find_by_id(log_in)  # None once it is over, or the account put away


def _address_without_key() -> str:
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "key"]
    return request.path + ("?" + urlencode(query) if query else "")
