"""Rules of delivery: how a project is broken down, and what is done of it."""
