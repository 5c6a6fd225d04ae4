"""Near-duplicates: what is proposed, what never is, and that five thousand cost no square."""

from __future__ import annotations

import pytest
from flask import Flask

from kiosk.services.directory import entries, similar
from kiosk.services.directory.similar import Pair
from kiosk.services.refusals import Unknown
from kiosk.services.sign_in import cores, organisations
from kiosk.services.store.writer import run
from tests.aids.factories import merge, organisation_id, unmerge

FULL, SHORT, LOCAL = "湖北东贝制冷有限公司", "东贝制冷", "黄石东贝制冷有限公司"
BUREAU = "黄石市市场监督管理局"
PLACES = cores.places_in(["黄石港区", "大冶市"], [BUREAU])


def names(*pairs: Pair) -> set[frozenset[str]]:
    return {frozenset((pair.keep.name, pair.merge.name)) for pair in pairs}


def proposed() -> set[frozenset[str]]:
    similar.forget()
    return names(*similar.propose().pairs)


def two(first: str, second: str, *types: str) -> bool:
    """Say whether two organisations alone in a directory are proposed."""
    kinds = types or ("enterprise", "enterprise")
    organisations.add_many([first], kinds[0])
    organisations.add_many([second], kinds[1])
    return frozenset((first, second)) in proposed()


def test_one_enterprise_under_three_names_is_proposed(both_app: Flask) -> None:
    organisations.add_many([BUREAU], "agency")
    organisations.add_many([SHORT, LOCAL, FULL, "湖北航天电缆有限公司"], "enterprise")
    assert proposed() == {frozenset(pair) for pair in ((SHORT, LOCAL), (SHORT, FULL), (LOCAL, FULL))}
    assert {pair.reason for pair in similar.propose().pairs} == {"equal"}


@pytest.mark.parametrize(
    "name, core",
    [
        (FULL, "东贝制冷"), (LOCAL, "东贝制冷"), (SHORT, "东贝制冷"),
        ("黄石市黄石港区东贝制冷集团股份有限公司", "东贝制冷"), ("湖北省大冶市劲牌有限公司", "劲牌"),
        ("大冶特殊钢有限公司", "特殊钢"), ("大冶有限公司", "大冶"), ("黄石市有限责任公司", "黄石市"),
        ("区域发展有限公司", "区域发展"), ("超市管理有限公司", "超市管理"), ("Dongbei Co., Ltd.", "dongbei"),
    ],
)  # fmt: skip
def test_core_is_the_name_without_place_and_legal_form(name: str, core: str) -> None:
    assert cores.core_of(name, PLACES) == core


@pytest.mark.parametrize(
    "first, second",
    [
        ("东贝", "东贝制冷有限公司"),  # two characters, at the beginning
        ("东贝制冷有限公司", "中科东贝制冷有限公司"),
        ("东贝制冷有限公司", "东贝致冷有限公司"),  # typed alike
        ("东贝制冷有限公司", "东贝冷制有限公司"),  # swapped
        ("乐蓓滋食品", "乐滋食品有限公司"),  # one missing
        ("中国农业银行黄石分行", "农业银行黄石分行"),
    ],
)
def test_slips_and_contained_names_are_proposed(app: Flask, first: str, second: str) -> None:
    assert two(first, second)


@pytest.mark.parametrize(
    "first, second",
    [
        ("黄石磁湖食品有限公司", "黄石鄂江食品有限公司"),
        ("鄂程矿山机械有限公司", "鄂岳矿山机械有限公司"),  # one character apart, typed otherwise
        ("湖北制冷", "东贝制冷有限公司"),  # two characters, at the end
        ("黄石第一中学", "黄石第二中学"),
        ("黄石二中", "黄石十二中"),
        ("黄石第三中学", "黄石第十三中学"),
        ("黄石第十二小学", "黄石第二十小学"),
        ("东风路小学", "西风路小学"),
        ("汉口银行股份有限公司", "汉口银行黄石分行"),
        ("汉口银行黄石分行", "汉口银行大冶支行"),
        ("中国农业银行黄石分行", "中国银行黄石分行"),
    ],
)
def test_others_are_not(app: Flask, first: str, second: str) -> None:
    assert not two(first, second)


