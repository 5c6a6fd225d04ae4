"""What each application makes anew from the same source, made once for all applications of a test run.

Thousands of tests make an application of their own: without this, compiling addresses, statements and templates and
reading the static files is most of what one costs them.
"""

from __future__ import annotations

import atexit
import functools
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import MethodType
from typing import Any, ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, event as sa_event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from whitenoise import WhiteNoise
from whitenoise.responders import Redirect, StaticFile

from kiosk import assets

# The compressed static files, and what is served of them. Instance folders have a link to this folder.
STATIC = Path(tempfile.mkdtemp(prefix="kiosk-static-"))
atexit.register(shutil.rmtree, STATIC)


class KnownRule(Rule):
    """A rule that takes over what an equal rule of another application was compiled to.

    What builds an address is compiled when the first one is built: tests build few.
    """

    _compiled: ClassVar[dict[tuple[object, ...], KnownRule]] = {}

    def compile(self) -> None:
        shape = (self.rule, self.subdomain, self.host, self.merge_slashes, repr(self.defaults))
        known = self._compiled.setdefault((*shape, *self.map.converters.values()), self)
        if known is self:
            super().compile()
            return
        self._parts, self._trace, self._converters = known._parts, known._trace, known._converters
        self.arguments = set(known.arguments)
        self._build = MethodType(known._build.__func__, self)  # type: ignore[attr-defined]  # a method, as compile left it
        self._build_unknown = MethodType(known._build_unknown.__func__, self)  # type: ignore[attr-defined]

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_now(append_unknown))
            return made[0](rule, **values)

        return build


class SharedTemplates(BytecodeCache):
    """Compiled templates; a changed source has another key."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.load_bytecode(io.BytesIO(self._compiled[bucket.key]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


class SharedFiles(WhiteNoise):  # type: ignore[misc]  # whitenoise has no types
    """Static files whose folder is looked through once."""

    _known: ClassVar[dict[str, dict[str, StaticFile | Redirect]]] = {}

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        folder = os.path.realpath(root)
        if folder not in self._known:
            super().update_files_dictionary(f"{folder}/", prefix)
            self._known[folder] = self.files.copy()
        self.files.update(self._known[folder])


@functools.cache
def _published(source: Path, folder: Path) -> dict[str, str]:
    return _publish(source, folder)


def _share_statements(connection: Connection) -> None:
    connection.engine._compiled_cache = _statements


def _is_same_kind(dialect: object, other: object) -> bool:
    return type(dialect) is type(other)


def _hash_of_kind(dialect: object) -> int:
    return hash(type(dialect))


TEMPLATES = SharedTemplates()
# Compiled statements are found by their dialect, of which each engine has its own: two of one kind count as one.
_statements = LRUCache[Any, Any](2000)
_publish = assets._publish


def share() -> None:
    """Let every application that is made from now on take over what one before it made."""
    Flask.url_rule_class = KnownRule
    assets.WhiteNoise = SharedFiles  # type: ignore[attr-defined]
    assets._publish = lambda source, target: _published(source, target.resolve())
    sa_event.listen(Engine, "engine_connect", _share_statements)
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = _is_same_kind  # type: ignore[method-assign]
        kind.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]
