"""Measurements: generators of seeded problems, and runs that print what they found."""
