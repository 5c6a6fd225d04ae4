"""Drawings that pages contain as they are."""

from __future__ import annotations

from markupsafe import Markup

from kiosk.services.event.qr import qr_svg


def qr(text: str, label: str) -> Markup:
    """Return the QR code of `text` as an SVG element named `label`; qr_svg quotes the one and draws the other."""
    return Markup(qr_svg(text, label=label))  # noqa: S704
