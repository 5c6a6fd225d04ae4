"""flask staff add, flask staff password."""

from __future__ import annotations

import sys

import click

from kiosk.cli.output import answer, answering
from kiosk.models.staff import ROLES
from kiosk.services import refusal_words
from kiosk.services.account import staff, staff_sessions
from kiosk.services.refusals import Refused

password_option = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group("staff")
def staff_group() -> None:
    """Accounts of staff."""


@staff_group.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", help="How the person is called.")
@password_option
@answering
def add_command(email: str, role: str, name: str | None, password_stdin: bool, as_json: bool) -> None:
    """Make an account."""
    try:
        made = staff.add(email, role, _password(password_stdin), name)
    except Refused as refusal:
        raise click.UsageError(refusal_words.say(refusal, "command")) from refusal
    value = {"id": made.id, "email": made.email, "role": made.role}
    answer(value, f"The account {made.email} ({made.role}) is ready.", as_json=as_json)


@staff_group.command("password")
@click.argument("email")
@password_option
@answering
def password_command(email: str, password_stdin: bool, as_json: bool) -> None:
    """Set a forgotten password anew; every browser of the account is logged out."""
    account = staff.find(email)
    if account is None:
        raise click.UsageError("Nobody who may log in has this e-mail.")
    try:
        staff.change_password(account.id, _password(password_stdin))
    except Refused as refusal:
        raise click.UsageError(refusal_words.say(refusal, "command")) from refusal
    staff_sessions.revoke_all(account.id)
    answer({"id": account.id, "email": account.email}, f"The password of {account.email} is changed.", as_json=as_json)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
