"""How soon a roster of 400 rows is previewed, and how long a sign-in waits while it is imported."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from kiosk.services.account import staff_sessions
from kiosk.web.frame.access import COOKIE
from tests.aids.factories import make_event, make_staff
from tests.aids.server import Answer, Phone, Server

ROSTER = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "rosters" / "office.xlsx"
TIMES = 3
AT_LEAST = 5  # sign-ins while the import runs, or the figure says nothing


def measure(server: Server) -> tuple[float, float]:
    """Return seconds from upload to preview (median), and milliseconds of a sign-in during imports (p95)."""
    previews, waits = [], []
    with desk_at(server, "roster-bench@example.org") as (desk, token):
        for _ in range(TIMES):
            code = make_event().code
            began = time.monotonic()
            answer = upload(desk, code, token, ROSTER.read_bytes())
            assert answer.status == 303 and answer.location, answer.status
            assert desk.get(answer.location).status == 200
            previews.append(time.monotonic() - began)
            waits += _sign_in_during(server, code, partial(desk.post, answer.location, {"csrf_token": token}))
    assert len(waits) >= AT_LEAST, "the imports were over too soon"
    return statistics.median(previews), statistics.quantiles(waits, n=20)[-1] * 1000


@contextmanager
def desk_at(server: Server, email: str) -> Iterator[tuple[Phone, str]]:
    """Yield a desk at which a new account is logged in, and the token for its forms."""
    staff = make_staff(email=email)
    cookie = f"{COOKIE}={staff_sessions.begin(staff.id, address=None, user_agent=None)}"
    with Phone(server.port, headers={"Cookie": cookie}, timeout=60) as desk:
        page = desk.get("/account/password")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        desk.headers["Cookie"] += "; " + page.headers["set-cookie"].split(";")[0]
        yield desk, token[1]


def upload(desk: Phone, code: str, token: str, content: bytes) -> Answer:
    """Send a list to be previewed."""
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
    head += '--x\r\nContent-Disposition: form-data; name="file"; filename="list.xlsx"\r\n\r\n'
    body = head + content.decode("latin-1") + "\r\n--x--\r\n"
    path = f"/events/{code}/roster/import"
    return desk.send("POST", path, body, {"Content-Type": "multipart/form-data; boundary=x"})


def _sign_in_during(server: Server, code: str, confirm: Callable[[], object]) -> list[float]:
    waits: list[float] = []
    importing = threading.Thread(target=confirm)
    with server.phone() as phone:
        tickets = [phone.ticket(code) for _ in range(40)]
        importing.start()
        for number, ticket in enumerate(tickets):
            if not importing.is_alive():
                break
            fields = {"kind": "enterprise", "name": "张三", "enterprise": "东贝", "mobile": f"139{number:08d}"}
            began = time.monotonic()
            answer = phone.sign_in(code, fields, ticket)
            if importing.is_alive():
                waits.append(time.monotonic() - began)
            assert answer.status == 303, answer.status
    importing.join()
    return waits
