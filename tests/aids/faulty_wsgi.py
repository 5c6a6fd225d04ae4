"""The program with a writer that dies when it is told to; only tests load it.

An order is a file in FAULT_ORDERS, named `before` or `after`: the next worker that commits a sign-in takes it
and is gone, as by a power cut, before its COMMIT, or after it and before anybody is answered.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from gevent import monkey

from kiosk import create_app
from kiosk.services.sign_in.sign_ins import SignInResult
from kiosk.services.store.batches import Queue, Writer

sleep = monkey.get_original("time", "sleep")  # the writer's own thread has no loop to sleep in
ORDERS = Path(os.environ["FAULT_ORDERS"])


class FaultyWriter(Writer):
    """Takes an order at the commit of a batch that holds a new sign-in."""

    has_sign_in = False

    def _run_unit(self, item: Any, session: Any) -> None:
        super()._run_unit(item, session)
        self.has_sign_in |= isinstance(item.result, SignInResult) and not item.result.is_repeat

    def commit(self, transaction: Any) -> None:
        """Die before or after, if told."""
        is_meant, self.has_sign_in = self.has_sign_in, False
        if is_meant:
            _die_if_told("before")
        super().commit(transaction)
        if is_meant:
            _die_if_told("after")


def _die_if_told(moment: str) -> None:
    try:
        (ORDERS / moment).rename(ORDERS / f"{moment}-taken-by-{os.getpid()}")
    except FileNotFoundError:
        return
    sleep(0.05)  # an answer that did not wait for this commit would be out by now
    os.kill(os.getpid(), signal.SIGKILL)


app = create_app()
_settings = app.config["KIOSK"]
app.extensions["kiosk_writer"] = Queue(FaultyWriter(_settings.engine_url, _settings.instance_dir / "writer.lock"))
