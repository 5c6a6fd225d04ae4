"""The organiser's desk: the directory of schools, enterprises and agencies."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from kiosk.services.directory import entries, similar
from kiosk.services.directory.credit_codes import CodeRefused
from kiosk.services.directory.entries import EntryDraft, EntryRefused, EntryView, UnknownOrganisation, Wanted
from kiosk.services.sign_in import organisations
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import actor, logged_in, role_required, staff_required
from kiosk.web.frame.event_pages import ORGANISERS
from kiosk.web.frame.forms import StaffForm, put_error, select, text
from kiosk.web.frame.numbers import page_asked

TYPE_WORDS = {
    "enterprise": _l("Enterprise"), "school": _l("School"), "agency": _l("Agency"), "other": _l("Other"),
}  # fmt: skip
FEW = 3  # near-duplicates shown above the list


class NamesForm(StaffForm):
    names = TextAreaField(
        _l("Names, one a line"),
        validators=[DataRequired(_l("Please fill this in.")), Length(max=100_000, message=_l("Too many at once."))],
    )
    type = select(_l("Type"), TYPE_WORDS, default="enterprise")
    district = text(_l("District"), 60)


class OrganisationForm(StaffForm):
    name = text(_l("Registered name"), 120, is_required=True)
    type = select(_l("Type"), TYPE_WORDS)
    credit_code = text(_l("Unified social credit code"), 60)
    district = text(_l("District"), 60)


class AliasForm(StaffForm):
    alias = text(_l("Add another name"), 120, is_required=True)


@bp.get("/organisations", endpoint="organisations")
@staff_required
def directory() -> ResponseReturnValue:
    """Show the directory; `q` searches it. Those typed at the door and not confirmed yet come first."""
    return _list_page(NamesForm(formdata=None))


@bp.post("/organisations")
@role_required(*ORGANISERS)
def add_organisations() -> ResponseReturnValue:
    """List many organisations at once, a name a line."""
    form = NamesForm()
    names = [line for line in (form.names.data or "").splitlines() if line.strip()]
    if form.validate():
        too_long = next((name for name in names if len(name.strip()) > 120), None)
        if too_long is None:
            added = organisations.add_many(names, form.type.data, form.district.data, actor=actor())
            flash(_("%(added)s new, %(known)s known already.", added=added, known=len(names) - added), "ok")
            return redirect(url_for("desk.organisations"), code=303)
        put_error(form.names, _("This name is too long: %(name)s…", name=too_long.strip()[:40]))
    return _list_page(form), 422


@bp.get("/organisations/<int:organisation_id>")
@staff_required
def organisation(organisation_id: int) -> ResponseReturnValue:
    """Show an organisation: its names, what was merged into it, how often it came; staff change it here."""
    found = entry_or_404(organisation_id)
    return _page(found, OrganisationForm(formdata=None, obj=found), AliasForm(formdata=None))


@bp.post("/organisations/<int:organisation_id>")
@role_required(*ORGANISERS)
def save_organisation(organisation_id: int) -> ResponseReturnValue:
    """Change an organisation; its old name stays as an alias."""
    found, form = entry_or_404(organisation_id), OrganisationForm()
    other_id = None
    if form.validate():
        try:
            entries.update(found.id, EntryDraft(**form.data), actor=actor())
        except CodeRefused as refused:
            put_error(form.credit_code, _code_words(refused))
        except EntryRefused as refused:
            put_error(form.name if refused.code == "name_taken" else form.credit_code, _taken_words(refused))
            other_id = refused.other_id
        else:
            similar.forget()
            flash(_("Saved."), "ok")
            return redirect(url_for("desk.organisation", organisation_id=found.id), code=303)
    return _page(found, form, AliasForm(formdata=None), other_id=other_id), 422


@bp.post("/organisations/<int:organisation_id>/confirm")
@role_required(*ORGANISERS)
def confirm_organisation(organisation_id: int) -> ResponseReturnValue:
    """List an organisation that was typed at the door, so that it completes what people type."""
    try:
        name = entries.confirm(organisation_id, actor=actor())
    except UnknownOrganisation:
        abort(404)
    flash(_("%(name)s is in the directory.", name=name), "ok")
    return redirect(url_for("desk.organisations", q=request.form.get("q") or None), code=303)


@bp.post("/organisations/<int:organisation_id>/aliases")
@role_required(*ORGANISERS)
def add_alias(organisation_id: int) -> ResponseReturnValue:
    """Know an organisation by another name too."""
    found, form = entry_or_404(organisation_id), AliasForm()
    other_id = None
    if form.validate():
        try:
            entries.add_alias(found.id, form.alias.data, actor=actor())
        except EntryRefused as refused:
            put_error(form.alias, _taken_words(refused))
            other_id = refused.other_id
        else:
            similar.forget()
            flash(_("Anyone who types %(name)s is counted here.", name=form.alias.data), "ok")
            return redirect(url_for("desk.organisation", organisation_id=found.id), code=303)
    return _page(found, OrganisationForm(formdata=None, obj=found), form, other_id=other_id), 422


@bp.post("/organisations/<int:organisation_id>/aliases/<int:alias_id>/remove")
@role_required(*ORGANISERS)
def remove_alias(organisation_id: int, alias_id: int) -> ResponseReturnValue:
    """Forget another name of an organisation."""
    found = entry_or_404(organisation_id)
    entries.remove_alias(found.id, alias_id, actor=actor())
    similar.forget()
    flash(_("The name is removed."), "ok")
    return redirect(url_for("desk.organisation", organisation_id=found.id), code=303)


def entry_or_404(organisation_id: int) -> EntryView:
    """Return an organisation's page, or end the request."""
    try:
        return entries.find(organisation_id)
    except UnknownOrganisation:
        abort(404)


