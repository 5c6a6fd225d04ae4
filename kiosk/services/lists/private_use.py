"""Characters of private fonts that stand in old lists, and what is meant by those of which that is known."""

from __future__ import annotations

import re

PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
# What GB 18030-2000 (and GBK, code page 936) kept in the private-use area for its codes FE50 to FEA0, in their order
# from U+E815 on, as the characters that Unicode 3.0 to 4.1 gave them: GB 18030-2005, annex E; the same pairs stand in
# the Encoding Standard of the WHATWG, "gb18030 encoder". U+E863 is 䶮, of many people's names.
_FIRST = 0xE815
_MEANT = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
    "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
MEANT = {chr(_FIRST + place): character for place, character in enumerate(_MEANT)}
_AS_MEANT = str.maketrans(MEANT)


def as_meant(text: str) -> str:
    """Return the text with every private-use character of which it is known replaced by what was meant."""
    return text.translate(_AS_MEANT)
