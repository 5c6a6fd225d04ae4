"""Templates as `make install` has compiled them: a page costs a few milliseconds the first time, not hundreds, and the
compiler leaves no rubbish in a worker's memory (docs/decisions/0029-memory.md).

A template that was changed since is compiled anew where it is used, and so are all of them where nothing was compiled
or what compiles them is another.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from kiosk.config import ROOT
from kiosk.web.frame import htmx_names

BUILD = ROOT / "build"


class CompiledTemplates(FileSystemBytecodeCache):
    """Reads what was compiled; writing is for tools/compiled_templates.py."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep nothing: a server may not be able to write there."""


def folder_of(environment: Environment, build: Path = BUILD) -> Path:
    """Return where the templates of an environment lie that were compiled as it would compile them. Each source is
    looked at by jinja; what else decides is in the folder's name."""
    extensions = sorted(environment.extensions)
    ways = (jinja2.__version__, extensions, environment.trim_blocks, environment.lstrip_blocks)
    digest = hashlib.sha256(repr(ways).encode() + Path(htmx_names.__file__).read_bytes())
    return build / f"templates-{digest.hexdigest()[:12]}"


def use_compiled(environment: Environment) -> None:
    """Let an environment take its templates from where they were compiled, if they were."""
    folder = folder_of(environment)
    if folder.is_dir():
        environment.bytecode_cache = CompiledTemplates(str(folder))
