"""A fictional consultancy to try Muster on: 40 people, 15 projects and 70 demands over the 26 weeks from 2027-01-04."""

from scheduler.sample_firm.loading import HORIZON_START, WEEKS, load_sample_firm

__all__ = ["HORIZON_START", "WEEKS", "load_sample_firm"]
