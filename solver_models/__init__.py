"""Optimisation models: plain values in, plain values out; no database, HTTP, clock or calendar dates."""
