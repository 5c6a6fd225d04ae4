"""Accounts: logging in and out, the first admin, the list of staff, one's own password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import PasswordField, StringField

from kiosk.services.account import guesses, known_devices, passwords, resets, staff as accounts, staff_sessions
from kiosk.services.account.staff import StaffView
from kiosk.services.host import addresses
from kiosk.web.frame import access, cookies, screens
from kiosk.web.frame.access import actor, logged_in, role_required, staff_required
from kiosk.web.frame.forms import REQUIRED, StaffForm, put_error, select, text
from kiosk.web.frame.inputs import either, posted
from kiosk.web.frame.pages import finish, go, saying_refusals
from kiosk.web.frame.visitors import is_own_origin

bp = Blueprint("account", __name__)

OF_EMAIL = {"not_an_email": "email", "email_taken": "email"}  # refusals that stand beside it
TOO_MANY = _l(
    "Too many tries for this e-mail. Please wait 15 minutes, or log in on a device where you have done so before."
)
BUSY = _l("Many people are logging in at this moment. Please try again in a few seconds.")
RESET_LINK = "made_reset_link"  # in the session: of whom, and its token, until the page after it was made
ROLE_WORDS = {"organiser": _l("Organiser"), "viewer": _l("Viewer"), "admin": _l("Admin")}


class LogInForm(StaffForm):
    email = StringField(_l("E-mail"), validators=[REQUIRED])
    password = PasswordField(_l("Password"), validators=[REQUIRED])


class AccountForm(LogInForm):
    name = text(_l("Name"), 60)


class StaffAddForm(AccountForm):
    role = select(_l("Role"), ROLE_WORDS, default="organiser")


class NewPasswordForm(StaffForm):
    password = PasswordField(_l("New password"), validators=[REQUIRED])


class PasswordForm(StaffForm):
    current = PasswordField(_l("Present password"), validators=[REQUIRED])
    password = PasswordField(_l("New password"), validators=[REQUIRED])


@bp.route("/login", methods=["GET", "POST"])
def log_in() -> ResponseReturnValue:
    """Log in: 303 to the page that was asked for, 422 for a wrong pair, 429 after ten misses.

    A GET shows the form; who is logged in already goes on. On a station, Back and typed addresses come here: it stays
    the station until its PIN is typed.
    """
    if request.method == "GET" and access.current_staff() is not None:
        return redirect(_next_page(), code=303)
    if request.method == "GET" and (station := screens.station_here()) is not None:
        return redirect(station, code=303)
    _refuse_other_sites()
    form = LogInForm()
    status, headers = form.status, dict[str, str]()
    if form.validate_on_submit():
        wrong = _("This e-mail and this password do not go together.")
        staff, status, headers = _judge(form.email.data, form.password, wrong)
        if staff is not None:
            return _logged_in_answer(staff, _next_page())
    page = render_template("desk/account/log_in.html", form=form, next=_asked_page(), has_staff=accounts.has_staff())
    return page, status, headers


@bp.post("/logout")
@staff_required
def log_out() -> ResponseReturnValue:
    """Log this browser out."""
    staff_sessions.revoke(access.log_in_token())
    return access.forget(go("account.log_in"))


@bp.route("/setup/<token>", methods=["GET", "POST"])
def set_up(token: str) -> ResponseReturnValue:
    """Make the first admin by the one-time link, who goes on to the first event; a dead link is 404."""
    if not accounts.is_setup_link_alive(token):
        abort(404)
    _refuse_other_sites()
    form = AccountForm()
    if form.validate_on_submit():
        with form.refusals_beside("password", **OF_EMAIL):
            admin = accounts.set_up(token, form.email.data, form.password.data, form.name.data)
            return _logged_in_answer(admin, url_for("desk.new_event"))
    return render_template("desk/account/set_up.html", form=form), form.status


@bp.route("/staff", methods=["GET", "POST"])
@role_required("admin")
def staff() -> ResponseReturnValue:
    """List the accounts; a POST adds one."""
    form = StaffAddForm()
    if form.validate_on_submit():
        with form.refusals_beside("password", **OF_EMAIL):
            values = (form.email.data, form.role.data, form.password.data, form.name.data)
            account = accounts.add(*values, actor=actor())
            return finish(_("The account %(email)s is ready.", email=account.email), "account.staff")
    page = render_template("desk/account/staff.html", form=form, rows=accounts.list_all(), made=_made_link())
    return page, form.status


@bp.post("/staff/<int:staff_id>/active")
@role_required("admin")
def set_active(staff_id: int) -> ResponseReturnValue:
    """Put an account away (`is_active=0`) or let it in again."""
    is_active = posted.is_set("is_active")
    with saying_refusals():
        account = accounts.set_active(staff_id, is_active=is_active, actor=actor())
        words = _("%(email)s may log in again.") if is_active else _("%(email)s can no longer log in.")
        return finish(words % {"email": account.email}, "account.staff")
    return go("account.staff")


@bp.post("/staff/<int:staff_id>/log-out")
@role_required("admin")
def log_out_everywhere(staff_id: int) -> ResponseReturnValue:
    """Log an account out of every browser."""
    account = accounts.get(staff_id)
    staff_sessions.revoke_all(staff_id, actor=actor())
    return finish(_("%(email)s is logged out everywhere.", email=account.email), "account.staff")


@bp.post("/staff/<int:staff_id>/reset-link")
@role_required("admin")
def make_reset_link(staff_id: int) -> ResponseReturnValue:
    """Make a link by which somebody sets a new password; the page after it shows it, this once."""
    with saying_refusals():
        session[RESET_LINK] = [accounts.get(staff_id).email, resets.make(staff_id, actor=actor())]
    return go("account.staff")


@bp.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    """Set a new password by an admin's link and log in; a dead link says so, as 404."""
    _refuse_other_sites()
    account, form = resets.find(token), NewPasswordForm()
    if account is None:
        return render_template("desk/account/dead_link.html"), 404
    if form.validate_on_submit():
        with form.refusals_beside("password"):
            return _logged_in_answer(resets.use(token, form.password.data), url_for("desk.events"))
    return render_template("desk/account/reset.html", form=form, account=account), form.status


