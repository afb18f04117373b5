"""Timefold's local search, in Java; its jars come from the wheel ``timefold``."""
