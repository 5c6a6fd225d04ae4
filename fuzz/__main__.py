"""`python -m fuzz [--inputs N] [--seed N] [--processes N]`: a table of what broke; 1 when anything did.

A batch begins with the same database and goes by its own number, so that `--only BATCH` does it again.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from fuzz.judge import Fault, Judge
from fuzz.listening import make_stage
from fuzz.requests import requests
from fuzz.stage import Stage, form_token, fresh_app
from kiosk.services.tasks import beside

BATCH = 200  # inputs on one database


def run_batch(stage: Stage, folder: Path, number: int, inputs: int = BATCH, seed: int = 1) -> list[Fault]:
    """Send the inputs of one batch and return the faults of their answers."""
    chance = random.Random(f"{seed}.{number}")  # noqa: S311  no secret
    judge, faults = Judge(), []
    with fresh_app(stage, folder / f"batch{number}") as app, ExitStack() as stack:
        stack.enter_context(patch.object(beside, "start", lambda *_task: None))  # long work has its own tests
        stack.enter_context(patch.multiple(app.logger, handlers=[judge], propagate=False))
        cookies = {name: dict(role.cookies) for name, role in stage.roles.items()}
        tokens = dict(stage.form_tokens)
        for name, role in stage.roles.items():
            if role.is_staff:
                tokens[name], cookies[name] = form_token(app, role)
        for sent in islice(requests(stage, app.url_map, chance, tokens, number * BATCH), inputs):
            faults += judge.send(app, sent, stage.roles[sent.role], cookies[sent.role])
    return faults


def main() -> int:
    """Run the batches in several processes and print what they found."""
    options = _options()
    logging.disable(logging.WARNING)
    began, found = time.monotonic(), Counter[tuple[str, str, str]]()
    first: dict[tuple[str, str, str], tuple[int, Fault]] = {}
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(options.processes) as pool:
        stage = make_stage(Path(name, "stage"))
        numbers = [options.only] if options.only is not None else list(range(-(-options.inputs // BATCH)))
        work = partial(run_batch, stage, Path(name), seed=options.seed)
        for number, faults in zip(numbers, pool.map(work, numbers), strict=True):
            for fault in faults:
                found[fault.key] += 1
                first.setdefault(fault.key, (number, fault))
    for key, count in found.most_common():
        number, fault = first[key]
        print(f"{count:>6} x {fault.kind:6} {fault.route} as {fault.role}: {fault.about} (batch {number})")
    by_kind = Counter(kind for kind, _route, _about in found.elements())
    told = ", ".join(f"{by_kind[kind]} {kind}" for kind in ("500", "slow", "memory", "told"))
    print(f"{len(numbers) * BATCH} inputs in {time.monotonic() - began:.0f} s: {told}")
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=int, help="one batch, by its number")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
