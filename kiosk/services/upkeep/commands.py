"""Commands of ours run on another folder or database, in processes of their own: settings are read once a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from kiosk.config import PREFIX, ROOT

SECONDS = 600.0
SECRET = "SECRET_KEY"  # noqa: S105  the setting's name


def run(folder: Path, *arguments: str, **settings: str) -> dict[str, Any] | str:
    """Run a flask command with --json on an instance folder; return its answer, or its sentence where it could not.

    Of this process's settings only the secret goes along, where the environment sets it; `settings` are others by name.
    """
    secret = PREFIX + SECRET
    environ = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX) or key == secret}
    environ |= {PREFIX + name: value for name, value in {"INSTANCE_DIR": str(folder), **settings}.items()}
    command = [sys.executable, "-m", "flask", *arguments, "--json"]
    done = subprocess.run(  # noqa: S603  a command of our own
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        return (done.stderr or done.stdout).strip().removeprefix("Error: ")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
