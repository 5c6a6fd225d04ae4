"""htmx's attributes as HTML has them: a template says `hx-get`, its page `data-hx-get`, which htmx knows as well."""

from __future__ import annotations

import re

from jinja2.ext import Extension

_NAME = re.compile(r"(?<=\s)hx-(?=[a-z])")


class DataNames(Extension):
    """Writes a template's hx- attributes as data-hx-: HTML has no others of a page's own (`make validate`)."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the template as it is compiled."""
        return _NAME.sub("data-hx-", source)
