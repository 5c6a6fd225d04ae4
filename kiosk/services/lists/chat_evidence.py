"""What only all lines of a chat together say: which word is an enterprise, and how much of it is talk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kiosk.services.lists.chats import is_numbered
from kiosk.services.lists.doubts import Doubt, NoPerson, PersonRead
from kiosk.services.lists.looks_like import has_surname, is_organisation, is_title, may_begin_name
from kiosk.services.lists.talk import has_moment, is_talk

LEAST_PEOPLE = 3  # whose enterprises are known, before they say what stands in other lines
USUAL = 0.6  # of the people
Line = tuple[PersonRead, ...] | NoPerson


def weighed(texts: Sequence[str], lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines as all of them together are to be understood.

    A short word that two lines have, or that stands where most lines name an enterprise, is asked about no longer. A
    bare word without a number of its own is somebody for sure only where few lines are talk, and it begins as names do.
    """
    people = [person for line in lines if not isinstance(line, NoPerson) for person in line]
    enterprises = Counter(person.values.get("organisation_name", "") for person in people)
    certain = sum("organisation_name" in person.values and not _has(person, "either") for person in people)
    is_usual = certain >= LEAST_PEOPLE and certain >= USUAL * len(people)
    is_copied = any(has_moment(text) and not is_numbered(text) and not isinstance(line, NoPerson)
                    for text, line in zip(texts, lines, strict=True))  # fmt: skip
    are_talk = is_copied or _is_mostly_talk(lines)
    for text, line in zip(texts, lines, strict=True):
        if isinstance(line, NoPerson):
            yield line
            continue
        read = tuple(_settled(person, enterprises, is_usual=is_usual) for person in line)
        if len(read) == 1 and not is_numbered(text) and (has_moment(text) or is_bare(read[0])):
            name = read[0].values.get("name", "")
            if are_talk or _says(read[0]) or not may_begin_name(name):
                read = (guessed(read[0]),)
        yield read


def _is_mostly_talk(lines: Sequence[Line]) -> bool:
    """Say whether half of the lines are talk, or a third of those that follow the first person."""
    talk = [isinstance(line, NoPerson) and line.code == "talk" for line in lines]
    first = next((place for place, line in enumerate(lines) if not isinstance(line, NoPerson)), 0)
    return sum(talk) * 2 >= len(lines) or sum(talk[first:]) * 3 >= len(lines) - first


def _settled(person: PersonRead, enterprises: Counter[str], *, is_usual: bool) -> PersonRead:
    """Return the person asked no longer about their enterprise, where the other lines say that it is one."""
    name = person.values.get("organisation_name", "")
    if not _has(person, "either") or not (enterprises[name] > 1 or (is_usual and not has_surname(name))):
        return person
    doubts = (Doubt("organisation", one.about) if one.code == "either" else one for one in person.doubts)
    return replace(person, doubts=tuple(doubts))


def _says(person: PersonRead) -> bool:
    """Say whether a remark beside the name is what its person says: 甘一：收到."""
    remarks = (doubt.about["shown"] for doubt in person.doubts if doubt.code == "remark")
    return any(is_talk(word) for remark in remarks for word in remark.split())


def is_bare(person: PersonRead) -> bool:
    """Say whether nothing but the word itself speaks for a name: no number, enterprise, class or title."""
    values = person.values
    is_described = is_organisation(values.get("organisation_name", "")) or is_title(values.get("job_title", ""))
    return not (is_described or "mobile" in values or "class_name" in values)


def guessed(person: PersonRead) -> PersonRead:
    """Return a person of whom it is asked whether they are one."""
    return replace(person, doubts=(Doubt("guessed", {"shown": person.values.get("name", "")}), *person.doubts))


def _has(person: PersonRead, code: str) -> bool:
    return any(doubt.code == code for doubt in person.doubts)
