"""Long work beside the server: exports, purges, rehearsals run in a process of their own.

That process is the whole program without its web server (kiosk/beside.py): it reads the database by itself and writes
by the same writer, in small units of work, so that neither the loop nor the door waits for it. How far it is stands in
a table that every node reads; hence no channel between the two.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from flask import current_app

from kiosk import metrics
from kiosk.config import PREFIX, ROOT, Settings


def start(task: str, argument: int = 0) -> None:
    """Start the task `task` (a key of kiosk/beside.TASKS) with one number, and return at once.

    It runs at the same settings as this process and outlives it; what it says goes to the server's log.
    """
    settings: Settings = current_app.config["KIOSK"]
    command = [sys.executable, "-m", "kiosk.beside", task, str(argument)]
    process = subprocess.Popen(  # noqa: S603  (a fixed command; the task is looked up in a closed table)
        command, cwd=ROOT, env=environment(settings), stdin=subprocess.DEVNULL, start_new_session=True
    )
    # Somebody has to take its ending from the kernel; under gevent this thread is a greenlet.
    threading.Thread(target=process.wait, daemon=True).start()


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a process of ours at these settings."""
    # What it counts would be another file for each export: only the workers' is shared.
    others = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, metrics.SHARED))}
    own = {
        "INSTANCE_DIR": str(settings.instance_dir),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "BASE_URL": settings.base_url or "",
        "BIND": settings.bind,
        "WORKERS": str(settings.workers),
        "TIMEZONE": settings.timezone,
        "TRUSTED_PROXIES": str(settings.trusted_proxies),
        "METRICS_TOKEN": settings.metrics_token or "",
    }
    return {**others, **{PREFIX + name: value for name, value in own.items()}}
