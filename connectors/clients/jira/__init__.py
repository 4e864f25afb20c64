"""Jira Cloud: `wire` knows what its messages mean, `client` sends them. Canonical terms are for the trackers."""
