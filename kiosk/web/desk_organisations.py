"""The organiser's desk: the directory of schools, enterprises and agencies."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from kiosk.services import organisations
from kiosk.web.access import logged_in, role_required, staff_required
from kiosk.web.desk import ORGANISERS, bp
from kiosk.web.forms import StaffForm, put_error, select, text

TYPE_WORDS = {
    "enterprise": _l("Enterprise"), "school": _l("School"), "agency": _l("Agency"), "other": _l("Other"),
}  # fmt: skip


class NamesForm(StaffForm):
    names = TextAreaField(
        _l("Names, one a line"),
        validators=[DataRequired(_l("Please fill this in.")), Length(max=100_000, message=_l("Too many at once."))],
    )
    type = select(_l("Type"), TYPE_WORDS, default="enterprise")
    district = text(_l("District"), 60)


@bp.get("/organisations", endpoint="organisations")
@staff_required
def directory() -> ResponseReturnValue:
    """Show the directory; `q` searches it. Those typed at the door and not confirmed yet come first."""
    return _page(NamesForm(formdata=None))


@bp.post("/organisations")
@role_required(*ORGANISERS)
def add_organisations() -> ResponseReturnValue:
    """List many organisations at once, a name a line."""
    form = NamesForm()
    names = [line for line in (form.names.data or "").splitlines() if line.strip()]
    if form.validate():
        too_long = next((name for name in names if len(name.strip()) > 120), None)
        if too_long is None:
            added = organisations.add_many(names, form.type.data, form.district.data)
            flash(_("%(added)s new, %(known)s known already.", added=added, known=len(names) - added), "ok")
            return redirect(url_for("desk.organisations"), code=303)
        put_error(form.names, _("This name is too long: %(name)s…", name=too_long.strip()[:40]))
    return _page(form), 422


@bp.post("/organisations/<int:organisation_id>/confirm")
@role_required(*ORGANISERS)
def confirm_organisation(organisation_id: int) -> ResponseReturnValue:
    """List an organisation that was typed at the door, so that it completes what people type."""
    name = organisations.confirm(organisation_id)
    if name is None:
        abort(404)
    flash(_("%(name)s is in the directory.", name=name), "ok")
    return redirect(url_for("desk.organisations", q=request.form.get("q") or None), code=303)


def _page(form: NamesForm) -> str:
    typed = request.args.get("q", "")[:120]
    return render_template(
        "desk/organisations.html",
        form=form,
        typed=typed,
        rows=organisations.search(typed),
        type_words=TYPE_WORDS,
        may_organise=logged_in().may_organise,
    )
