"""The preview of an import: what is shown of a list, what can be chosen otherwise, and that a choice loses none."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from kiosk.services import tallies
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.files import read_file
from kiosk.services.roster import roster_drafts, roster_imports, rosters
from kiosk.services.roster.roster_reading import MOST_ASKED
from kiosk.services.roster.rosters import EntryView
from tests.aids import hostile_lists
from tests.aids.factories import enterprise, log_in, make_event, make_staff, post, sign_in
from tests.aids.paths import FIXTURES

LISTS = FIXTURES / "lists"


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A browser in which an admin is logged in, who reads English."""
    make_staff()
    log_in(client, "admin@example.org")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


class Preview:
    """A page of a preview, its form filled in as a browser has it."""

    def __init__(self, desk: FlaskClient, event: EventView, name: str, content: bytes = b"") -> None:
        books = read_file(content or (LISTS / name).read_bytes())
        token = roster_drafts.stage(event, books, staff_id=1, source=name)
        self.desk, self.event = desk, event
        self.path = f"/events/{event.code}/roster/import/{token}"
        self.look()

    def look(self) -> None:
        answer = self.desk.get(self.path)
        assert answer.status_code == 200, answer.location
        self.page = unescape(answer.text)
        form = self.page.split('class="roster-choices"')[1].split("</form>")[0]
        self.fields: dict[str, list[str]] = {}
        for tag in re.findall(r"<input[^>]*>", form):
            about = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            is_sent = about["type"] == "hidden" or re.search(r"\schecked\b", tag)
            if is_sent and about["name"] != "csrf_token":
                self.fields.setdefault(about["name"], []).append(about["value"])
        for name, options in re.findall(r'<select[^>]*name="([^"]+)">(.*?)</select>', form, re.S):
            chosen = re.findall(r'<option value="([^"]*)" selected', options)
            self.fields[name] = chosen or [""]

    def values(self, name: str) -> list[str]:
        """Return what the boxes of a name stand for."""
        return re.findall(rf'<input type="(?:checkbox|radio)" name="{name}" value="([^"]*)"', self.page)

    def column(self, header: str) -> str:
        """Return the name of the select over a column."""
        found = re.search(rf">{header}</span>\s*<select[^>]*name=\"([^\"]+)\"", self.page)
        assert found, header
        return found[1]

    def send(self, **fields: object) -> str:
        """Send the form, these fields otherwise; return where it leads, and look again where it leads back."""
        answer = post(self.desk, self.path, **{**self.fields, **fields})
        assert answer.status_code == 303
        if answer.location == self.path:
            self.look()
        return answer.location

    def confirm(self, **fields: object) -> tuple[EntryView, ...]:
        """Import it, and return who is listed."""
        assert self.send(**fields) == f"/events/{self.event.code}/roster"
        assert tallies.recount() == ()
        return rosters.entries(self.event.id)


def names(entries: tuple[EntryView, ...]) -> list[str]:
    return [entry.name for entry in entries]


def test_each_sheet_is_named_and_has_its_switch(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "three-sheets.xlsx")
    assert all(sheet in shown.page for sheet in ("市直", "东城区", "西城区")) and "Import 5 rows" in shown.page
    first, *rest = shown.values("table")
    assert len(rest) == 2 and shown.fields["table"] == [first, *rest]
    assert shown.send(table=rest) == shown.path, "what is chosen otherwise is shown before it is imported"
    assert events.counts(shown.event.id).expected == 0
    assert "Read as you chose. Nothing is imported yet." in shown.page
    assert "Import 3 rows" in shown.page and shown.fields["table"] == rest and "left out as you said" in shown.page
    assert names(shown.confirm()) == ["甘三", "甘四", "甘五"]


def test_a_column_is_said_to_hold_something_else_and_the_next_list_is_read_so(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "three-sheets.xlsx")
    column = shown.column("职务")
    assert shown.fields[column] == ["job_title"]
    assert shown.send(**{column: "note", "again": "1"}) == shown.path
    assert shown.fields[column] == ["note"]
    first = shown.confirm()[0]
    assert (first.job_title, first.note) == (None, "经理")
    again = Preview(desk, make_event(), "three-sheets.xlsx")
    assert again.fields[again.column("职务")] == ["note"], "as it was said of these headers"
    assert again.confirm()[0].note == "经理"


