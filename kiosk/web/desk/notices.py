"""The notice on personal information (docs/product.md 4.4): its versions for admins, an event's for its organiser."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from kiosk.services.event import notice_words, notices
from kiosk.services.event.event_views import EventView
from kiosk.services.event.notices import NoticeDraft, NoticeView
from kiosk.services.names import clean
from kiosk.web.frame.access import logged_in, role_required, run_required
from kiosk.web.frame.bodies import LONG_FORM, takes
from kiosk.web.frame.forms import REQUIRED, StaffForm, text
from kiosk.web.frame.inputs import posted
from kiosk.web.frame.pages import finish, page_of

bp = Blueprint("notices", __name__)
LONGEST_BODY = 10_000  # characters; the one that comes along has 900
# What the law asks a notice to say (PIPL 17; the basis 13 and 35, minors 31): a checklist beside the field.
PARTS = (
    _l("Who: the name of whoever handles the data, and how to reach them"),
    _l("What for, and how it is handled"),
    _l("Which data, field by field or by kind"),
    _l("On what basis: statutory duty, or consent"),
    _l("Who gets to see it, and whether it is passed on"),
    _l("How long it is kept, and what happens then"),
    _l("Minors: guardians' consent and the rules for their data"),
    _l("How to ask for a copy, a correction, deletion"),
)


def cleaned_lines(value: str | None) -> str | None:
    """Return typed paragraphs as they are kept: one a line, none empty."""
    return "\n".join(filter(None, map(clean, (value or "").splitlines()))) or None


def paragraphs(label: object, *validators: object) -> TextAreaField:
    """Return a field of many lines, a paragraph a line."""
    limit = Length(max=LONGEST_BODY, message=_l("At most %(count)s characters, please.", count=LONGEST_BODY))
    return TextAreaField(label, filters=[cleaned_lines], validators=[*validators, limit])


class NoticeForm(StaffForm):
    summary = text(_l("In one sentence"), 300, is_required=True)
    body = paragraphs(_l("The whole text"), REQUIRED)
    summary_alt = text(_l("In one sentence, in English"), 300)
    body_alt = paragraphs(_l("The whole text in English"), Optional())


@bp.get("/notices", endpoint="show_all", defaults={"version": None})
@bp.get("/notices/<int:version>")
@role_required("admin")
def show(version: int | None) -> ResponseReturnValue:
    """Show one version, which never changes, the newest where none is named, and the list of all."""
    shown = notices.newest() if version is None else notices.find(version)
    return render_template(
        "desk/notices/versions.html",
        shown=shown or abort(404),
        rows=notices.list_all(),
        zone=current_app.config["KIOSK"].timezone,
    )


@bp.route("/notices/new", methods=["GET", "POST"])
@role_required("admin")
@takes(LONG_FORM)
def write() -> ResponseReturnValue:
    """Write a version, from the newest one; `preview` shows it as a phone will, and saves nothing."""
    newest = notices.newest()
    form = NoticeForm.of(newest)
    if form.validate_on_submit():
        draft = NoticeDraft(**form.data)
        if "preview" in posted:
            return _form_page(form, newest, preview=draft)
        with form.refusals_beside("body"):
            version = notices.write(draft, staff_id=logged_in().id).version
            words = _("Version %(version)s is in force for new events. Others are moved one by one.", version=version)
            return finish(words, "notices.show_all")
    return _form_page(form, newest), form.status


@bp.get("/events/<code>/notice")
@run_required
def of_event(view: EventView) -> ResponseReturnValue:
    """Show which version an event's phones see, and whether there is a newer one."""
    notice = notices.get(view.notice_id)
    filled = None if notice is None else notice_words.filled(view, notice)
    return render_template("desk/notices/event.html", **page_of(view), notice=filled, newest=notices.newest())


@bp.post("/events/<code>/notice")
@run_required
def use_newest(view: EventView) -> ResponseReturnValue:
    """Move an event to the newest version."""
    notices.use_newest(view, staff_id=logged_in().id)
    words = _("Phones see the newest version from now on. Who has signed in keeps the one they saw.")
    return finish(words, "notices.of_event", code=view.code)


def _form_page(form: NoticeForm, newest: NoticeView | None, preview: NoticeDraft | None = None) -> str:
    following = 1 if newest is None else newest.version + 1
    return render_template("desk/notices/new.html", form=form, parts=PARTS, preview=preview, version=following)
