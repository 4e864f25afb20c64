"""Comments of a target's issues, and the files it does not take."""

from __future__ import annotations

from contextlib import AbstractContextManager

from connectors.domain.errors import Refused
from connectors.domain.ports import Document, FileContent, TargetComment, TargetFile
from connectors.trackers.github.marks import join_comment, split_comment
from connectors.trackers.github.repository import GitHubRepository
from connectors.trackers.github.target_items import comment_from, number_of
from connectors.trackers.github.texts import fitting, markdown_of

ATTACHMENTS_UNSUPPORTED = "ATTACHMENTS_UNSUPPORTED"


class ContentAccess(GitHubRepository):
    """See `connectors.domain.ports.TargetTracker` for what each verb promises."""

    def add_comment(self, item_id: str, body: Document, *, source_id: str) -> str:
        text = fitting(join_comment(markdown_of(body), source_id), field="comment")
        return str(self.client.create_comment(number_of(item_id), text)["id"])

    def edit_comment(self, item_id: str, comment_id: str, body: Document) -> None:
        """The mark is kept; reading it first is the only way to know it."""
        standing = (entry for entry in self.client.list_comments(number_of(item_id)) if str(entry["id"]) == comment_id)
        source_id = next((split_comment(entry.get("body"))[1] for entry in standing), None)
        text = markdown_of(body)
        whole = text if source_id is None else join_comment(text, source_id)
        self.client.update_comment(comment_id, fitting(whole, field="comment"))

    def read_target_comments(self, item_id: str) -> list[TargetComment]:
        return [comment_from(comment) for comment in self.client.list_comments(number_of(item_id))]

    def comment_marks(self, item_id: str, known: frozenset[str]) -> dict[str, str]:
        """Of several comments with one mark the oldest counts."""
        marks: dict[str, str] = {}
        for comment in self.client.list_comments(number_of(item_id)):
            source_id = split_comment(comment.get("body"))[1]
            if source_id is not None and str(comment["id"]) not in known:
                marks.setdefault(source_id, str(comment["id"]))
        return marks

    def upload_file(self, item_id: str, name: str, content: FileContent) -> TargetFile:
        """Raises Refused (ATTACHMENTS_UNSUPPORTED): only GitHub's pages take files."""
        raise _no_files(name)

    def media_id(self, file_id: str) -> str | None:
        return None

    def files(self, item_id: str) -> list[TargetFile]:
        """None: what people upload are addresses inside texts."""
        return []

    def open_target_file(self, file_id: str) -> AbstractContextManager[FileContent]:
        raise _no_files(file_id)


def _no_files(name: str) -> Refused:
    words = f"GitHub takes no files over its interface: {name} stays where it is, linked from the text."
    return Refused(words, code=ATTACHMENTS_UNSUPPORTED, status=415)
