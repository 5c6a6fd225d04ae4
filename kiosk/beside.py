"""`python -m kiosk.beside TASK NUMBER`: one long task of services/tasks/beside, in a process of its own."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from logging.config import dictConfig

from kiosk import create_app, logs
from kiosk.services import exports
from kiosk.services.privacy import chores
from kiosk.services.rehearsals import performance
from kiosk.services.upkeep import housekeeping, in_use, schema, secret_key

log = logging.getLogger("kiosk.beside")
# The closed table of tasks; each takes the number it is started with (the id of its row, or 0).
TASKS: dict[str, Callable[[int], None]] = {
    "export": exports.make,
    "housekeeping": lambda _number: housekeeping.do_what_is_due(),
    "purge": chores.purge,
    "rehearsal": performance.perform,
}


def main(arguments: list[str]) -> int:
    """Run one task; return 0, 1 when it broke, or 2 for a name that is not in the table.

    What it says goes to the server's log and obeys its rule: of an error the type and the place, never the message,
    which quotes the row it was about.
    """
    if len(arguments) != 2 or arguments[0] not in TASKS or not arguments[1].isdigit():
        sys.stderr.write(f"Tasks: {', '.join(sorted(TASKS))}\n")
        return 2
    os.nice(5)  # people at the door come before paper
    dictConfig(logs.settings())
    app = create_app()
    in_use.share(app.config["KIOSK"].instance_dir)
    with app.app_context():
        try:
            schema.require_present()
            secret_key.require_own()
            TASKS[arguments[0]](int(arguments[1]))
        except Exception:
            log.exception("the task %s broke off", arguments[0])
            return 1
        finally:
            app.extensions["kiosk_writer"].writer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