def test_hidden_rows_are_counted_and_read_when_asked_for(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "hidden-rows.xlsx")
    assert "2 hidden rows are left out." in shown.page and "Import 2 rows" in shown.page
    assert shown.send(takes_hidden="1") == shown.path
    assert "Import 4 rows" in shown.page and shown.fields["takes_hidden"] == ["1"]
    assert names(shown.confirm()) == ["甘一", "甘二", "甘三", "甘四"]


def test_choices_that_leave_nobody_are_named_and_not_kept(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "three-sheets.xlsx")
    before = shown.fields
    assert shown.send(table=[]) == shown.path
    assert 'class="notice notice--bad"' in shown.page and shown.fields == before


def test_a_row_that_is_asked_about_no_longer_is_not_lost(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "three-sheets.xlsx")
    asked_before = ["0.0.0.1.0", "0.0.0.2.0"]  # in another encoding, or by columns that held something else
    assert len(shown.confirm(asked=asked_before)) == 5


def test_an_uncertain_encoding_is_chosen_by_the_first_names(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "cp1252-quiet.csv")
    assert "The encoding of this file is not certain." in shown.page
    assert "Müller" in shown.page and "M黮ler" in shown.page
    likeliest, other = shown.values("encoding")[:2]
    assert shown.fields["encoding"] == [likeliest] == ["cp1252"]
    assert shown.send(encoding=other) == shown.path
    assert shown.fields["encoding"] == [other]
    assert shown.send(encoding="cp1252") == shown.path
    assert names(shown.confirm()) == ["Müller Ada", "Grün Bo"]


def test_the_likeliest_encoding_is_imported_at_once(desk: FlaskClient) -> None:
    assert names(Preview(desk, make_event(), "cp1252-quiet.csv").confirm()) == ["Müller Ada", "Grün Bo"]


def test_who_is_ticked_is_written_and_nobody_else(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "two-in-a-cell.xlsx")
    assert "take" not in shown.fields and "Several names in one cell: 甘一、甘二." in shown.page
    assert "Import those ticked" in shown.page, "the button counts nobody of whom it does not know"
    keys = shown.values("take")
    assert shown.fields["asked"] == keys and len(keys) == 5
    assert names(shown.confirm(take=keys[:3])) == ["甘一", "甘二", "甘三"]


def test_ticks_are_kept_when_something_else_is_chosen(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "two-in-a-cell.xlsx")
    column, keys = shown.column("单位"), shown.values("take")
    assert shown.send(**{"take": keys[3:], column: "note"}) == shown.path
    assert shown.fields["take"] == keys[3:] and shown.fields[column] == ["note"]
    assert [(one.name, one.note) for one in shown.confirm()] == [("甘四", "松林机电"), ("甘五", "松林机电")]


def test_a_date_is_asked_about_and_never_stands_as_a_class(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(kinds=[{"kind": "student"}]), "class-as-date.xlsx")
    assert "2024-03-02" not in shown.page and "made a date of it" in shown.page
    keys = shown.values("take")
    assert keys and "take" not in shown.fields
    assert "2024-03-02" not in [one.class_name for one in shown.confirm(take=keys)]


def second(desk: FlaskClient) -> Preview:
    event = make_event()
    books = read_file((LISTS / "first.csv").read_bytes())
    roster_imports.write(event, books, Choices(), actor="staff:1", source="first.csv")
    return Preview(desk, event, "second.csv")


def test_empty_cells_keep_what_is_known_unless_they_are_asked_to_erase(desk: FlaskClient) -> None:
    shown = second(desk)
    known = rosters.entries(shown.event.id)
    found = re.search(r"Empty (\d+) values too", shown.page)
    assert found and "there is nothing to import" in shown.page, "in numbers, and asked"
    assert shown.send(erases="1", again="1") == shown.path
    assert shown.fields["erases"] == ["1"] and shown.page.count("→ empty") == int(found[1])
    now = shown.confirm()
    emptied = [
        name
        for old, new in zip(known, now, strict=True)
        for name in vars(old)
        if vars(old)[name] and not vars(new)[name]
    ]
    assert len(emptied) >= int(found[1])


