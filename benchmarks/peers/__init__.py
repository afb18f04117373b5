"""Other ways to solve the same problem, each under the same time and cores and checked by the same checker."""
