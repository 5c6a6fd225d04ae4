"""Credited hours (学时) and proofs of attendance (参训证明), of an event or of a series (docs/product.md 4.3)."""
