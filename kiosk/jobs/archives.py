"""Office files are ZIP archives. Settled, the same sheet gives the same bytes: a file drawn again is that file."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# Libraries write the present time here, whatever they are told.
TIMES = re.compile(rb"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*(<)")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def settled(archive: bytes, made_at: datetime) -> bytes:
    """Return the archive with `made_at` (aware, UTC) for every time in it."""
    stamp = made_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    file = BytesIO()
    with ZipFile(BytesIO(archive)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "docProps/core.xml":
                body = TIMES.sub(rb"\g<1>" + stamp + rb"\g<2>", body)
            new.writestr(ZipInfo(entry.filename, made_at.timetuple()[:6]), body, ZIP_DEFLATED)
    return file.getvalue()


def legal(text: str) -> str:
    """Return the text without the characters that XML cannot hold."""
    return CONTROLS.sub("", text)
