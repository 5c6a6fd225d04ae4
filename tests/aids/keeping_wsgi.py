"""The program, which keeps a copy of every page that it sends in the folder PAGES; only tools/validate.py loads it."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from flask import Response, request

from kiosk import create_app

FOLDER = Path(os.environ["PAGES"])

app = create_app()


@app.after_request
def keep(answer: Response) -> Response:
    """Keep one copy of each page of a length: a token in it is no other page."""
    if answer.mimetype == "text/html" and not answer.is_streamed and not 300 <= answer.status_code < 400:
        text = answer.get_data(as_text=True)
        at = sha256(request.path.encode()).hexdigest()[:6]
        name = f"{request.endpoint or 'nothing'}-{answer.status_code}-{at}-{len(text)}.html"
        (FOLDER / name).write_text(text, encoding="utf-8")
    return answer
