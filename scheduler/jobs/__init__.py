"""What runs later, durably: the job engine and the jobs."""
