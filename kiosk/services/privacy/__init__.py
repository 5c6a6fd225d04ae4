"""Personal data and how it ends (docs/product.md 4.4 and "Decided"): purge in two steps, minors, retention, one person.

One declaration (declaration.py, from the columns' own `info["personal"]`) drives purge, erasure and export.
"""
