"""How values are said on screen: times in the event's zone, the second language, labels of kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Flask, g, request, url_for
from flask_babel import get_locale, gettext as _, lazy_gettext as _l
from markupsafe import Markup, escape

from kiosk.clock import utcnow
from kiosk.closed import Method
from kiosk.services import refusal_words
from kiosk.services.door.leaving import may_sign_out
from kiosk.services.event import notice_words, notices
from kiosk.services.event.campaigns import DEFAULT_TITLE
from kiosk.services.event.event_views import EventView, KindView
from kiosk.services.event.qr import qr_svg
from kiosk.services.event.usual_times import is_unused
from kiosk.services.fields import KIND_WORDS
from kiosk.services.names import mask_mobile, mask_name, surname_of
from kiosk.services.pauses import pausing
from kiosk.services.proofs.proof_words import hours_text
from kiosk.web.frame.entrances import digits_field
from kiosk.web.frame.large_print import PRINT, is_large_print
from kiosk.web.frame.tickets import AGAIN, STATION, is_station, leads_on, let_in_on

UNUSED = _l(
    "Sign-in is open. It closes at the end of the day on which the first person signs in; if nobody does, at %(time)s."
)


METHOD_WORDS: Mapping[Method, Any] = {
    "self": _l("by phone"),
    "group": _l("by the group's leader"),
    "steward": _l("by a steward"),
    "kiosk": _l("at the station"),
    "api": _l("by another program"),
    "paper": _l("from paper"),
}  # through which door somebody signed in


def register_words(app: Flask) -> None:
    """Give templates these filters and globals."""
    app.jinja_env.filters.update({
        "local": local, "clock": clock, "time_at": time_at, "day": day, "dated": dated, "spell_code": spell_code,
        "say": refusal_words.say, "disk_words": refusal_words.say_disk,
        "hours": hours_text, "mask_name": mask_name, "mask_mobile": mask_mobile, "shown_name": shown_name,
        "surname": surname_of, "stamp": stamp,
        "tick_word": tick_word, "method_word": METHOD_WORDS.__getitem__,
        "pairs": lambda values: [(value, value) for value in values], "qr": drawn_code, "pausing": pausing,
    })  # fmt: skip
    functions: tuple[Callable[..., Any], ...] = (
        when, sign_in_times, signed_in_words, kind_label, consent_words, language, other_language_url,
        is_large_print, other_print_url, campaign_name, notice_sentence, sign_in_url, is_station, leads_on, let_in_on,
        whole_notice, digits_field, utcnow, may_sign_out,
    )  # fmt: skip
    app.jinja_env.globals.update({function.__name__: function for function in functions})


def language() -> str:
    """Return the page's language: `zh` or `en`."""
    return "en" if get_locale().language == "en" else "zh"


def local(owner: Any, name: str) -> Any:
    """Return a title, venue or label in the page's language, falling back to the first language."""
    alternative = getattr(owner, f"{name}_alt", None)
    return alternative if language() == "en" and alternative else getattr(owner, name)


def clock(moment: datetime, zone: ZoneInfo | str) -> str:
    """Return `09:02` in the zone."""
    return moment.astimezone(_zone(zone)).strftime("%H:%M")


def time_at(moment: datetime, zone: ZoneInfo | str) -> str:
    """Return `09:02`, and of another day than today `9月10日 09:02` or `10 Sep 09:02`: a time that stands alone."""
    if is_today(moment, zone):
        return clock(moment, zone)
    shown, now = moment.astimezone(_zone(zone)), utcnow().astimezone(_zone(zone))
    year = "" if shown.year == now.year else ("y年" if language() == "zh" else " y")
    of_day = f"{year}M月d日" if language() == "zh" else f"d MMM{year}"
    return f"{format_date(shown, of_day, locale=language())} {clock(moment, zone)}"


def stamp(moment: datetime) -> str:
    """Return a moment as the `datetime` of a <time> has it: HTML knows no more than thousandths of a second."""
    return moment.isoformat(timespec="seconds")


def is_today(moment: datetime, zone: ZoneInfo | str) -> bool:
    """Say whether a moment's day is today in the zone."""
    return moment.astimezone(_zone(zone)).date() == utcnow().astimezone(_zone(zone)).date()


def day(moment: datetime, zone: ZoneInfo | str, *, has_year: bool = False) -> str:
    """Return `9月10日 周二` or `Tue 10 Sep`; the year too when it is not the present one.

    `has_year`: in any case, for what is printed or kept and read in another year.
    """
    shown = moment.astimezone(_zone(zone))
    is_this_year = not has_year and shown.year == utcnow().astimezone(_zone(zone)).year
    if language() == "zh":
        return str(format_datetime(shown, "M月d日 EEE" if is_this_year else "y年M月d日 EEE", locale="zh"))
    return str(format_datetime(shown, "EEE d MMM" if is_this_year else "EEE d MMM y", locale="en"))


def dated(moment: datetime, zone: ZoneInfo | str) -> str:
    """Return the full date, as a notice or a contract carries it: `2026年11月22日`, `22 November 2026`."""
    shown = moment.astimezone(_zone(zone))
    if language() == "zh":
        return str(format_date(shown, "y年M月d日", locale="zh"))
    return str(format_date(shown, "d MMMM y", locale="en"))


def when(event: EventView) -> str:
    """Return an event's day and hours, or an empty text when it has no start."""
    if event.starts_at is None:
        return ""
    zone = event.zone
    start = f"{day(event.starts_at, zone)} {clock(event.starts_at, zone)}"
    if event.ends_at is None:
        return start
    if event.ends_at.astimezone(zone).date() == event.starts_at.astimezone(zone).date():
        return f"{start}–{clock(event.ends_at, zone)}"
    return f"{start} – {day(event.ends_at, zone)} {clock(event.ends_at, zone)}"


