"""The process from which tests/aids/server_forks.py has gunicorn forked: it has the program's libraries already.

Each request on stdin is a line of JSON: the arguments, the environment and the log of a server; each answer on stdout
is its process id.
"""
# ruff: noqa: E402, I001  in the order of `python -m gunicorn` and gunicorn.conf.py

from __future__ import annotations

from gunicorn.app import wsgiapp

from gevent import monkey

monkey.patch_all()

import contextlib
import json
import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

import kiosk.logs
import kiosk.serving
import kiosk.services.host.awake
import kiosk.services.store.writer_gevent
import kiosk.services.upkeep.housekeeping
import kiosk.services.upkeep.in_use
import kiosk.services.upkeep.secret_key  # noqa: F401  for who is forked


def serve() -> None:
    """Fork one server after another until there are no more."""
    while line := sys.stdin.buffer.readline():
        wanted = json.loads(line)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        child = os.fork()
        if not child:
            _become(wanted["arguments"], wanted["environ"], wanted["log"])
            wsgiapp.run(prog="gunicorn")
            return
        sys.stdout.buffer.write(b"%d\n" % child)
        sys.stdout.buffer.flush()


def _become(arguments: list[str], environ: dict[str, str], log: str) -> None:
    """Take on what a process of the server's own would be started with."""
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(output)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["gunicorn", *arguments]


if __name__ == "__main__":
    serve()
