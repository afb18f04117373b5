"""Billing: contracts, what is charged, invoices, and what becomes of them."""
