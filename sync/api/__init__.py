"""REST surface of this app."""
