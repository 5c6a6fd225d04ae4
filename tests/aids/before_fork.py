"""A server up to the moment before its first worker is forked: what it has open then, as a line of JSON.

`python -m tests.aids.before_fork` is started at the settings that the server is to have.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from importlib import import_module
from pathlib import Path

from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.arbiter import Arbiter

from tests.aids.paths import ROOT

FILES, THREADS, MODULES, TEMPLATES, COLLECTS = "files", "threads", "modules", "templates", "collects"


def look() -> dict[str, object]:
    """Start gunicorn as far as its first fork, and look at this process."""
    sys.argv = ["gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"]
    arbiter = Arbiter(WSGIApplication(prog="gunicorn"))
    arbiter.cfg.on_starting(arbiter)
    import_module("kiosk.launcher")  # under `make run` it is in the same process
    links = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    threads = [*map(str, Path("/proc/self/task").iterdir()), *(each.name for each in threading.enumerate())]
    templates = sorted(str(name) for _loader, name in arbiter.app.wsgi().jinja_env.cache)
    loaded = {MODULES: sorted(sys.modules), TEMPLATES: templates, COLLECTS: gc.isenabled()}
    return {FILES: sorted(links), THREADS: threads, **loaded}


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(look())}\n")