def test_each_change_is_shown_old_to_new_and_empty_cells_change_nothing(desk: FlaskClient) -> None:
    event = make_event()
    post(desk, f"/events/{event.code}/roster/import", pasted="姓名\t手机\t座位\t备注\n甘一\t13800000001\tA1\t素食")
    list_ = "姓名\t手机\t座位\t备注\n甘一\t13800000001\tA1\t素食"
    post(desk, post(desk, f"/events/{event.code}/roster/import", pasted=list_).location)
    changed = list_.replace("A1\t素食", "B7\t")
    page = desk.get(post(desk, f"/events/{event.code}/roster/import", pasted=changed).location).text
    assert re.search(r'Seat: <s class="muted">A1</s> → B7', page) and "素食" not in page
    assert "Empty 1 value too" in page and "Import 1 rows" in page


def test_the_last_import_is_taken_back_by_one_tap_and_no_second(desk: FlaskClient) -> None:
    event = make_event()
    Preview(desk, event, "three-sheets.xlsx").confirm()
    path = f"/events/{event.code}/roster/import"
    page = desk.get(path).text
    assert "three-sheets.xlsx" in page and "5 new, 0 updated, 0 unchanged" in page and "admin@example.org" in page
    assert "甘一" not in page and f'action="{path}/back"' in page
    assert "#imports" in desk.get(f"/events/{event.code}/roster").text
    assert desk.post(f"{path}/back").status_code in (400, 403), "without its token"
    assert rosters.entries(event.id)
    assert post(desk, f"{path}/back").location == path
    page = desk.get(path).text
    assert "The import is taken back: 5 removed, 0 as before." in page and f'action="{path}/back"' not in page
    post(desk, f"{path}/back")
    assert "There is no import that could be taken back." in desk.get(path).text
    assert rosters.entries(event.id) == () and tallies.recount() == ()


def test_an_import_of_whom_somebody_has_signed_in_says_why_it_stays(desk: FlaskClient) -> None:
    event = make_event()
    Preview(desk, event, "three-sheets.xlsx").confirm()
    one = rosters.entries(event.id)[0]
    sign_in(event, enterprise(one.name, organisation_name=one.organisation_name, mobile=one.mobile))
    post(desk, f"/events/{event.code}/roster/import/back")
    page = desk.get(f"/events/{event.code}/roster/import").text
    assert "Somebody of this import has signed in" in page and len(rosters.entries(event.id)) == 5


def doubts(count: int) -> bytes:
    """Return a list of so many cells with two names each."""
    people = (f"王{chr(0x4E00 + n)}、李{chr(0x4E00 + n)},单位{n}\n" for n in range(count))
    return ("姓名,单位\n" + "".join(people)).encode()


def test_a_page_asks_about_some_hundreds_and_the_next_ones_follow(desk: FlaskClient) -> None:
    """The form of ten thousand was larger than any that is taken: nothing of such a list could be imported."""
    shown = Preview(desk, make_event(), "long.csv", doubts(200))
    first = shown.values("take")
    assert len(first) == MOST_ASKED and "300 of 400 are shown." in shown.page
    assert shown.send(take=first[:5], again="1") == shown.path
    rest = shown.values("take")
    assert len(rest) == MOST_ASKED and len({*first, *rest}) == 400, "those of whom nothing was said stand first"
    assert set(rest[100:]) < set(first) and shown.fields["take"] == first[:5]
    assert len(shown.confirm(take=[*first[:5], *rest[:3]])) == 8


def test_the_others_are_taken_as_proposed_when_somebody_says_so(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "long.csv", doubts(200))
    first = shown.values("take")
    assert shown.send(take=first[:2], takes_doubtful="1") == shown.path, "shown before it is imported"
    assert shown.fields["takes_doubtful"] == ["1"] and len(shown.fields["take"]) == 102
    assert len(shown.confirm()) == 102
    few = Preview(desk, make_event(), "short.csv", doubts(3))
    assert "takes_doubtful" not in few.page and "are shown." not in few.page


def test_a_list_of_nothing_but_doubts_is_a_page_that_a_phone_can_hold(desk: FlaskClient) -> None:
    shown = Preview(desk, make_event(), "long.xlsx", hostile_lists.doubtful_list())
    assert len(shown.page.encode()) < 1_000_000
    assert len(shown.confirm(take=shown.values("take"))) == MOST_ASKED