def test_school_and_enterprise_never_are_but_what_a_guest_wrote_may_be_either(app: Flask) -> None:
    assert not two("东贝制冷", "东贝制冷有限公司", "school", "enterprise")
    assert not two("矿冶有限公司", "矿冶局", "enterprise", "agency")
    assert two("劲牌", "劲牌有限公司", "other", "enterprise")


def test_two_credit_codes_are_two_legal_persons(app: Flask) -> None:
    assert two(FULL, LOCAL)
    for name, code in ((FULL, "91350100M000100Y43"), (LOCAL, "91110000600037341L")):
        entries.update(organisation_id(name), entries.EntryDraft(name, "enterprise", code), actor="staff:1")
    assert proposed() == set()


def test_a_core_in_many_names_is_a_trade_and_nobody_s(app: Flask) -> None:
    organisations.add_many(["精密轴承"] + [f"{brand}精密轴承有限公司" for brand in "鄂磁矿铜锦"], "enterprise")
    assert proposed() == set()


def test_alias_and_merged_name_stand_for_their_root(app: Flask) -> None:
    organisations.add_many(["劲牌保健酒业有限公司", "劲酒", FULL, SHORT], "enterprise")
    assert proposed() == {frozenset((FULL, SHORT))}
    entries.add_alias(organisation_id("劲牌保健酒业有限公司"), "劲酒厂", actor="staff:1")
    merge(SHORT, FULL)
    assert proposed() == {frozenset(("劲牌保健酒业有限公司", "劲酒"))}
    unmerge(SHORT)
    assert len(proposed()) == 2


def test_not_the_same_is_kept_for_good_and_can_be_taken_back(both_app: Flask) -> None:
    assert two(SHORT, FULL)
    pair = organisation_id(FULL), organisation_id(SHORT)
    for _ in range(2):
        similar.set_different(*pair, are_different=True, actor="staff:1")
    assert proposed() == set()
    assert [other.name for other in entries.find(pair[0]).others] == [SHORT]
    assert [other.name for other in entries.find(pair[1]).others] == [FULL]
    similar.set_different(*pair[::-1], are_different=False, actor="staff:1")
    assert proposed() == {frozenset((FULL, SHORT))}
    for wrong in ((pair[0], 99), (pair[0], pair[0])):
        with pytest.raises(Unknown):
            similar.set_different(*wrong, are_different=True, actor="staff:1")


def test_a_merge_is_proposed_towards_the_confirmed_the_one_with_a_code_the_longer(app: Flask) -> None:
    assert two(SHORT, FULL)
    (pair,) = similar.propose().pairs
    assert (pair.merge.name, pair.keep.name) == (SHORT, FULL)
    draft = entries.EntryDraft(SHORT, "enterprise", "91350100M000100Y43")
    entries.update(organisation_id(SHORT), draft, actor="staff:1")
    assert similar.propose().pairs[0].keep.name == SHORT

    def unlist(session: object) -> None:
        session.get(organisations.Organisation, organisation_id(SHORT)).is_listed = False  # type: ignore[attr-defined]

    run(unlist)
    assert similar.propose().pairs[0].keep.name == FULL


def test_twice_the_names_cost_about_twice_the_comparisons(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []
    is_slip = cores.is_slip

    def count(one: str, other: str) -> bool:
        compared.append((one, other))
        return is_slip(one, other)

    monkeypatch.setattr(cores, "is_slip", count)
    characters = "鄂楚磁湖江矿冶铜锦恒瑞泰晟宏鑫卓启远嘉益"
    names = [a + b + c + d for a in characters[:8] for b in characters for c in characters[:8] for d in "酒布"]

    def comparisons(number: int) -> int:
        organisations.add_many([f"{name}{chr(0x5000 + at)}" for at, name in enumerate(names[:number])], "enterprise")
        compared.clear()
        proposed()
        return len(compared)

    few, many = comparisons(600), comparisons(1200)
    assert many <= 3 * max(few, 600)
