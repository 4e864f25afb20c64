"""Comments and files of items."""

from __future__ import annotations

from contextlib import AbstractContextManager

from connectors.clients.jira.wire.answers import LIMIT_REACHED
from connectors.domain.errors import Refused
from connectors.domain.ports import Document, FileContent, TargetComment, TargetFile
from connectors.trackers.jira.items import comment_from, file_from
from connectors.trackers.jira.marks import comment_mark, mark_of_comment
from connectors.trackers.jira.project import JiraProject

TOO_LARGE = "ATTACHMENT_TOO_LARGE"


class ContentAccess(JiraProject):
    """See `connectors.domain.ports.TargetTracker` for what each verb promises."""

    def add_comment(self, item_id: str, body: Document, *, source_id: str) -> str:
        return self.client.add_comment(item_id, body, [comment_mark(source_id)])

    def edit_comment(self, item_id: str, comment_id: str, body: Document) -> None:
        self.client.update_comment(item_id, comment_id, body)

    def read_target_comments(self, item_id: str) -> list[TargetComment]:
        return [comment_from(comment) for page in self.client.get_comments(item_id) for comment in page]

    def comment_marks(self, item_id: str, known: frozenset[str]) -> dict[str, str]:
        """Two reads however many comments are unknown. Of several comments with one mark the oldest counts."""
        ids = [str(comment["id"]) for page in self.client.get_comments(item_id) for comment in page]
        unknown = [comment for comment in ids if comment not in known]
        marks: dict[str, str] = {}
        if unknown:
            for comment in sorted(self.client.list_comments(unknown), key=lambda entry: int(entry["id"])):
                source = mark_of_comment(comment)
                if source is not None:
                    marks.setdefault(source, str(comment["id"]))
        return marks

    def upload_file(self, item_id: str, name: str, content: FileContent) -> TargetFile:
        """Too large files are refused before a byte is sent, where the limit and the size are known."""
        limit = self.shape.attachment_limit
        if limit is not None and content.size is not None and content.size > limit:
            raise Refused(
                f"{name} has {content.size:,} bytes, the Jira site takes {limit:,}.", code=TOO_LARGE, status=413
            )
        try:
            return file_from(self.client.add_attachment(item_id, name, content))
        except Refused as error:
            within = content.size is not None and limit is not None
            if error.code != LIMIT_REACHED or within:
                raise
            raise Refused(f"{name}: {error.message}", code=TOO_LARGE, status=413, fields=error.fields) from error

    def media_id(self, file_id: str) -> str | None:
        return self.client.get_attachment_media_id(file_id)

    def files(self, item_id: str) -> list[TargetFile]:
        return [file_from(attachment) for attachment in self.client.get_attachments(item_id)]

    def open_target_file(self, file_id: str) -> AbstractContextManager[FileContent]:
        return self.client.open_attachment(file_id)
