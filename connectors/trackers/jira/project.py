"""The project that a tracker works on, and what is known of it."""

from __future__ import annotations

import threading

from connectors.clients.jira.client import JiraClient
from connectors.domain.shapes import TargetShape
from connectors.trackers.jira import describing, drafts
from connectors.trackers.jira.people import Directory, read_assignable, read_directory


class JiraProject:
    """Client, project key, and the readings that many verbs stand on, each made at most once and shared by all
    threads: the shape (given by the caller or read when first needed) and two listings of people."""

    def __init__(self, client: JiraClient, key: str, *, shape: TargetShape | None = None) -> None:
        self.client = client
        self._given_key = key
        self._shape = shape
        self._layout: drafts.Layout | None = None
        self._directory: Directory | None = None
        self._assignable: Directory | None = None
        self._reading = threading.RLock()

    @property
    def key(self) -> str:
        """As Jira spells it once the shape is known."""
        return self._shape.project_key if self._shape else self._given_key

    def describe(self) -> TargetShape:
        """The project's shape, read anew."""
        shape = describing.describe_project(self.client, self._given_key)
        with self._reading:
            self._shape, self._layout = shape, None
        return shape

    @property
    def shape(self) -> TargetShape:
        """The shape as last read."""
        with self._reading:
            return self._shape or self.describe()

    @property
    def layout(self) -> drafts.Layout:
        """What bodies depend on."""
        with self._reading:
            if self._layout is None:
                self._layout = drafts.layout_of(self.shape)
            return self._layout

    @property
    def directory(self) -> Directory:
        """The site's people."""
        with self._reading:
            if self._directory is None:
                self._directory = read_directory(self.client, self.key)
            return self._directory

    @property
    def assignable(self) -> Directory:
        """Those who can be assigned in the project, as far as one listing shows them."""
        with self._reading:
            if self._assignable is None:
                self._assignable = read_assignable(self.client, self.key)
            return self._assignable