@bp.route("/account/password", methods=["GET", "POST"])
@staff_required
def password() -> ResponseReturnValue:
    """Change one's own password; every other browser is logged out."""
    form = PasswordForm()
    if form.validate_on_submit() and _change_password(form, logged_in()):
        return finish(_("The password is changed. Your other browsers are logged out."), "account.password")
    return render_template("desk/account/password.html", form=form), form.status


@bp.post("/account/log-out-everywhere")
@staff_required
def log_out_mine() -> ResponseReturnValue:
    """Log oneself out of every browser, this one included."""
    staff_sessions.revoke_all(logged_in().id, actor=actor())
    return access.forget(go("account.log_in"))


def _made_link() -> dict[str, str] | None:
    """Return the link just made for a new password and whose it is, this once; or None."""
    if not (made := session.get(RESET_LINK)):
        return None
    session.pop(RESET_LINK)
    return {"email": made[0], "address": f"{addresses.base_url()}/reset/{made[1]}"}


def _judge(email: str, password: Any, wrong: str) -> tuple[StaffView | None, int, dict[str, str]]:
    """Return whose e-mail and password these are; else None, with why beside the password, and an answer's status."""
    try:
        staff = accounts.authenticate(email, password.data, device=_device(email))
    except (guesses.TooManyGuesses, passwords.Busy) as error:
        status, words = (503, BUSY) if isinstance(error, passwords.Busy) else (429, TOO_MANY)
        put_error(password, words)
        return None, status, {"Retry-After": str(error.retry_after)}
    if staff is None:
        put_error(password, wrong)
    return staff, 422, {}


def _change_password(form: Any, staff: StaffView) -> bool:
    owner, _status, _headers = _judge(staff.email, form.current, _("This is not your present password."))
    if owner is None:
        return False
    with form.refusals_beside("password"):
        token = access.log_in_token()
        accounts.change_password(staff.id, form.password.data, kept_token=token, actor=actor())
        return True
    return False


def _logged_in_answer(staff: StaffView, target: str) -> ResponseReturnValue:
    # A fresh token at every log-in: one planted before it is worth nothing.
    token = staff_sessions.begin(staff.id, address=request.remote_addr, user_agent=request.user_agent.string)
    response = access.remember(redirect(target, code=303), token)
    known = accounts.address_hash(staff.email)
    seconds = int(known_devices.KEPT.total_seconds())
    cookies.put(response, known_devices.cookie_of(known), known_devices.make(known), seconds=seconds)
    return response


def _device(email: str) -> str | None:
    """Return what this browser keeps when the account of this e-mail has been opened in it."""
    return cookies.get(known_devices.cookie_of(accounts.address_hash(email)))


def _asked_page() -> str | None:
    asked = either.raw("next", 2_000)
    return asked if access.is_local_path(asked) else None


def _next_page() -> str:
    return _asked_page() or url_for("desk.events")


def _refuse_other_sites() -> None:
    # Before the log-in there is no cookie for a CSRF token to lean on: the hosts must agree.
    if request.method == "POST" and not is_own_origin(may_be_null=False):
        abort(403)
