"""What the tests draw with: fontconfig files of their own, so that no machine's fonts decide whether a page holds.

Three sets, whose letters differ in width and whose lines differ in height; tools/install_test_tools.sh installs them.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from tests.aids.tools import missing

FontSet = Literal["noto", "wide", "office"]
SETS: tuple[FontSet, ...] = ("noto", "wide", "office")
VARIABLE = "FONTCONFIG_FILE"  # of the environment, for Chromium, LibreOffice and poppler
_FOLDER = Path("/usr/share/fonts")
_DEJAVU = [f"truetype/dejavu/DejaVu{name}.ttf" for name in ("Sans", "Sans-Bold", "SansMono", "SansMono-Bold")]
_SERIF = ["truetype/dejavu/DejaVuSerif.ttf", "truetype/dejavu/DejaVuSerif-Bold.ttf"]
_LIBERATION = [
    f"truetype/liberation/Liberation{face}-{weight}.ttf"
    for face in ("Sans", "Serif", "Mono")
    for weight in ("Regular", "Bold")
]
_CARLITO = ["truetype/crosextra/Carlito-Regular.ttf", "truetype/crosextra/Carlito-Bold.ttf"]


@dataclass(frozen=True)
class Faces:
    """The files of a set, which families stand for each generic one, and the hard characters that no face has."""

    files: Sequence[str]
    sans: Sequence[str]
    serif: Sequence[str]
    mono: Sequence[str]
    lacks: str = ""

    def drawn(self, text: str) -> str:
        """Return the text without what this set cannot draw."""
        return text.translate(dict.fromkeys(map(ord, self.lacks)))


FACES: dict[FontSet, Faces] = {
    # A Linux without Arial and Times: high lines, wide digits, a wide serif face.
    "noto": Faces(
        ["opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc", *_DEJAVU, *_SERIF],
        sans=["Noto Sans CJK SC"],
        serif=["DejaVu Serif", "Noto Sans CJK SC"],
        mono=["DejaVu Sans Mono", "Noto Sans CJK SC"],
    ),
    # The widest usual letters.
    "wide": Faces(
        ["truetype/wqy/wqy-zenhei.ttc", *_DEJAVU],
        sans=["DejaVu Sans", "WenQuanYi Zen Hei"],
        serif=["DejaVu Sans", "WenQuanYi Zen Hei"],
        mono=["DejaVu Sans Mono", "WenQuanYi Zen Hei"],
        lacks="𠮷",
    ),
    # The widths of Office and WPS: Liberation is Arial's and Times', Carlito is Calibri's; low lines.
    "office": Faces(
        ["truetype/wqy/wqy-microhei.ttc", "truetype/arphic/uming.ttc", *_CARLITO, *_LIBERATION],
        sans=["Carlito", "WenQuanYi Micro Hei"],
        serif=["Liberation Serif", "AR PL UMing CN"],
        mono=["Liberation Mono", "WenQuanYi Micro Hei"],
        lacks="𠮷",
    ),
}


@cache
def environ(name: FontSet = "noto") -> dict[str, str]:
    """Return the setting that lets a program draw with a set; skip by name without a font, fail where CI is set."""
    faces = FACES[name]
    for file in faces.files:
        if not (_FOLDER / file).exists():
            missing(f"the font {Path(file).name}")
    folder = Path(tempfile.mkdtemp(prefix="kiosk-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    configuration = folder / f"{name}.conf"
    configuration.write_text(_configuration(faces))
    return {VARIABLE: str(configuration)}


def _configuration(faces: Faces) -> str:
    folders = "".join(f"<dir>{folder}</dir>" for folder in sorted({(_FOLDER / file).parent for file in faces.files}))
    files = "".join(f"<glob>{_FOLDER / file}</glob>" for file in faces.files)
    generic = {"sans-serif": faces.sans, "system-ui": faces.sans, "serif": faces.serif, "monospace": faces.mono}
    # Office files name faces that no free system has; Arial has a twin in one set only.
    generic |= {"Arial": ["Liberation Sans", *faces.sans], "Times New Roman": faces.serif, "SimSun": faces.serif}
    aliases = "".join(
        f"<match><test name='family'><string>{name}</string></test>"
        f"<edit name='family' mode='append' binding='strong'>{_strings(families)}</edit></match>"
        for name, families in generic.items()
    )
    return (
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'urn:fontconfig:fonts.dtd'><fontconfig>"
        f"{folders}<cachedir>/var/cache/fontconfig</cachedir><cachedir prefix='xdg'>fontconfig</cachedir>"
        f"<selectfont><rejectfont><glob>*</glob></rejectfont><acceptfont>{files}</acceptfont></selectfont>"
        f"{aliases}<match><edit name='family' mode='append_last'>{_strings(faces.sans)}</edit></match></fontconfig>"
    )


def _strings(families: Sequence[str]) -> str:
    return "".join(f"<string>{family}</string>" for family in families)
