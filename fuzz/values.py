"""What is sent: plausible values, and such as have broken programs. None holds a canary's whole name or number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

PLAUSIBLE = (
    "王强",
    "湖北东贝集团",
    "13800138000",
    "0001",
    "enterprise",
    "student",
    "guest",
    "1",
    "2",
    "0",
    "zh",
    "en",
    "xlsx",
    "csv",
    "pdf",
    "2026-09-10",
    "2026-09-10T09:00",
    "09:05",
    "4.5",
    "初二(3)班",
    "admin@example.org",
    "refuse",
    "on",
    "wait_list",
    "yes",
    "sick",
    "质量月",
    "K7M4PQ",
    "arrived",
    "name",
    "ALL",
    "Asia/Shanghai",
    "甲",
    "金",
)
NUMBERS = (
    "-1", "0x10", "1e400", "NaN", "9" * 21, "9" * 4_301, "253402300800", "2147483648", "٣", "1_000", "0001-01-01",
    "9999-12-31", "2026-02-30", "9999-12-31T23:59+14:00", "25:61", "+1", "1" * 300,
)  # fmt: skip
LONG = tuple(
    "a" + part * (length // len(part)) + end * length
    for length in (5_000, 20_000)
    for part, end in (
        ("\u0301", "\u0323"), ("\u0f73", ""), ("\uff9e\u0301", ""), ("(", ""), ("（", ""), (" ", ""), ("1 ", ""),
        ("a@", ""), ("\n", ""), ("长", ""), (",", ""),
    )
)  # fmt: skip
# What has broken this program before; each of its routes is sent each of them (fuzz/requests.sweep).
TOO_FAR = ("253402300800", "9" * 4_301)
TOO_MUCH = ("a" + "\u0301" * 20_000 + "\u0323" * 20_000, "a" + "(" * 20_000)  # as much as the longest form holds
ODD = (
    "", " ", "\0", "\x7f\x1b[31m", "'", '"><script>alert(1)</script>', "{{ 7*7 }}", "%", "%s%n", "../../etc/passwd",
    "' OR 1=1 --", "\ud83d\ude00", "\ufffe", "\u202e\u200f", "\t".join("x" * 500), "http://evil.example/",
    "//evil.example", "\\\\evil", "http://[", "javascript:alert(1)", "null", "[]", "{}", "true", "W10.W10",
    "eyJhIjoxfQ.AAAA", "." * 300, "=" * 301, "=cmd|' /C calc'!A0", "@SUM(A1)", "\u2028", "\r\nSet-Cookie: a=b",
)  # fmt: skip
HEADERS = {
    "Accept-Language": ("en", "zh-CN,zh;q=0.9", "*;q=x", "en;q=" + "9" * 400, "\u00e9"),
    "HX-Request": ("true",),
    "Origin": ("null", "http://evil.example", "http://localhost", "http://[", "x" * 300),
    "Referer": ("http://localhost/e/ABC", "http://[::1", "x" * 300),
    "Host": ("localhost", "evil.example", "a:b:c", "[", "x" * 300, "localhost:99999"),
    "Range": ("bytes=0-", "bytes=9-1", "bytes=" + "0-1," * 200),
    "If-Modified-Since": ("Mon, 01 Jan 0001 00:00:00 GMT", "yesterday", "9" * 200),
    "X-Forwarded-For": ("1.2.3.4", "x" * 300, "\u00e9"),
    "X-Forwarded-Proto": ("https",),
    "User-Agent": ("", "x" * 2_000, "MicroMessenger"),
    "Cookie": ("kiosk_staff=x; lang=" + "e" * 500, "=;=;=", "kiosk_me=W10.W10; kiosk_form=eyJ9.x.y"),
    "Accept-Encoding": ("gzip", "br;q=" + "1" * 300),
}
TYPES = ("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "a/b/c", "\u00e9")


def value(chance: random.Random, known: Sequence[str]) -> str:
    """Return something to be sent: known here, plausible, hostile, or a known one that was bent."""
    kind = chance.random()
    if kind < 0.2:
        return chance.choice(known)
    if kind < 0.45:
        return chance.choice(PLAUSIBLE)
    return chance.choice(chance.choice((NUMBERS, LONG, ODD))) if kind < 0.9 else bent(chance, chance.choice(known))


def bent(chance: random.Random, text: str) -> str:
    """Return a text with one place changed, cut, or doubled."""
    at = chance.randrange(len(text) + 1)
    return chance.choice((text[:at], text[at:], text[:at] + "A" + text[at + 1 :], text + text, text.swapcase()))


def files() -> list[tuple[str, bytes]]:
    """Return files as they are sent to imports and to /verify: one that is right, and such as mean harm."""
    rows = [["姓名", "单位", "手机"], *([f"陈{chr(0x4E00 + n)}", "东贝", f"139{n:08d}"] for n in range(40))]
    good = _workbook(rows)
    merged = _workbook([["姓名", "单位"], *([f"陈{chr(0x4E00 + n)}", "东贝"] for n in range(2_000))])
    merges = b'</sheetData><mergeCells count="9">' + b'<mergeCell ref="B2:B5000"/>' * 15_000 + b"</mergeCells>"
    return [
        ("roster.xlsx", good),
        ("cut.xlsx", good[: len(good) // 2]),
        ("merges.xlsx", _changed(merged, b"</sheetData>", merges)),
        ("entities.xlsx", _changed(good, b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet')),
        ("roster.csv", "\n".join(",".join(row) for row in rows).encode("gb18030")),
        ("long.csv", "姓名,单位\n王强,".encode() + b"a" * 200_000),
        ("marks.csv", ("姓名\na" + "\u0301" * 50_000 + "\u0323" * 50_000).encode()),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
        ("empty.csv", b""),
        ("../../x.csv\0", b"\xff\xfe\x00"),
    ]


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _changed(content: bytes, old: bytes, new: bytes) -> bytes:
    file = BytesIO()
    with ZipFile(BytesIO(content)) as before, ZipFile(file, "w", ZIP_DEFLATED) as after:
        for info in before.infolist():
            part = before.read(info.filename)
            after.writestr(info.filename, part.replace(old, new, 1) if "sheet1" in info.filename else part)
    return file.getvalue()
