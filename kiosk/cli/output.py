"""How commands answer: a sentence for people, one JSON object with --json."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def answer(value: Any, sentence: str, *, as_json: bool) -> None:
    """Print `value` as JSON or the sentence."""
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else sentence)
