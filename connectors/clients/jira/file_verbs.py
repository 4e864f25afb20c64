"""Attachments: streamed up, streamed down, never held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.clients.calls import Call, Effect, path_of
from connectors.clients.exchange import Download
from connectors.clients.jira.multipart import opened_upload
from connectors.clients.jira.session import JiraSession, Query
from connectors.clients.jira.wire.payloads import Attachment
from connectors.clients.jira.wire.values import media_id_in
from connectors.domain.errors import Unclear
from connectors.domain.ports import FileContent

_CONTENT = "/rest/api/3/attachment/content/{attachment}"
_NO_XSRF_CHECK = {"X-Atlassian-Token": "no-check"}
"""Without it an upload answers "XSRF check failed"."""


class FileVerbs(JiraSession):
    """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/"""

    def add_attachment(self, issue: str, name: str, content: FileContent) -> Attachment:
        """Streams one file into an issue. Not idempotent: equal names and contents stay separate attachments.

        Raises NotSent when the source breaks off (nothing arrived), Refused 413 over a limit, Unclear.
        """
        with opened_upload(name, content) as upload:
            call = Call(
                method="POST",
                path=path_of("/rest/api/3/issue/{issue}/attachments", issue=issue),
                route="/rest/api/3/issue/{issue}/attachments",
                effect=Effect.CREATE,
                upload=upload,
                headers=_NO_XSRF_CHECK,
                issue=issue,
            )
            made: list[Attachment] = self._json(call)
        if not made:
            raise Unclear("Jira took a file and answered no attachment.")
        return made[0]

    def delete_attachment(self, attachment: str, *, issue: str) -> None:
        """Raises Missing when it is gone already, Refused (403) without the right to delete it."""
        route = "/rest/api/3/attachment/{attachment}"
        parts = {"attachment": attachment}
        self._exchange(self._call("DELETE", route, parts, effect=Effect.IDEMPOTENT, issue=issue))

    def get_attachment_media_id(self, attachment: str) -> str | None:
        """The media-services id, read from the redirect of the content and nowhere else to be had; the redirect is
        not followed and its body not read. None when the site serves the content itself."""
        call = Call(
            method="GET",
            path=path_of(_CONTENT, attachment=attachment),
            route=_CONTENT,
            accept="*/*",
        )
        with self._streamed(call) as download:
            if download.status >= 400:
                raise self._refusal(download.answer())
            if download.status != 200:
                download.answer()  # a redirect's few bytes, read so that the connection can be used again
            return media_id_in(download.headers.get("location", ""))

    @contextmanager
    def open_attachment(self, attachment: str) -> Iterator[Download]:
        """Streams an attachment's content through the site itself (`redirect=false`), so that credentials never
        travel to a signed address elsewhere."""
        call = Call(
            method="GET",
            path=path_of(_CONTENT, attachment=attachment),
            route=_CONTENT,
            query=Query({"redirect": "false"}).pairs(),
            accept="*/*",
        )
        with self._streamed(call) as download:
            if download.status != 200:
                raise self._refusal(download.answer())
            yield download
