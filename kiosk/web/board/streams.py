"""A screen's stream: whatever its channel has new, written until it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import Flask, Response, current_app, request

from kiosk.extensions import one_of_app
from kiosk.services.board.people import PeopleFilter
from kiosk.services.event.event_views import EventView
from kiosk.services.store import live
from kiosk.web.board import channels, held_streams
from kiosk.web.board.channels import Channel, Channels, Showing, Viewer
from kiosk.web.board.frames import Gzipped, Parcel, Plain
from kiosk.web.frame.access import log_in_token
from kiosk.web.frame.inputs import query
from kiosk.web.frame.words import language

LIFE_SECONDS = 600.0  # a stream ends by itself and is opened again: a gone tablet shows at a write only
RETRY = Parcel(["retry: 1000\n\n"])


def answer(event: EventView, wanted: PeopleFilter, *, may_run: bool) -> Response:
    """Return server-sent events: the present state at once, then every change, a beat when nothing happens.

    No database connection is held between two events. It ends when the reader is logged out, loses the event or gets
    other rights in it, for newer streams of the same log-in (held_streams), and after ten minutes.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    is_packed = request.accept_encodings["gzip"] > 0
    showing = Showing(event.id, event.code, language(), may_run, wanted, query.is_set("patches"), is_packed)
    viewer = Viewer(log_in_token())
    boards = one_of_app(channels.EXTENSION, Channels)
    channel = boards.joined(app, showing, request.root_url, live.listen(event.id), viewer)
    held = held_streams.of(app).held(viewer.log_in, viewer)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if is_packed:
        headers["Content-Encoding"] = "gzip"

    def events() -> Iterator[bytes]:
        with channel as joined, held:
            yield from _frames(joined, viewer, Gzipped() if is_packed else Plain())

    return Response(events(), mimetype="text/event-stream", headers=headers)


def _frames(channel: Channel, viewer: Viewer, line: Plain) -> Iterator[bytes]:
    ends_at, number = time.monotonic() + LIFE_SECONDS, 0
    yield line.begin() + line.add(RETRY)
    while not viewer.is_over and (not number or time.monotonic() < ends_at):
        frame = channel.frame
        if frame is not None and frame.number != number:
            yield line.add(frame.news if number and frame.number == number + 1 else frame.whole)
            number = frame.number
        else:
            viewer.wait()
    yield line.end()
