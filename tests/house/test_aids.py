"""Each test aid has one line in tests/aids/README.md, so that the next test finds it."""

from __future__ import annotations

import re

from tests.aids.paths import ROOT

AIDS = ROOT / "tests" / "aids"


def test_every_aid_has_its_line_and_every_line_its_aid() -> None:
    listed = re.findall(r"^\| `([^`]+)` \| \S", (AIDS / "README.md").read_text(), flags=re.MULTILINE)
    aids = sorted(one.name for one in AIDS.iterdir() if one.suffix in (".py", ".js") and one.name != "__init__.py")
    assert sorted(listed) == aids
