"""The organiser's desk: organisations that are one, or that are not although they look it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kiosk.services.directory import entries, merges, similar
from kiosk.services.directory.entries import EntryView, Wanted
from kiosk.services.refusals import Code, Refused
from kiosk.web.desk.desk_events import bp
from kiosk.web.desk.desk_organisations import TYPE_WORDS
from kiosk.web.frame.access import actor, logged_in, role_required, staff_required
from kiosk.web.frame.event_pages import ORGANISERS
from kiosk.web.frame.inputs import posted, query

CANDIDATES = 12


@bp.get("/organisations/similar")
@staff_required
def similar_organisations() -> ResponseReturnValue:
    """Show the near-duplicates, the surest first."""
    return render_template(
        "desk/organisations_similar.html",
        proposed=similar.propose(),
        type_words=TYPE_WORDS,
        may_organise=logged_in().may_organise,
    )


@bp.get("/organisations/<int:organisation_id>/merge")
@role_required(*ORGANISERS)
def choose_merge(organisation_id: int) -> ResponseReturnValue:
    """Choose what an organisation is counted as (`q` searches), or see what follows from `into`."""
    found = entries.find(organisation_id)
    into_id = query.number("into")
    if into_id is not None:
        return _preview(found, entries.find(into_id))
    words = query.raw("q", 120)
    lines = entries.page(Wanted(words=words)).lines if words else ()
    return render_template(
        "desk/organisation_choose.html",
        entry=found,
        typed=words,
        lines=[line for line in lines if line.id != found.id][:CANDIDATES],
        proposed=similar.propose(only_id=found.id),
        type_words=TYPE_WORDS,
    )


@bp.post("/organisations/<int:organisation_id>/merge")
@role_required(*ORGANISERS)
def merge_organisation(organisation_id: int) -> ResponseReturnValue:
    """Count an organisation as another one (`into`) from now on."""
    found, target = entries.find(organisation_id), entries.find(posted.number("into") or 0)
    try:
        change = merges.merge(found.id, target.id, actor=actor())
    except Refused as refusal:
        return _preview(found, target, refusal.code), 422
    similar.forget()
    flash(_("%(name)s counts as %(into)s now.", name=found.name, into=target.name), "ok")
    return redirect(url_for("desk.organisation", organisation_id=change.into_id), code=303)


@bp.post("/organisations/<int:organisation_id>/unmerge")
@role_required(*ORGANISERS)
def unmerge_organisation(organisation_id: int) -> ResponseReturnValue:
    """Take the merge of an organisation back."""
    found = entries.find(organisation_id)
    merges.undo(found.id, actor=actor())
    similar.forget()
    flash(_("%(name)s counts by itself again.", name=found.name), "ok")
    return redirect(url_for("desk.organisation", organisation_id=found.id), code=303)


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
        return redirect(url_for("desk.similar_organisations"), code=303)
    return redirect(url_for("desk.organisation", organisation_id=organisation_id), code=303)


def _preview(found: EntryView, target: EntryView, refusal: Code | None = None) -> str:
    refusal = refusal or _refusal(found, target)
    return render_template(
        "desk/organisation_merge.html",
        entry=found,
        target=target,
        refusal=refusal,
        together=merges.figures_together(found.id, target.id),
        is_said_different=any(other.id == target.id for other in found.others),
        type_words=TYPE_WORDS,
    )


def _refusal(found: EntryView, target: EntryView) -> Code | None:
    """Say beforehand what the service would refuse, which has the last word."""
    if target.id == found.id or (target.merged_into and target.merged_into.id == found.id):
        return "is_itself"
    return "merged_already" if found.merged_into else None
