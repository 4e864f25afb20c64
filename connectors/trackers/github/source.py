"""A GitHub repository as a source: the verbs of `connectors.domain.ports.SourceTracker` on top of the client.

Issues are items; pull requests, which share lists and numbers with them, are not.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from connectors.clients.github.client import GitHubClient
from connectors.clients.github.wire.payloads import Comment as CommentPayload
from connectors.clients.github.wire.payloads import Issue, Milestone
from connectors.clients.github.wire.values import is_pull, parse_time, upload_of
from connectors.domain.errors import Missing, Refused
from connectors.domain.ports import FileContent, ItemFilter
from connectors.domain.shapes import Iteration, SourceField, SourceShape, SourceType
from connectors.domain.work_items import Attachment, Comment, Revision, WorkItem
from connectors.trackers.github.repository import GitHubRepository
from connectors.trackers.github.source_items import FIELDS, read_comment, read_item, read_revisions
from connectors.trackers.github.vocabulary import DEFAULT_TYPE, STATES, TYPES_BY_LABEL, type_of

_LEVELS = {"Epic": 2, "Initiative": 2, "Feature": 1, "Task": -1}
_ADDRESSES = re.compile(r"""\b(?:src|href)="([^"]+)\"""")


class GitHubSource(GitHubRepository):
    """One repository. `where` remembers in which issue an uploaded file was seen: files of private repositories open
    only by addresses that are signed when that issue is asked for."""

    def __init__(self, client: GitHubClient) -> None:
        super().__init__(client)
        self._where: dict[str, int] = {}
        self._noting = threading.Lock()

    @property
    def project(self) -> str:
        """The repository's name: the root of areas and iterations."""
        return self.client.repo.name

    def describe(self) -> SourceShape:
        """Everything about the repository that is not an issue, in three requests or more."""
        repository = self.repository()
        project = repository.get("name") or self.project
        names = [DEFAULT_TYPE, *TYPES_BY_LABEL.values(), *(kind["name"] for kind in self.issue_types())]
        types = tuple(SourceType(name, states=STATES, level=_LEVELS.get(name, 0)) for name in dict.fromkeys(names))
        return SourceShape(
            organization=self.organization,
            project_id=str(repository.get("id") or ""),
            project=project,
            types=types,
            fields=tuple(SourceField(reference, name, kind) for reference, (name, kind) in FIELDS.items()),
            iterations=(Iteration(project), *(_iteration(project, entry) for entry in self.client.list_milestones())),
            areas=(project,),
            short_name="GitHub",
            item_addresses=(f"{repository.get('html_url') or self.item_url('').removesuffix('/issues/')}/",),
        )

    def list_ids(self, selection: ItemFilter) -> Iterator[list[str]]:
        """See SourceTracker. Raises Refused (PATH_INVALID) for an area: a repository has none."""
        if selection.area and selection.area != self.project:
            words = f"GitHub repositories have no areas: leave the area out instead of {selection.area!r}."
            raise Refused(words, code="PATH_INVALID")
        types = {name.casefold() for name in selection.types}
        for page in self.client.list_issues(since=selection.changed_since):
            numbers = [issue["number"] for issue in page if not is_pull(issue) and _is_of(issue, types)]
            if numbers:
                yield [str(number) for number in sorted(numbers)]

    def read_items(self, ids: Sequence[str]) -> list[WorkItem]:
        """See SourceTracker; lists serve what lies close together."""
        numbers = [int(each) for each in ids if each.isascii() and each.isdigit()]
        found = self.reader.read(numbers)
        return [self._item(found[number]) for number in numbers if number in found and not is_pull(found[number])]

    def read_comments(self, item: str) -> list[Comment]:
        """See SourceTracker."""
        found = []
        for comment in self.client.list_comments(_number(item)):
            self._note_files(comment.get("body"), int(item))
            found.append(read_comment(comment, known=self.known_person))
        return found

    def read_history(self, item: str) -> list[Revision]:
        """See SourceTracker: what the timeline tells. Edits of texts leave no entry there."""
        return read_revisions(self.client.get_timeline(_number(item)), known=self.known_person)

    @contextmanager
    def open_file(self, url: str, name: str) -> Iterator[FileContent]:
        """See SourceTracker. Raises Refused (FILE_FOREIGN) for an address that names no uploaded file, Missing
        (FILE_HIDDEN)."""
        upload = upload_of(url, site=self.client.site)
        if upload is None:
            raise Refused("The address names no file of GitHub", code="FILE_FOREIGN")
        with ExitStack() as stack:
            try:
                download = stack.enter_context(self.client.open_file(url))
            except Missing:
                signed = self._signed_address(upload.id)
                if signed is None:
                    raise
                download = stack.enter_context(self.client.open_file(signed))
            yield download

    def file_of(self, url: str) -> Attachment | None:
        """See SourceTracker."""
        upload = upload_of(url, site=self.client.site)
        return Attachment(upload.id, upload.name, url) if upload is not None else None

    def item_url(self, item: str) -> str:
        """See SourceTracker."""
        return f"{self.client.site}/{self.client.repo.full}/issues/{item}"

    def _item(self, issue: Issue) -> WorkItem:
        self._note_files(issue.get("body"), issue["number"])
        neighbours = self.neighbours_of(issue)
        return read_item(issue, project=self.project, neighbours=neighbours, known=self.known_person)

    def _note_files(self, body: str | None, number: int) -> None:
        if not body or ("assets/" not in body and "/files/" not in body and "githubusercontent" not in body):
            return
        uploads = (upload_of(address, site=self.client.site) for address in re.findall(r"https?://[^\s)\"'<>]+", body))
        with self._noting:
            self._where |= {upload.id: number for upload in uploads if upload is not None}

    def _signed_address(self, file_id: str) -> str | None:
        """An address of the file that opens for some minutes, from the rendered issue or its rendered comments."""
        number = self._where.get(file_id)
        if number is None:
            return None
        texts: list[Issue | CommentPayload] = [self.client.get_issue(number, full=True)]
        texts.extend(self.client.list_comments(number, full=True))
        for text in texts:
            for address in _ADDRESSES.findall(text.get("body_html") or ""):
                signed = html.unescape(address)
                upload = upload_of(signed, site=self.client.site)
                if upload is not None and upload.id == file_id and "?" in signed:
                    return signed
        return None


def _iteration(project: str, milestone: Milestone) -> Iteration:
    """A milestone: from when it was made until it is due, else was closed."""
    start, finish = parse_time(milestone.get("created_at")), parse_time(milestone.get("due_on"))
    finish = finish or parse_time(milestone.get("closed_at"))
    if start and finish and finish <= start:
        start = None
    return Iteration(f"{project}\\{milestone.get('title') or ''}", start, finish)


def _is_of(issue: Issue, types: set[str]) -> bool:
    return not types or type_of(issue).casefold() in types


def _number(item: str) -> int:
    """Raises Missing for a text that cannot be a number."""
    if not (item.isascii() and item.isdigit()):
        raise Missing(f"{item!r} is no issue number", code="ITEM_NOT_FOUND")
    return int(item)
