"""What a notice says of one event: its host, its legal basis, how long its data is kept.

These differ from event to event and may change in the settings, so a version of the notice holds their places only:
{主办单位}, {依据} and {保存期限}, or {host}, {basis} and {retention}. A text that leaves one out has it said at its
end, because a notice that is silent or wrong about it tells no truth (Personal Information Protection Law, 17).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from flask_babel import force_locale, gettext as _, ngettext

from kiosk.services.event.event_views import EventView
from kiosk.services.event.notices import NoticeDraft

PLACES: Mapping[str, tuple[str, str]] = {
    "host": ("{主办单位}", "{host}"),
    "basis": ("{依据}", "{basis}"),
    "retention": ("{保存期限}", "{retention}"),
}
Draft = TypeVar("Draft", bound=NoticeDraft)


def filled(event: EventView, notice: Draft) -> Draft:
    """Return a version of the notice as this event says it, whole and in one sentence, in both languages."""
    whole = {name: said_of(event, getattr(notice, name), is_whole=True) for name in ("body", "body_alt")}
    short = {name: said_of(event, getattr(notice, name)) for name in ("summary", "summary_alt")}
    return replace(notice, **whole, **short)


def said_of(event: EventView, text: str | None, *, is_whole: bool = False, kind: str = "") -> str:
    """Return a notice's text as this event says it, in the text's own language; `kind` is who reads its sentence."""
    if not text:
        return ""
    is_chinese = any("\u4e00" <= character <= "\u9fff" for character in text)
    with force_locale("zh" if is_chinese else "en"):
        host = event.host if is_chinese else event.host_alt or event.host
        facts = _whole(event) if is_whole else _short(event, kind)
        facts["host"] = host or facts["host"]
        left_out: list[str] = []
        for name, places in PLACES.items():
            if any(place in text for place in places):
                for place in places:
                    text = text.replace(place, facts[name])
            elif name != "host" or host:
                left_out.append(_("host: %(host)s", host=facts[name]) if name == "host" else facts[name])
        if not left_out:
            return text[:1].upper() + text[1:]
        facts_left_out = _("At this event: %(facts)s.", facts=("；" if is_chinese else "; ").join(left_out))
    return f"{text}\n{facts_left_out}" if is_whole else f"{text}{'' if is_chinese else ' '}{facts_left_out}"


def _short(event: EventView, kind: str) -> dict[str, str]:
    is_consent = event.notice_basis == "consent"
    return {
        "host": _("the host"),
        "basis": _("with your consent") if is_consent else _("as its statutory duty"),
        "retention": _until(_days_of(event, kind)) or _("no period is set for keeping it yet"),
    }


def _whole(event: EventView) -> dict[str, str]:
    basis = _("it is necessary for the host's statutory duties (paragraph 1, item 3)")
    if event.notice_basis == "consent":
        basis = _(
            "your consent (paragraph 1, item 1); whoever does not agree may sign on paper, and you may withdraw your "
            "consent at any time: ask the staff at the door"
        )
    retention = _until(event.retention_days) or _(
        "no period for keeping it is set for this event yet: it is kept until the host decides to clear it"
    )
    if "student" in event.kind_names and event.are_students_minors:
        of_minors = ngettext(
            "the names of pupils under age are cleared %(num)s day after the event",
            "the names of pupils under age are cleared %(num)s days after the event",
            _days_of(event, "student") or 0,
        )
        retention = f"{retention}{_('; ')}{of_minors}"
    return {"host": _("ask the staff at the door for its name"), "basis": basis, "retention": retention}


def _days_of(event: EventView, kind: str) -> int | None:
    """Return after how many days the names of a kind are cleared, None when nobody has set that."""
    if not event.is_of_minors(kind):
        return event.retention_days
    return min(event.minors_days, event.minors_days if event.retention_days is None else event.retention_days)


def _until(days: int | None) -> str:
    if days is None:
        return ""
    return str(
        ngettext("it is cleared %(num)s day after the event", "it is cleared %(num)s days after the event", days)
    )
