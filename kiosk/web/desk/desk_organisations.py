"""The organiser's desk: the directory of schools, enterprises and agencies, and which of them are one."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from kiosk.services.directory import entries, merges, similar
from kiosk.services.directory.entries import EntryDraft, OrganisationView, Wanted
from kiosk.services.refusals import Code, Refused
from kiosk.services.sign_in import organisations
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import ORGANISERS, actor, role_required, staff_required
from kiosk.web.frame.bodies import takes
from kiosk.web.frame.forms import REQUIRED, StaffForm, put_error, select, text
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
        validators=[REQUIRED, Length(max=100_000, message=_l("Too many at once."))],
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
    if form.validate():
        with form.refusals_beside("credit_code", name_taken="name", name_merged="name"):
            entries.update(entry.id, EntryDraft(**form.data), actor=actor())
            return _changed(_("Saved."), entry.id)
    return _page(entry, form, AliasForm(formdata=None)), 422


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
    if form.validate():
        with form.refusals_beside("alias"):
            entries.add_alias(entry.id, form.alias.data, actor=actor())
            return _changed(_("Anyone who types %(name)s is counted here.", name=form.alias.data), entry.id)
    return _page(entry, OrganisationForm(formdata=None, obj=entry), form), 422


@bp.post("/organisations/<int:organisation_id>/aliases/<int:alias_id>/remove")
@role_required(*ORGANISERS)
def remove_alias(organisation_id: int, alias_id: int) -> ResponseReturnValue:
    """Forget another name of an organisation."""
    entry = entries.find(organisation_id)
    entries.remove_alias(entry.id, alias_id, actor=actor())
    return _changed(_("The name is removed."), entry.id)


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


def _page(entry: OrganisationView, form: OrganisationForm, alias_form: AliasForm) -> str:
    needs_district = entry.credit_code and not entry.district
    return render_template(
        "desk/organisation.html",
        entry=entry,
        form=form,
        alias_form=alias_form,
        other_id=_other_id(form.refusal or alias_form.refusal),
        proposed=similar.propose(only_id=entry.id),
        suggested=entries.suggest_district(entry.credit_code) if entry.credit_code and needs_district else None,
        districts=entries.districts(),
    )


def _changed(words: str, organisation_id: int) -> Response:
    """Lead to an organisation of which something was changed; its near-duplicates are sought anew."""
    similar.forget()
    return finish(words, "desk.organisation", organisation_id=organisation_id)


def _other_id(refusal: Refused | None) -> int | None:
    """Return with which organisation this one may be merged; None when the two are one already."""
    return refusal.about["other_id"] if refusal and refusal.code in ("name_taken", "code_taken") else None


CANDIDATES = 12


@bp.get("/organisations/similar")
@staff_required
def similar_organisations() -> ResponseReturnValue:
    """Show the near-duplicates, the surest first."""
    return render_template(
        "desk/organisations_similar.html",
        proposed=similar.propose(),
    )


@bp.get("/organisations/<int:organisation_id>/merge")
@role_required(*ORGANISERS)
def choose_merge(organisation_id: int) -> ResponseReturnValue:
    """Choose what an organisation is counted as (`q` searches), or see what follows from `into`."""
    entry = entries.find(organisation_id)
    into_id = query.number("into")
    if into_id is not None:
        return _merge_page(entry, entries.find(into_id))
    typed = query.text("q", 120)
    lines = entries.page(Wanted(typed=typed)).rows if typed else ()
    return render_template(
        "desk/organisation_choose.html",
        entry=entry,
        typed=typed,
        lines=[line for line in lines if line.id != entry.id][:CANDIDATES],
        proposed=similar.propose(only_id=entry.id),
    )


@bp.post("/organisations/<int:organisation_id>/merge")
@role_required(*ORGANISERS)
def merge_organisation(organisation_id: int) -> ResponseReturnValue:
    """Count an organisation as another one (`into`) from now on."""
    entry, target = entries.find(organisation_id), entries.find(posted.number("into") or 0)
    try:
        change = merges.merge(entry.id, target.id, actor=actor())
    except Refused as refusal:
        return _merge_page(entry, target, refusal.code), 422
    return _changed(_("%(name)s counts as %(into)s now.", name=entry.name, into=target.name), change.into_id)


@bp.post("/organisations/<int:organisation_id>/unmerge")
@role_required(*ORGANISERS)
def unmerge_organisation(organisation_id: int) -> ResponseReturnValue:
    """Take the merge of an organisation back."""
    entry = entries.find(organisation_id)
    merges.undo(entry.id, actor=actor())
    return _changed(_("%(name)s counts by itself again.", name=entry.name), entry.id)


@bp.post("/organisations/<int:organisation_id>/<any(different, same):answer>")
@role_required(*ORGANISERS)
def say_different(organisation_id: int, answer: str) -> ResponseReturnValue:
    """Say that two organisations (`other`) are not the same, for good, or take that back."""
    other_id = posted.number("other") or 0
    similar.set_different(organisation_id, other_id, are_different=answer == "different", actor=actor())
    words = _("They may be suggested again.")
    if answer == "different":
        words = _("They will not be suggested again. You can undo this on the organisation's page.")
    if posted.raw("from") == "list":
        return finish(words, "desk.similar_organisations")
    return finish(words, "desk.organisation", organisation_id=organisation_id)


def _merge_page(entry: OrganisationView, target: OrganisationView, refusal: Code | None = None) -> str:
    refusal = refusal or _refusal(entry, target)
    return render_template(
        "desk/organisation_merge.html",
        entry=entry,
        target=target,
        refusal=refusal,
        together=merges.figures(entry.id, target.id),
        is_said_different=any(other.id == target.id for other in entry.others),
    )


def _refusal(entry: OrganisationView, target: OrganisationView) -> Code | None:
    """Say beforehand what the service would refuse, which has the last word."""
    if target.id == entry.id or (target.merged_into and target.merged_into.id == entry.id):
        return "is_itself"
    return "merged_already" if entry.merged_into else None
