"""Comments, files and links of Azure DevOps items."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from connectors.clients.azure_devops.answers import Code
from connectors.clients.azure_devops.values import Json, as_int, as_text, attachment_id_of
from connectors.clients.azure_devops.wire.writing import Operation, add_relation, remove_relation, test_revision
from connectors.domain.errors import Missing, NotSent, Refused, Unclear
from connectors.domain.ports import FileContent
from connectors.domain.sides import SideComment, SideFile, SideLink, Value
from connectors.domain.work_items import Comment
from connectors.trackers.azure_items import in_order, read_comment
from connectors.trackers.azure_relations import ATTACHED_FILE
from connectors.trackers.sides.azure_devops_items import ItemAccess, number_of
from connectors.trackers.sides.azure_devops_marks import join_comment, split_comment
from connectors.trackers.sides.azure_devops_project import FILE_LIMIT
from connectors.trackers.sides.azure_devops_relations import (
    PARENT,
    Place,
    file_address,
    item_address,
    known_stems,
    lost_between,
    places,
    reference_of,
)
from connectors.trackers.sides.azure_devops_values import HTML, MARKDOWN, own_files, text_in

LINK_TYPE_UNKNOWN = "LINK_TYPE_UNKNOWN"
_TRIES = 4
"""So often a change of relations is begun again when somebody else was faster."""


class ContentAccess(ItemAccess):
    """See `connectors.domain.sides.Side` for what each verb promises."""

    # comments

    def comments(self, key: str) -> list[SideComment]:
        pages = self.client.comments(self.project, number_of(key))
        read = (read_comment(raw) for page in pages for raw in page)
        base_url = self.client.base_url
        return [_side_comment(comment, base_url=base_url) for comment in in_order(filter(None, read))]

    def add_comment(self, key: str, text: Value, *, mark: str) -> str:
        markup = _markup_of(text)
        whole = join_comment(text_in(text, markup), mark, markup=markup)
        made = self.client.add_comment(self.project, number_of(key), whole, markup=markup)
        return as_text(made.get("id") if made.get("id") is not None else made.get("commentId"))

    def comment_marks(self, key: str, known: frozenset[str]) -> dict[str, str]:
        marks: dict[str, str] = {}
        for comment in self.comments(key):
            if comment.mark is not None and comment.id not in known:
                marks.setdefault(comment.mark, comment.id)
        return marks

    def edit_comment(self, key: str, comment_id: str, text: Value) -> None:
        """A comment keeps its markup and its mark, which only reading it first can tell."""
        standing = self.client.get_comment(self.project, number_of(key), comment_id)
        markup = MARKDOWN if as_text(standing.get("format")).lower() == MARKDOWN else HTML
        mark = split_comment(as_text(standing.get("text")))[1]
        words = text_in(text, markup)
        whole = words if mark is None else join_comment(words, mark, markup=markup)
        self.client.edit_comment(self.project, number_of(key), comment_id, whole)

    def delete_comment(self, key: str, comment_id: str) -> None:
        self.client.delete_comment(self.project, number_of(key), comment_id)

    # files

    def add_file(self, key: str, name: str, content: FileContent) -> SideFile:
        """Two requests: a stored file belongs to an item once a relation names it."""
        if content.size is not None and content.size > FILE_LIMIT:
            words = f"{name} has {content.size:,} bytes, Azure DevOps takes {FILE_LIMIT:,}."
            raise Refused(words, code=Code.ATTACHMENT_TOO_LARGE, status=413)
        address = self.client.upload_file(self.project, name, content)
        guid = attachment_id_of(address)
        if guid is None:
            raise NotSent("The upload answered no address of a file", code=Code.ANSWER_UNREADABLE)
        change = add_relation(ATTACHED_FILE, address, name=name)
        raw = self.client.update_item(self.project, number_of(key), [change], once=True)
        self.remember(raw)
        reference = file_address(guid, name, base_url=self.client.base_url)
        return SideFile(guid, name, content.size, reference=reference)

    def drop_file(self, key: str, file_id: str) -> None:
        self._remove(key, lambda place: place.reference == ATTACHED_FILE and attachment_id_of(place.url) == file_id)

    def open_file(self, key: str, file_id: str) -> AbstractContextManager[FileContent]:
        return self.client.open_attachment(self.project, file_id, name=file_id)

    # links

    def link(self, key: str, link: SideLink) -> None:
        reference = self._reference(link)
        change = add_relation(reference, item_address(link.other, base_url=self.client.base_url))
        try:
            self.client.update_item(self.project, number_of(key), [change])
        except Refused:
            # "Relation already exists" is told in words only: the item itself tells for sure.
            if not any(_is_link(place, reference, link.other) for place in places(self.raw_item(key))):
                raise

    def unlink(self, key: str, link: SideLink) -> None:
        reference = self._reference(link)
        self._remove(key, lambda place: _is_link(place, reference, link.other))

    def _reference(self, link: SideLink) -> str:
        """Raises Refused (LINK_TYPE_UNKNOWN)."""
        reference = reference_of(link, known_stems()) or reference_of(link, self.stems())
        if reference is None:
            raise Refused(f"The organization has no link type {link.type}", code=LINK_TYPE_UNKNOWN)
        return reference

    def set_parent(self, key: str, parent: str | None) -> None:
        """Another parent takes the place of the old one in one patch: an item has one at most."""

        def change(standing: list[Place]) -> list[Operation]:
            old = next((place for place in standing if place.reference == PARENT), None)
            if (old.other if old else None) == parent:
                return []
            made = [remove_relation(old.index)] if old else []
            if parent is not None:
                made.append(add_relation(PARENT, item_address(parent, base_url=self.client.base_url)))
            return made

        self._change_relations(key, change)

    # removing, which goes by an index

    def _remove(self, key: str, is_wanted: Callable[[Place], bool]) -> None:
        """Remove every relation that is wanted gone; an item that is gone has none."""

        def change(standing: list[Place]) -> list[Operation]:
            wanted = next((place for place in standing if is_wanted(place)), None)
            return [remove_relation(wanted.index)] if wanted else []

        try:
            while self._change_relations(key, change):
                pass
        except Missing:
            return

    def _change_relations(self, key: str, change: Callable[[list[Place]], list[Operation]]) -> bool:
        """Read, decide, patch; again when the item moved on meanwhile. Edits of links do not move the revision that is
        tested: what the answer shows to be missing by mistake is put back. False when there was nothing to change."""
        for _ in range(_TRIES):
            raw = self.raw_item(key)
            before = places(raw)
            made = change(before)
            if not made:
                return False
            try:
                patch = [test_revision(as_int(raw.get("rev")) or 0), *made]
                after = self.client.update_item(self.project, number_of(key), patch, once=True)
            except Unclear:
                continue  # sent again it would remove what stands at that index now: looked at first
            except Refused as refused:
                if refused.code != Code.REVISION_CHANGED:
                    raise
                continue
            self._put_back(key, before, after, made)
            return True
        raise NotSent(f"Work item {key} changes all the time", code=Code.REVISION_CHANGED)

    def _put_back(self, key: str, before: list[Place], after: Json, made: list[Operation]) -> None:
        removed = {as_text(each["path"]) for each in made if each["op"] == "remove"}
        wanted = next((place for place in before if f"/relations/{place.index}" in removed), None)
        if wanted is None:
            return
        left = places(after)
        lost = lost_between(before, left, but=wanted)
        still_there = any((place.reference, place.url) == (wanted.reference, wanted.url) for place in left)
        if still_there and len(lost) == 1:
            with suppress(Refused):  # somebody put it back already
                self.client.update_item(self.project, number_of(key), [add_relation(lost[0].reference, lost[0].url)])


def _is_link(place: Place, reference: str, other: str) -> bool:
    return place.reference == reference and place.other == other


def _markup_of(text: Value) -> str:
    """How a new comment is written: Markdown where the text is, else HTML."""
    return MARKDOWN if isinstance(text, dict) and text.get("markup") == MARKDOWN else HTML


def _side_comment(comment: Comment, *, base_url: str) -> SideComment:
    text, mark = split_comment(comment.text.value)
    value: Value = {"markup": comment.text.markup.value, "text": own_files(text, base_url=base_url)}
    return SideComment(comment.id, value, comment.author, comment.created, comment.modified, mark)
