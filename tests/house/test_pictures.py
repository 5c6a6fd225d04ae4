"""The comparison of two runs of `make screenshots` finds what differs, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tools import compare_pictures


def test_what_differs_is_named_with_its_share_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    monkeypatch.setattr(compare_pictures, "FOLDER", tmp_path / "differences")
    plain = Image.new("RGB", (100, 50), "white")
    moved, taller = plain.copy(), Image.new("RGB", (100, 60), "white")
    moved.paste("black", (10, 20, 20, 25))
    for folder, pictures in (
        (before, {"same": plain, "moved": plain, "taller": plain, "gone": plain, "contact-phone": plain}),
        (after, {"same": plain, "moved": moved, "taller": taller, "new": plain, "contact-phone": moved}),
    ):
        folder.mkdir()
        for name, image in pictures.items():
            image.save(folder / f"{name}.png")
    compare_pictures.main([str(before), str(after)])
    assert capsys.readouterr().out.splitlines() == [
        f"only in {before}: gone",
        f"only in {after}: new",
        " 16.67 %  taller  (0, 50, 100, 60), height 50 → 60",
        "  1.00 %  moved  (10, 20, 20, 25)",
        "2 of 3 differ",
    ]
    assert sorted(path.name for path in (tmp_path / "differences").iterdir()) == ["moved.png", "taller.png"]
