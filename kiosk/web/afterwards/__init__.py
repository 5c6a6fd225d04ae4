"""After the event: sheets, exports, hours and proofs, the report, personal data, the audit log."""
