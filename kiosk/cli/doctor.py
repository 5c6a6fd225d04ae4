"""flask doctor."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from kiosk.cli.output import answer, answering_with_any_secret
from kiosk.services.upkeep import diagnosis, drills

MARKS = {"ok": "  ok  ", "warn": " warn ", "fail": " FAIL "}


@click.command("doctor")
@click.option("--drill", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Try a backup.")
@answering_with_any_secret
def doctor_command(file: Path | None, as_json: bool) -> None:
    """Look at this machine and say what is wrong with it, and what helps; with --drill, at the backup FILE."""
    findings = diagnosis.findings() if file is None else drills.drill(file)
    is_healthy = diagnosis.is_healthy(findings)
    lines = []
    for finding in findings:
        lines.append(f"[{MARKS[finding.level]}] {finding.sentence}")
        lines.extend(f"         -> {remedy}" for remedy in finding.remedies)
    value = {"healthy": is_healthy, "findings": [asdict(finding) for finding in findings]}
    answer(value, "\n".join(lines), as_json=as_json)
    if not is_healthy:
        sys.exit(1)