def _list_page(form: NamesForm) -> str:
    type_ = request.args.get("type")
    wanted = Wanted(
        words=request.args.get("q", "")[:120],
        type=type_ if type_ in TYPE_WORDS else None,
        is_to_confirm=request.args.get("confirm") == "1",
    )
    page = entries.page(wanted, page_asked(request.args))
    is_whole = wanted == Wanted() and page.number == 1
    return render_template(
        "desk/organisations.html",
        form=form,
        wanted=wanted,
        page=page,
        to_confirm=entries.count_to_confirm(),
        proposed=similar.propose(limit=FEW) if is_whole else None,
        districts=entries.districts(),
        type_words=TYPE_WORDS,
        may_organise=logged_in().may_organise,
    )


def _page(found: EntryView, form: Any, alias_form: Any, *, other_id: int | None = None) -> str:
    needs_district = found.credit_code and not found.district
    return render_template(
        "desk/organisation.html",
        entry=found,
        form=form,
        alias_form=alias_form,
        other_id=other_id,
        proposed=similar.propose(only_id=found.id),
        suggested=entries.suggest_district(found.credit_code) if found.credit_code and needs_district else None,
        districts=entries.districts(),
        type_words=TYPE_WORDS,
        may_organise=logged_in().may_organise,
    )


def _taken_words(refused: EntryRefused) -> Any:
    if refused.other_id is None:
        return _("%(name)s has this already; it is merged with this one.", name=refused.other_name)
    if refused.code == "code_taken":
        return _("%(name)s has this code already.", name=refused.other_name)
    return _("%(name)s is called so already.", name=refused.other_name)


def _code_words(refused: CodeRefused) -> Any:
    if refused.code == "length":
        return _("A credit code has 18 characters; this one has %(count)s.", count=len(refused.typed))
    if refused.code == "district":
        return _("The third to the eighth character of a credit code are digits.")
    if refused.code == "check":
        return _("The last character does not fit the others. Please compare with the licence.")
    said = _("%(characters)s does not occur in a credit code.", characters=", ".join(refused.wrong))
    return " ".join([said, _("Did you mean %(code)s?", code=refused.meant)]) if refused.meant else said
