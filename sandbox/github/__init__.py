"""GitHub's REST API for issues, as a stand-in: the cloud form at the root, Enterprise Server under /api/v3."""
