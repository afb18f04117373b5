"""Who works on what, when, and for what share: the staffing problem, its checker, its model and its proof."""
