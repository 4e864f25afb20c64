"""The sign-in endpoints of the operations surface."""
