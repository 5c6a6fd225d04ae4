"""How commands answer: a sentence for people, one JSON object with --json."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from kiosk.config import ConfigError
from kiosk.jobs.runner import JobFailed
from kiosk.services import refusal_words
from kiosk.services.event import event_views
from kiosk.services.event.cleared import EventCleared
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.store.verdicts import cause_of, verdict_on
from kiosk.services.store.writer import WriterBusy
from kiosk.services.upkeep import secret_key
from kiosk.services.upkeep.schema import OtherSchema
from kiosk.services.upkeep.secret_key import OtherSecret

json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def answer(value: Any, sentence: str, *, as_json: bool) -> None:
    """Print `value` as JSON or the sentence."""
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else sentence)


@contextlib.contextmanager
def _sentences(*, needs_own_secret: bool) -> Iterator[None]:
    """Say in a sentence what was refused, or that the database is busy or was never created, where a traceback would
    hide it."""
    try:
        if needs_own_secret:
            secret_key.require_own()
        yield
    except (ConfigError, OtherSchema, OtherSecret) as error:
        raise click.ClickException(str(error)) from error
    except WriterBusy as error:
        if error.cause is not None:
            raise click.ClickException(refusal_words.say_disk(error.cause, is_command=True)) from error
        raise click.ClickException("The database is busy just now; please try again.") from error
    except Refused as refusal:
        raise click.ClickException(refusal_words.say(refusal, "command")) from refusal
    except JobFailed as error:
        raise click.ClickException(f"The file could not be made or read: {error.line}.") from error
    except Unknown as error:
        raise click.ClickException(f"There is no {error}.") from error
    except EventCleared as error:
        raise click.ClickException("This event's people have been cleared; it takes nobody down any more.") from error
    except (DBAPIError, OSError) as error:
        sentence = _of_database(error)
        if sentence is None:
            raise
        raise click.ClickException(sentence) from error


def _of_database(error: Exception) -> str | None:
    """Return what ails the database or its disk; None when it is neither."""
    words = str(getattr(error, "orig", error))
    if isinstance(error, OperationalError | ProgrammingError) and (
        "no such table" in words or "does not exist" in words
    ):
        return "The database is not ready: run `flask db-upgrade` first."
    cause, verdict = cause_of(error), verdict_on(error)
    if cause is None and verdict not in ("busy", "lost"):
        return None
    ailment = refusal_words.say_disk(cause, is_command=True) if cause else "The database does not answer."
    return f"{ailment} `flask doctor` says more."


def answering(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command answer: within the application, with --json, and with a sentence where it cannot."""
    return _answering(function, needs_own_secret=True)


def answering_with_any_secret(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command answer although the secret at hand may not be the database's."""
    return _answering(function, needs_own_secret=False)


def _answering(function: Callable[..., None], *, needs_own_secret: bool) -> Callable[..., None]:
    command: Callable[..., None] = json_option(with_appcontext(_sentences(needs_own_secret=needs_own_secret)(function)))
    return command


def event_of(code: str) -> EventView:
    """Return the event with this code; without one the command ends with a sentence."""
    event = event_views.find(code)
    if event is None:
        raise click.ClickException(f"No event has the code {code}.")
    return event
