"""REST surfaces of this app."""
