"""The operations, one file per area."""
