"""The organiser's desk: organisations that are one, or that are not although they look it."""

from __future__ import annotations

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services.directory import entries, merges, similar
from kiosk.services.directory.entries import OrganisationView, Wanted
from kiosk.services.refusals import Code, Refused
from kiosk.web.desk.desk_events import bp
from kiosk.web.frame.access import ORGANISERS, actor, role_required, staff_required
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import finish, go

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
        return _preview(entry, entries.find(into_id))
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
        return _preview(entry, target, refusal.code), 422
    similar.forget()
    words = _("%(name)s counts as %(into)s now.", name=entry.name, into=target.name)
    return finish(words, "desk.organisation", organisation_id=change.into_id)


@bp.post("/organisations/<int:organisation_id>/unmerge")
@role_required(*ORGANISERS)
def unmerge_organisation(organisation_id: int) -> ResponseReturnValue:
    """Take the merge of an organisation back."""
    entry = entries.find(organisation_id)
    merges.undo(entry.id, actor=actor())
    similar.forget()
    return finish(_("%(name)s counts by itself again.", name=entry.name), "desk.organisation", organisation_id=entry.id)


@bp.post("/organisations/<int:organisation_id>/<any(different, same):answer>")
@role_required(*ORGANISERS)
def say_different(organisation_id: int, answer: str) -> ResponseReturnValue:
    """Say that two organisations (`other`) are not the same, for good, or take that back."""
    other_id = posted.number("other") or 0
    similar.set_different(organisation_id, other_id, are_different=answer == "different", actor=actor())
    if answer == "different":
        flash(_("They will not be suggested again. You can undo this on the organisation's page."), "ok")
    else:
        flash(_("They may be suggested again."), "ok")
    if posted.raw("from") == "list":
        return go("desk.similar_organisations")
    return go("desk.organisation", organisation_id=organisation_id)


def _preview(entry: OrganisationView, target: OrganisationView, refusal: Code | None = None) -> str:
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