def sign_in_times(event: EventView) -> str:
    """Say in a sentence when sign-in opens and closes, or that it has closed and since when."""
    phase, zone, closes_at = event.phase(utcnow()), event.zone, event.closes_at
    closing = None if closes_at is None else time_at(closes_at, zone)
    if phase == "closed":
        closed_at = event.closed_at(utcnow())
        return str(
            _("Sign-in has closed.")
            if closed_at is None
            else _("Sign-in closed at %(time)s.", time=time_at(closed_at, zone))
        )
    if phase == "early" and event.opens_at is not None:
        opening = time_at(event.opens_at, zone)
        if closing is None:
            return str(_("Sign-in opens at %(time)s and stays open until you close it.", time=opening))
        return str(_("Sign-in opens at %(opening)s and closes at %(closing)s.", opening=opening, closing=closing))
    if closes_at is None:
        return str(_("Sign-in is open until you close it."))
    if is_unused(event):
        return str(UNUSED) % {"time": closing}
    return str(_("Sign-in is open until %(time)s.", time=closing))


def signed_in_words(event: EventView, signed_in_at: datetime) -> str:
    """Say to a phone that comes again when its sign-in was; on a second day that it is of the first."""
    time = time_at(signed_in_at, event.zone)
    if is_today(signed_in_at, event.zone):
        return str(_("You signed in at %(time)s", time=time))
    return str(_("Your sign-in for this event is of %(time)s", time=time))


def tick_word(label: str, event: EventView) -> str:
    """Return what is handed out in the page's language."""
    return event.tick_label(label, language())


def kind_label(kind: KindView | str) -> str:
    """Return what this event calls a kind of participant."""
    if isinstance(kind, KindView):
        label = local(kind, "label")
        if label:
            return str(label)
        kind = kind.kind
    return str(KIND_WORDS[kind])


def shown_name(person: Any, event: EventView, may_run: bool) -> str:
    """Return the name that a list shows of a person: a minor's is whole for who runs the event only."""
    is_hidden = event.is_of_minors(person.kind) and not may_run
    return str(mask_name(person.name) if is_hidden else person.name)


def campaign_name(owner: Any) -> str:
    """Return what phones call a campaign, or an event's; the default one has no name that says anything to anybody."""
    name = "campaign_title" if isinstance(owner, EventView) else "title"
    return "" if getattr(owner, name) == DEFAULT_TITLE else str(local(owner, name))


def consent_words(event: EventView, kind: str) -> str:
    """Return what is ticked where consent is the basis; a minor's guardian agrees as well (docs/product.md,
    "Decided")."""
    if event.is_of_minors(kind):
        return str(_("My guardian and I agree to the notice below"))
    return str(_("I agree to the notice below"))


def notice_sentence(event: EventView, kind: str = "") -> str:
    """Return the notice in one sentence, as this event says it to participants of a kind."""
    return notice_words.said_of(event, local(event, "notice_summary"), kind=kind)


def whole_notice(event: EventView) -> tuple[str, ...]:
    """Return the paragraphs of the notice as this event says it: a station shows them where they are asked for."""
    text = notices.get(event.notice_id)
    whole = "" if text is None else str(local(notice_words.filled(event, text), "body"))
    return tuple(paragraph for paragraph in whole.split("\n") if paragraph)


def drawn_code(text: str, label: str) -> Markup:
    """Return the QR code of `text` as an SVG element named `label`; qr_svg quotes the one and draws the other."""
    return Markup(qr_svg(text, label=label))  # noqa: S704


def spell_code(code: str) -> Markup:
    """Return a code in two groups, `K7M 4PQ`, so that it can be spoken, copied and compared."""
    half = len(code) // 2
    return Markup("<span>{}</span> <span>{}</span>").format(escape(code[:half]), escape(code[half:]))


def other_language_url() -> str:
    """Return this page's address in the other language; on a station, of what a form answered, its start's."""
    return station_path() + _this_page(lang="zh" if language() == "en" else "en")


def other_print_url() -> str:
    """Return this page's address in large print, or in the usual one."""
    return _this_page(**{PRINT: "0" if is_large_print() else "1"})


def station_path() -> str:
    """Return from where a station's links lead, as its script lets every page's address be the start's (station.js);
    nothing on other devices, whose links are of the page that they stand on."""
    ticket = g.get("kiosk_ticket")
    if request.blueprint != STATION and not (ticket is not None and ticket.is_kiosk):
        return ""
    code = (request.view_args or {})["code"]
    return request.path if request.method == "GET" else url_for("station.start", code=code)


def _this_page(**changed: str) -> str:
    return "?" + urlencode({**request.args.to_dict(), **changed})


def sign_in_url(event: EventView, **query: Any) -> str:
    """Return the address of an event's sign-in page, the station's own on the station.

    A language and a print chosen by hand go along, what makes the form a trial's or a companion's, and that it is the
    same phone's (tickets.leads_on), let in by the digits of a rotating code or not.
    """
    names = ("trial", "companion", "lang", PRINT, AGAIN)
    carried: dict[str, Any] = {name: request.args[name] for name in names if name in request.args}
    if is_station(event):
        return url_for("station.start", code=event.code, **{**carried, **query})
    led = leads_on() if "kind" in query else let_in_on()
    return url_for("attendee.event", code=event.code, **{**carried, **query, **led})


def _zone(zone: ZoneInfo | str) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)
