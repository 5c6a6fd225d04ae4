"""A file that is only looked at: hashed as it comes in, never kept, not even on the way."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import request
from werkzeug.formparser import FormDataParser


class Hashing:
    """Where the form's parser writes an upload to: it keeps the hash and the size, and no byte."""

    def __init__(self) -> None:
        self._hash = sha256()
        self.size = 0

    def write(self, chunk: bytes) -> int:
        """Take the next bytes."""
        self._hash.update(chunk)
        self.size += len(chunk)
        return len(chunk)

    def seek(self, _position: int, _whence: int = 0) -> int:
        """Do nothing: the parser rewinds what it has written."""
        return 0

    def close(self) -> None:
        """Do nothing: nothing is open."""

    @property
    def hash(self) -> str:
        """Return the SHA-256, hexadecimal."""
        return self._hash.hexdigest()


class _HashingParser(FormDataParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "stream_factory": lambda *_about, **_more: Hashing()})


def hash_upload(name: str, most: int) -> Hashing | None:
    """Hash the file that this request's form brings as `name`; None when none was chosen.

    Nothing may have read the form before. Raises RequestEntityTooLarge above `most` bytes; see frame/bodies.
    """
    request.form_data_parser_class = _HashingParser
    # A form without files is read as a whole: it keeps the limit of all others.
    if request.mimetype == "multipart/form-data":
        request.max_content_length = most
    sent = request.files.get(name)
    hashed = sent.stream if sent is not None else None
    is_chosen = sent is not None and bool(sent.filename)  # browsers send a part without a name for no file
    return hashed if isinstance(hashed, Hashing) and (is_chosen or hashed.size) else None
