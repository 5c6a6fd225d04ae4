"""How commands answer: a sentence for people, one JSON object with --json."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from kiosk.services.event.cleared import EventCleared
from kiosk.services.refusals import Unknown
from kiosk.services.store.writer import WriterBusy

json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def answer(value: Any, sentence: str, *, as_json: bool) -> None:
    """Print `value` as JSON or the sentence."""
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else sentence)


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Say in a sentence that the database is busy or was never created, where a traceback would hide it."""
    try:
        yield
    except WriterBusy as error:
        raise click.ClickException("The database is busy just now; please try again.") from error
    except Unknown as error:
        raise click.ClickException(f"There is no {error}.") from error
    except EventCleared as error:
        raise click.ClickException("This event's people have been cleared; it takes nobody down any more.") from error
    except (OperationalError, ProgrammingError) as error:
        if "no such table" not in str(error.orig) and "does not exist" not in str(error.orig):
            raise
        raise click.ClickException("The database is not ready: run `flask db-upgrade` first.") from error


class Command(click.Command):
    """A command that answers an unready database with a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        with _sentences():
            return super().invoke(ctx)


class Commands(click.Group):
    """A group whose commands do so."""

    def invoke(self, ctx: click.Context) -> Any:
        with _sentences():
            return super().invoke(ctx)
