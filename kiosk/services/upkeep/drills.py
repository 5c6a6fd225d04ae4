"""A restore tried beside: the only proof that a backup is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from kiosk.config import PREFIX, ROOT
from kiosk.services.upkeep.diagnosis import Finding

REMEDY = "Make another backup now (flask backup FILE), and try that one."
SECONDS = 600.0


def drill(file: Path) -> list[Finding]:
    """Restore a backup into a folder of its own, by the very command, and compare its tallies with its rows."""
    with tempfile.TemporaryDirectory(prefix="kiosk-drill-") as folder:
        restored = _command(folder, "restore", str(file.resolve()))
        if isinstance(restored, str):
            return [Finding("fail", "drill_restore", f"The backup cannot be restored: {restored}", (REMEDY,))]
        counted = _command(folder, "recount")
    held = f"made at {restored['made_at'][:16]} UTC: {restored['events']} events, {restored['sign_ins']} sign-ins"
    if isinstance(counted, str):
        return [Finding("fail", "drill_counts", f"The backup was restored, but does not agree: {counted}", (REMEDY,))]
    return [Finding("ok", "drill", f"The backup was restored beside and agrees with itself ({held}).")]


def _command(folder: str, *arguments: str) -> dict[str, Any] | str:
    """Run a command of ours on a folder of its own; return its answer, or its sentence where it could not."""
    secret = f"{PREFIX}SECRET_KEY"
    environ = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX) or key == secret}
    environ |= {f"{PREFIX}INSTANCE_DIR": folder}
    command = [sys.executable, "-m", "flask", *arguments, "--json"]
    done = subprocess.run(  # noqa: S603  a command of our own
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        return (done.stderr or done.stdout).strip().removeprefix("Error: ")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
