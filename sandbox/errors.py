"""What can go wrong before a stand-in serves."""


class BuildError(Exception):
    """The content a stand-in should start with cannot be read; the text says why."""
