"""The only place where the product's words and the solver's words meet."""
