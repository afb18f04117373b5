"""Compile the kernel before it is needed: ``python -m solver_models.staffing.kernel``."""

from __future__ import annotations

from solver_models.staffing.kernel.ready import compile_all

compile_all()
