"""Invoices as files: PDF, and EN 16931 in both syntaxes. Values in, bytes out: no database, no network, no clock."""
