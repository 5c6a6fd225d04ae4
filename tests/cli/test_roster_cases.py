"""`flask roster import` over every case from the field, on both databases: who goes in, what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import force_locale

from kiosk.services.event.event_views import EventView
from kiosk.services.lists.pasted_names import people_pasted
from kiosk.services.roster import rosters
from kiosk.services.roster.rosters import EntryView
from tests.aids.factories import make_event
from tests.aids.list_cases import CASES, FOLDER, Case, in_order, values_of
from tests.aids.lists import reading_of_text


def run(app: Flask, event: EventView, file: str | Path, *options: str) -> dict[str, Any]:
    command = ["roster", "import", event.code, str(FOLDER / file), "--json", *options]
    answer: dict[str, Any] = json.loads(app.test_cli_runner().invoke(args=command).stdout)
    return answer


def entries(event: EventView) -> dict[str, EntryView]:
    return {entry.name: entry for entry in rosters.entries(event.id)}


def sayings(case: Case) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what the command must say of a case: rejected, doubts, left out."""
    with force_locale("en"):
        left_out = [{"what": one.what, "count": one.count, "reason": one.reason} for one in case.left_out]
        left_out += [{"what": name, "count": 1, "reason": "a column that is not used"} for name in case.unused]
        return (
            [{"sheet": one.sheet, "row": one.row, "reason": one.reason} for one in case.rejected],
            [{"sheet": sheet, "row": row, "reason": doubt.reason} for sheet, row, doubt in case.doubts],
            left_out,
        )


def test_every_case_gives_what_it_must(both_app: Flask) -> None:
    wrong = []
    for case in CASES:
        if case.refusal:
            continue
        must = dict(zip(("rejected", "doubts", "left_out"), sayings(case), strict=True))
        for options, people in (((), case.sure), (("--doubtful",), (*case.sure, *case.asked))):
            event = make_event()
            if case.after:
                run(both_app, event, case.after)
            answer = run(both_app, event, case.file, *options)
            listed = in_order(map(values_of, rosters.entries(event.id)))
            if listed != in_order(people):
                wrong.append((case.file, options, listed))
            wrong += [(case.file, name, answer[name]) for name, one in must.items()
                      if sorted(map(repr, answer[name])) != sorted(map(repr, one))]  # fmt: skip
    assert wrong == []


def test_each_reason_names_its_place(both_app: Flask) -> None:
    hidden = run(both_app, make_event(), "hidden-rows.xlsx")
    assert [one["reason"] for one in hidden["doubts"]] == ["2 hidden rows are left out."]
    assert (
        hidden["left_out"][0]["count"] == 2
        and run(both_app, make_event(), "hidden-rows.xlsx", "--hidden")["added"] == 4
    )
    quote = run(both_app, make_event(), "quote.csv")
    assert [(one["row"], "quotation mark" in one["reason"]) for one in quote["doubts"]] == [(3, True)]
    assert "encoding" in run(both_app, make_event(), "cp1252-quiet.csv")["doubts"][0]["reason"]
    formulas = run(both_app, make_event(), "formula-no-cache.xlsx")
    assert ["never" in one["reason"] or "no program has calculated" in one["reason"] for one in formulas["doubts"]] == [
        True
    ] * 2
    dates = run(both_app, make_event(), "class-as-date.xlsx")
    assert {(one["sheet"], one["row"]) for one in dates["doubts"]} == {("名单", 2)}


def test_values_are_what_the_cells_show(both_app: Flask) -> None:
    event = make_event()
    for file in ("zeros.xlsx", "grade-and-class.xlsx"):
        run(both_app, event, file)
    listed = rosters.entries(event.id)
    assert {"20240107", "00001234"} <= {entry.student_no for entry in listed}
    assert sorted(entry.class_name for entry in listed if entry.class_name) == ["初一3班", "初二3班", "初二3班"]
    event = make_event()
    run(both_app, event, "landline.xlsx")
    assert {name: one.mobile for name, one in entries(event).items() if one.mobile} == {
        "甘二": "13800130002", "甘五": "13800130005", "甘七": "13800130007", "甘八": "13800130008",
        "甘九": "+85291234567",
    }  # fmt: skip
    event = make_event()
    run(both_app, event, "contact-and-attendee.xlsx")
    assert [(name, one.mobile) for name, one in entries(event).items()] == [
        ("甘一", "13800130001"),
        ("甘二", "13800130002"),
    ]
    event = make_event()
    run(both_app, event, "english-split.xlsx")
    assert set(entries(event)) == {"Ada Example", "Bo Sample"}


def test_rare_names_go_in_all_eight(both_app: Flask) -> None:
    event = make_event()
    answer = run(both_app, event, "rare-names.xlsx")
    assert answer["added"] == 8 and answer["rejected"] == []
    assert [one["row"] for one in answer["doubts"]] == [5] and "U+E863" in answer["doubts"][0]["reason"]


def test_a_second_list_erases_nothing_by_an_empty_cell(both_app: Flask) -> None:
    event = make_event()
    run(both_app, event, "first.csv")
    before = rosters.entries(event.id)
    assert (answer := run(both_app, event, "second.csv"))["added"] == 0 and answer["updated"] == 0
    assert rosters.entries(event.id) == before and before[0].mobile == "13800130001"


def test_a_file_that_is_no_workbook_gets_its_reason(both_app: Flask) -> None:
    for file in ("html-table.xls", "xml2003.xls"):
        result = both_app.test_cli_runner().invoke(args=["roster", "import", make_event().code, str(FOLDER / file)])
        assert result.exit_code == 1 and "save" in result.output.casefold()


def test_a_chat_reads_alike_pasted_and_as_a_file(both_app: Flask) -> None:
    event = make_event()
    run(both_app, event, "jielong.txt")
    pasted = reading_of_text((FOLDER / "jielong.txt").read_text(encoding="utf-8"), event)
    assert [(row.name, row.mobile, row.organisation_name) for row in pasted.rows] == [
        (one.name, one.mobile, one.organisation_name) for one in rosters.entries(event.id)
    ]
    mobiles = {name: one.mobile for name, one in entries(event).items()}
    assert mobiles == {f"甘{number}": f"1380013000{place}" if place not in (3, 4) else None
                       for place, number in enumerate("一二三四五六七", start=1)}  # fmt: skip
    assert not any(one.job_title for one in rosters.entries(event.id))


def test_a_group_s_paste_reads_by_the_same_rules() -> None:
    pasted = "#接龙 周四活动\n\n通知：请大家准时参加\n1. 周一诺（请假）\n2. 甘三、甘四\n3. 甘一 男 13岁\n"
    people = people_pasted(pasted)
    taken = {one.values["name"]: one for one in people if not any(doubt.code == "odd_name" for doubt in one.doubts)}
    assert list(taken) == ["周一诺", "甘三", "甘四", "甘一"]
    assert taken["周一诺"].absent == "请假" and all(doubt.code != "absent" for doubt in taken["甘一"].doubts)
