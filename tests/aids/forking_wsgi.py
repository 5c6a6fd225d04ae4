"""The program, whose jobs are forked from ones that have their libraries: for a server that reads a hundred lists."""

from __future__ import annotations

import contextlib

from kiosk import create_app
from kiosk.jobs import runner
from tests.aids.job_forks import Forks

runner.start = Forks(contextlib.ExitStack()).start
app = create_app()
