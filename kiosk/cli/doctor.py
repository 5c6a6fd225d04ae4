"""flask doctor."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from kiosk.cli.output import answer, answering_with_any_secret
from kiosk.services.upkeep import diagnosis

MARKS = {"ok": "  ok  ", "warn": " warn ", "fail": " FAIL "}


@click.command("doctor")
@answering_with_any_secret
def doctor_command(as_json: bool) -> None:
    """Look at this machine and say what is wrong with it, and what helps."""
    findings = diagnosis.findings()
    is_healthy = diagnosis.is_healthy(findings)
    lines = []
    for finding in findings:
        lines.append(f"[{MARKS[finding.level]}] {finding.sentence}")
        lines.extend(f"         -> {remedy}" for remedy in finding.remedies)
    value = {"healthy": is_healthy, "findings": [asdict(finding) for finding in findings]}
    answer(value, "\n".join(lines), as_json=as_json)
    if not is_healthy:
        sys.exit(1)
