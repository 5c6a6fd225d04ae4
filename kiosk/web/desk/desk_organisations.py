"""The organiser's desk: the directory of schools, enterprises and agencies."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from kiosk.services import refusal_words
from kiosk.services.directory import entries, similar
from kiosk.services.directory.entries import EntryDraft, OrganisationView, Wanted
from kiosk.services.refusals import Refused
from kiosk.services.sign_in import organisations
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import ORGANISERS, actor, role_required, staff_required
from kiosk.web.frame.bodies import takes
from kiosk.web.frame.forms import StaffForm, put_error, select, text
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import finish

TYPE_WORDS = {
    "enterprise": _l("Enterprise"), "school": _l("School"), "agency": _l("Agency"), "other": _l("Other"),
}  # fmt: skip
FEW = 3  # near-duplicates shown above the list


@bp.app_template_global()
def type_words() -> dict[str, Any]:
    """Return what each type of organisation is called."""
    return TYPE_WORDS


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
@takes(2**20)
def add_organisations() -> ResponseReturnValue:
    """List many organisations at once, a name a line."""
    form = NamesForm()
    names = [line for line in (form.names.data or "").splitlines() if line.strip()]
    if form.validate():
        too_long = next((name for name in names if len(name.strip()) > 120), None)
        if too_long is None:
            added = organisations.add_many(names, form.type.data, form.district.data, actor=actor())
            words = _("%(added)s new, %(known)s known already.", added=added, known=len(names) - added)
            return finish(words, "desk.organisations")
        put_error(form.names, _("This name is too long: %(name)s…", name=too_long.strip()[:40]))
    return _list_page(form), 422


@bp.get("/organisations/<int:organisation_id>")
@staff_required
def organisation(organisation_id: int) -> ResponseReturnValue:
    """Show an organisation: its names, what was merged into it, how often it came; staff change it here."""
    entry = entries.find(organisation_id)
    return _page(entry, OrganisationForm(formdata=None, obj=entry), AliasForm(formdata=None))


@bp.post("/organisations/<int:organisation_id>")
@role_required(*ORGANISERS)
def save_organisation(organisation_id: int) -> ResponseReturnValue:
    """Change an organisation; its old name stays as an alias."""
    entry, form = entries.find(organisation_id), OrganisationForm()
    other_id = None
    if form.validate():
        try:
            entries.update(entry.id, EntryDraft(**form.data), actor=actor())
        except Refused as refusal:
            field = form.name if refusal.code in ("name_taken", "name_merged") else form.credit_code
            put_error(field, refusal_words.say(refusal, "desk"))
            other_id = _other_id(refusal)
        else:
            similar.forget()
            return finish(_("Saved."), "desk.organisation", organisation_id=entry.id)
    return _page(entry, form, AliasForm(formdata=None), other_id=other_id), 422


@bp.post("/organisations/<int:organisation_id>/confirm")
@role_required(*ORGANISERS)
def confirm_organisation(organisation_id: int) -> ResponseReturnValue:
    """List an organisation that was typed at the door, so that it completes what people type."""
    name = entries.confirm(organisation_id, actor=actor())
    return finish(_("%(name)s is in the directory.", name=name), "desk.organisations", q=posted.text("q", 120) or None)


@bp.post("/organisations/<int:organisation_id>/aliases")
@role_required(*ORGANISERS)
def add_alias(organisation_id: int) -> ResponseReturnValue:
    """Know an organisation by another name too."""
    entry, form = entries.find(organisation_id), AliasForm()
    other_id = None
    if form.validate():
        try:
            entries.add_alias(entry.id, form.alias.data, actor=actor())
        except Refused as refusal:
            put_error(form.alias, refusal_words.say(refusal, "desk"))
            other_id = _other_id(refusal)
        else:
            similar.forget()
            words = _("Anyone who types %(name)s is counted here.", name=form.alias.data)
            return finish(words, "desk.organisation", organisation_id=entry.id)
    return _page(entry, OrganisationForm(formdata=None, obj=entry), form, other_id=other_id), 422


@bp.post("/organisations/<int:organisation_id>/aliases/<int:alias_id>/remove")
@role_required(*ORGANISERS)
def remove_alias(organisation_id: int, alias_id: int) -> ResponseReturnValue:
    """Forget another name of an organisation."""
    entry = entries.find(organisation_id)
    entries.remove_alias(entry.id, alias_id, actor=actor())
    similar.forget()
    return finish(_("The name is removed."), "desk.organisation", organisation_id=entry.id)


def _list_page(form: NamesForm) -> str:
    wanted = Wanted(
        typed=query.text("q", 120),
        type=query.one_of("type", TYPE_WORDS),
        is_to_confirm=query.is_set("confirm"),
    )
    page = entries.page(wanted, query.page())
    is_whole = wanted == Wanted() and page.number == 1
    return render_template(
        "desk/organisations.html",
        form=form,
        wanted=wanted,
        page=page,
        to_confirm=entries.count_to_confirm(),
        proposed=similar.propose(limit=FEW) if is_whole else None,
        districts=entries.districts(),
    )


def _page(entry: OrganisationView, form: Any, alias_form: Any, *, other_id: int | None = None) -> str:
    needs_district = entry.credit_code and not entry.district
    return render_template(
        "desk/organisation.html",
        entry=entry,
        form=form,
        alias_form=alias_form,
        other_id=other_id,
        proposed=similar.propose(only_id=entry.id),
        suggested=entries.suggest_district(entry.credit_code) if entry.credit_code and needs_district else None,
        districts=entries.districts(),
    )


def _other_id(refusal: Refused) -> int | None:
    """Return with which organisation this one may be merged; None when the two are one already."""
    return refusal.about["other_id"] if refusal.code in ("name_taken", "code_taken") else None
