"""What a person is found by, kept in their row as one text: 王强 湖北东贝集团 初二3班/,wq,yq,wj,yj/20230301.

Three parts between slashes: the words of which any part finds the person (name, organisation, class, group), the
initials whose beginning does, by every reading of the name, each after a comma, and the student number that finds
them as a whole. All of it as `names.key_of` has it, so that brackets, width and capitals are no obstacle; no part holds
a slash, a comma or a space. Whoever changes what a key says lets a migration ask for the kept ones to be written anew
(services/upkeep/kept_keys). Measured and weighed in docs/decisions/0012 and docs/decisions/0017.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kiosk.services.names import LONGEST_NAME, key_of
from kiosk.services.people.pinyin import all_initials_of

# What divides a key; `key_of` leaves them to a text that has nothing else.
_DIVIDERS = str.maketrans("", "", "/, ")


def part_of(value: str | None) -> str:
    """Return a text as it stands in a search key."""
    return key_of(value).translate(_DIVIDERS) if value else ""


# Of many people one organisation, one class, one group; names are not remembered here.
_shared_part = lru_cache(maxsize=500)(part_of)


def search_key(
    name: str,
    organisation_name: str | None = None,
    class_name: str | None = None,
    student_no: str | None = None,
    group_name: str | None = None,
    *,
    name_key: str | None = None,
) -> str:
    """Return the search key of a person; "" for somebody without a name, who is never found. `name_key` is the name's,
    where it is known already."""
    if not name:
        return ""
    # One that is as long as a key may be was cut.
    own = name_key.translate(_DIVIDERS) if name_key and len(name_key) < LONGEST_NAME else part_of(name)
    words = filter(None, (own, *map(_shared_part, (organisation_name, class_name, group_name))))
    return f"{' '.join(words)}/,{','.join(all_initials_of(own))}/{part_of(student_no)}"


def search_key_of(one: Any) -> str:
    """Return the search key of a roster's entry, a sign-in, or the details that somebody wrote."""
    group_name = getattr(one, "group_name", None)
    return search_key(one.name, one.organisation_name, one.class_name, one.student_no, group_name)
