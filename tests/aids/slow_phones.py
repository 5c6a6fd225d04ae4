"""Phones at the edge of the hall: a long form at 2 KB a second, many at once."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlencode

RATE = 2000  # bytes a second
BODY = 6000
Result = TypeVar("Result")


def in_a_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run this in a loop of its own, in a thread: a browser's tests leave a loop in the one that they ran in."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def head(code: str, length: int) -> bytes:
    """Return how a sign-in with a body of this length begins."""
    return (
        f"POST /e/{code}/sign-in HTTP/1.1\r\nHost: door.test\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def long_body(name: str, ticket: str, size: int = BODY) -> bytes:
    """Return the form of one person, so many bytes long."""
    fields = {"kind": "guest", "name": name, "ticket": ticket, "filler": ""}
    fields["filler"] = "x" * (size - len(urlencode(fields)))
    return urlencode(fields).encode()


async def sign_in_slowly(
    port: int, code: str, name: str, ticket: str, address: str = "127.0.0.1", size: int = BODY
) -> tuple[int, float]:
    """Be a phone that sends a long form at RATE; return the answer's status, 0 for none, and the seconds it took."""
    body, began, answer = long_body(name, ticket, size), time.monotonic(), b""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        writer.write(head(code, len(body)))
        for start in range(0, len(body), RATE // 2):
            writer.write(body[start : start + RATE // 2])
            await asyncio.sleep(0.5)
        answer = await reader.read()
        writer.close()
    return int((answer.split(b" ", 2)[1:2] or [b"0"])[0]), time.monotonic() - began


async def sign_in_together(
    port: int, code: str, names: Sequence[str], tickets: Sequence[str], *, coming: float = 0.0, size: int = BODY
) -> list[tuple[int, float]]:
    """Be as many slow phones as there are names, one after the other within the seconds in which they come."""

    async def come(number: int, name: str, ticket: str) -> tuple[int, float]:
        await asyncio.sleep(coming * number / len(names))
        return await sign_in_slowly(port, code, name, ticket, size=size)

    pairs = enumerate(zip(names, tickets, strict=True))
    return list(await asyncio.gather(*(come(number, name, ticket) for number, (name, ticket) in pairs)))
