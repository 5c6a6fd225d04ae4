"""Read a table that somebody sent, whatever it calls itself. A job: a hostile file ends this process only.

The answer is JSON: `{"books": [book, …]}`, likeliest first, each as kiosk/services/lists/books.py has it (more than one
only for text whose encoding is in doubt); or `{"problem": code}` with a code of services/refusals.TableCode.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
from base64 import b64decode
from typing import Any

from .sheet_cells import Unreadable, in_pieces
from .text_files import read_text_file
from .xls_cells import read_xls
from .xlsx_cells import read_xlsx

SECONDS, MEMORY = 20, 2**30  # of the processor, and bytes: what is left when every other guard was passed
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and an .xlsx behind a password
BARE_XLS = re.compile(rb"\x09[\x00\x02\x04\x08]..", re.DOTALL)  # older still: without a file system in it
NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"GIF8", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")
MARKED_UP = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style)\b|\s*MIME-Version:",
    re.IGNORECASE | re.DOTALL,
)
XML_WORKBOOK = re.compile(r"\s*<\?xml.*(?:urn:schemas-microsoft-com:office:spreadsheet|Excel\.Sheet)", re.DOTALL)
HEAD = 4096  # bytes in which a file says what it is


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: `file` is the file in base64."""
    with contextlib.suppress(ValueError, OSError):  # not everywhere; the guards below stand without it
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        answer: dict[str, Any] = {"books": list(map(in_pieces, read(b64decode(payload["file"]))))}
    except Unreadable as error:
        answer = {"problem": error.code}
    except MemoryError:
        answer = {"problem": "too_big"}
    return json.dumps(answer, ensure_ascii=False).encode()


def read(content: bytes) -> list[dict[str, Any]]:
    """Return the books that the file may be; raise Unreadable."""
    if content.startswith(b"PK"):
        return [read_xlsx(content)]
    if content.startswith(COMPOUND) or BARE_XLS.match(content):
        _check_compound(content)
        return [read_xls(content)]
    if content.startswith(NO_TABLES):
        raise Unreadable("no_table")
    _check_markup(content[:HEAD])
    return read_text_file(content)


def _check_compound(content: bytes) -> None:
    """Refuse what stands in the same kind of file and is no old workbook."""
    if not content.startswith(COMPOUND):
        return
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable("password")
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise Unreadable("old_format")


def _check_markup(head: bytes) -> None:
    """Refuse web pages and the XML of Excel 2003, which many programs save under a workbook's name."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    else:
        text = head.decode("utf-8-sig", "replace")
    if XML_WORKBOOK.match(text):
        raise Unreadable("xml_workbook")
    if MARKED_UP.match(text):
        raise Unreadable("html_table")
