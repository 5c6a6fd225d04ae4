"""`python -m tools.compiled_templates`: compile every template, for kiosk/compiled.py. What did not change stays."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

from kiosk import create_app
from kiosk.compiled import BUILD, folder_of
from kiosk.config import read_settings


def make(build: Path = BUILD) -> Path:
    """Compile the templates into a folder and return it; those of other versions go."""
    with tempfile.TemporaryDirectory() as instance:
        environment = create_app(read_settings({"KIOSK_INSTANCE_DIR": instance})).jinja_env
    folder = folder_of(environment, build)
    for other in build.glob("templates-*"):
        if other != folder:
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    environment.bytecode_cache = FileSystemBytecodeCache(str(folder))
    for name in environment.list_templates():
        environment.get_template(name)
    return folder


if __name__ == "__main__":
    make()
