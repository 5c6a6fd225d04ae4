"""`python -m jobs NAME` (see runner.py): JSON on stdin, the job's bytes on stdout, complaints on stderr."""

from __future__ import annotations

import importlib
import json
import os
import sys

# The closed table: a job's name and the module beside this file whose `run(payload: dict) -> bytes` does it.
# By name, so that a job imports its own libraries only.
JOBS = {
    "badges": "badges",
    "emergency_sheet": "emergency_sheet",
    "poster": "poster",
    "proof_pdf": "proof_pdf",
    "qr_png": "qr_png",
    "read_table": "read_table",
    "report_pdf": "report_pdf",
    "report_xlsx": "report_xlsx",
    "sheet_docx": "sheet_docx",
    "sheet_pdf": "sheet_pdf",
    "sheet_xlsx": "sheet_xlsx",
}


def main(arguments: list[str]) -> int:
    """Run one job; return 0, or 2 for a name that is not in the table."""
    if len(arguments) != 1 or arguments[0] not in JOBS:
        sys.stderr.write(f"Jobs: {', '.join(sorted(JOBS))}\n")
        return 2
    os.nice(5)  # people at the door come before paper
    # python-docx brings lxml along, with which openpyxl would read strangers' workbooks past defusedxml's guard.
    os.environ["OPENPYXL_LXML"] = "False"
    answer = sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not spoil the bytes
    module = importlib.import_module(f".{JOBS[arguments[0]]}", __package__)
    answer.write(module.run(json.load(sys.stdin)))
    answer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
