"""What others made and this house serves stands as it came: its checksums say so, and a licence beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.aids.paths import ROOT

VENDORED = sorted(folder for folder in (ROOT / "static" / "vendor").iterdir() if folder.is_dir())
BESIDE = {"README.md", "SHA256SUMS", "coverage.txt"}


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_every_file_is_as_its_checksum_says(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split() for line in lines)}
    files = {file.name for file in folder.iterdir()} - BESIDE
    licences = {name for name in files if name.startswith(("LICENSE", "OFL"))}
    assert licences and files - licences == sums.keys()
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
