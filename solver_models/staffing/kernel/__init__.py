"""The loops that decide how fast a firm is planned, compiled on first use."""
