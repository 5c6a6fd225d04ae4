"""A restore tried beside: the only proof that a backup is one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kiosk.services.upkeep import commands
from kiosk.services.upkeep.diagnosis import Finding

REMEDY = "Make another backup now (flask backup FILE), and try that one."


def drill(file: Path) -> list[Finding]:
    """Restore a backup into a folder of its own, by the very command, and compare its tallies with its rows."""
    with tempfile.TemporaryDirectory(prefix="kiosk-drill-") as folder:
        restored = commands.run(Path(folder), "restore", str(file.resolve()))
        if isinstance(restored, str):
            return [Finding("fail", "drill_restore", f"The backup cannot be restored: {restored}", (REMEDY,))]
        counted = commands.run(Path(folder), "recount")
    held = f"made at {restored['made_at'][:16]} UTC: {restored['events']} events, {restored['sign_ins']} sign-ins"
    if isinstance(counted, str):
        return [Finding("fail", "drill_counts", f"The backup was restored, but does not agree: {counted}", (REMEDY,))]
    return [Finding("ok", "drill", f"The backup was restored beside and agrees with itself ({held}).")]
