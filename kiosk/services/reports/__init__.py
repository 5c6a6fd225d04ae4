"""The campaign's report (docs/product.md 4.2): figures, the rows behind each of them, the drafted paragraph, its
papers.

What counts is decided in docs/decisions/0010-what-the-report-counts.md and applied in one place, `sittings`.
"""
