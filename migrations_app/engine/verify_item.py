"""Compares one item of the source with its counterpart, both read again: what is asked of either side, and in which
order."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.domain.ports import DraftItem, TargetComment, TargetItem, TargetRemoteLink
from connectors.domain.richtext.references import ImageRef, Media
from connectors.domain.work_items import DESCRIPTION, Comment, WorkItem
from migrations_app.engine.base import digest, edited_parts
from migrations_app.engine.compare import (
    ExpectedLink,
    Report,
    compare_links,
    compare_remote_links,
    compare_values,
)
from migrations_app.engine.compare_texts import ExpectedComment, Names, SourceWords, compare_body, compare_comments
from migrations_app.engine.compose import (
    FULL_TITLE_HEADING,
    HEADINGS,
    OVERFLOW_FILE,
    TITLE_LIMIT,
    Body,
    comment_overflow,
    compose_body,
    compose_comment,
    compose_item,
    expected_values,
)
from migrations_app.engine.expectation import Expectation
from migrations_app.engine.links import links_of, remote_mark, remote_title
from migrations_app.engine.neighbours import learn_neighbours
from migrations_app.engine.ports import Difference, Effect, EffectKey, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.settle import item_key
from migrations_app.engine.state import EffectKind, EffectState
from migrations_app.engine.steps import Read, Step, Task
from migrations_app.engine.texts import words_of_plain, words_of_source
from migrations_app.engine.verify_files import ExpectedFile, FileCheck, InMemory

UNCOMPARED = frozenset({"Microsoft.VSTS.TCM.Parameters", "Microsoft.VSTS.TCM.LocalDataSource"})
"""Texts that are data, shown as a table of values: the words of their markup are nobody's words."""

Rows = Mapping[EffectKey, Effect]


@dataclass(slots=True)
class Checked:
    """How much was compared."""

    items: int = 0
    words: int = 0
    comments: int = 0
    files: int = 0
    links: int = 0

    def add(self, other: Checked) -> None:
        self.items += other.items
        self.words += other.words
        self.comments += other.comments
        self.files += other.files
        self.links += other.links


@dataclass(slots=True)
class Verdict:
    """What came of one item. `changed`: the source was edited since the item was moved, so it proves nothing."""

    plan: PlanItem
    differences: list[Difference]
    checked: Checked
    changed: bool = False


class ItemVerifier:
    """Compares one item. `rows` are its rows of the ledger."""

    def __init__(
        self, scene: Scene, plan: PlanItem, item: WorkItem, found: TargetItem, rows: Rows, *, names: Names
    ) -> None:
        self._scene = scene
        self._plan = plan
        self._item = item
        self._found = found
        self._rows = rows
        self._names = names
        self._checked = Checked(items=1)
        self._changed = False

    def run(self) -> Generator[Step, Any, Verdict]:
        """Raises nothing of one item's making: a comparison that breaks is itself a difference."""
        plan = self._plan
        if self._is_newer(self._item):
            return Verdict(plan, [], self._checked, changed=True)
        try:
            differences = yield from self._compare()
        except Exception as error:  # never a silent pass
            words = f"{type(error).__name__}: {error}"
            differences = [Difference(plan.source, self._found.key, "item", "NOT_COMPARED", words, "")]
        if differences:
            again: list[WorkItem] = yield Read(lambda: self._scene.source.read_items([plan.source]))
            if not again or self._is_newer(again[0]):
                return Verdict(plan, [], self._checked, changed=True)
        return Verdict(plan, differences, self._checked, changed=self._changed)

    def _is_newer(self, item: WorkItem) -> bool:
        """Whether the source was edited since the revision that was moved."""
        row = self._rows.get(item_key(self._plan.source))
        moved = row.extra.get("rev") if row is not None else None
        return item.rev > (moved if isinstance(moved, int) else self._plan.rev)

    def _compare(self) -> Generator[Step, Any, list[Difference]]:
        scene, plan, item = self._scene, self._plan, self._item
        comments, theirs = yield from self._read_comments()
        learn_neighbours(scene, [text.text.value for text in comments])
        expected = self._expectation()
        report = Report(plan, self._found.key, excused=expected.excused)
        composed = compose_item(item, plan, scene)
        target_type = scene.target_type(plan)
        compare_values(report, self._draft(composed.draft, expected), self._found, expected, target_type=target_type)
        discussion = [self._comment(comment, expected) for comment in comments]
        self._compare_body(report, composed.body, expected)
        me = scene.target_shape.me
        compare_comments(report, [entry for entry, _ in discussion], theirs, names=self._names, me=me.id if me else "")
        links = self._links()
        undirected = {kind.name for kind in scene.target_shape.link_types if kind.inward == kind.outward}
        compare_links(report, self._found, links, undirected=undirected)
        self._checked.links += len(links)
        yield from self._compare_remote_links(report)
        if scene.carries_files:
            images = [*composed.body.images, *(image for _, body in discussion for image in body.images)]
            yield from self._compare_files(report, images, composed.body, dict(zip(comments, discussion, strict=True)))
        return report.differences

    def _expectation(self) -> Expectation:
        expected = expected_values(self._item, self._plan, self._scene)
        row = self._rows.get(item_key(self._plan.source))
        sprint = row.extra.get("sprint") if row is not None else None  # a closed sprint keeps the items it took
        kept = str(sprint) if sprint and sprint in self._sprints() else expected.sprint
        return replace(expected, excused=expected.excused | self._edited(), sprint=kept)

    def _sprints(self) -> set[str]:
        return {sprint.id for sprint in self._scene.sprints.values()}

    def _edited(self) -> frozenset[str]:
        """What people are known to have edited in the target since an earlier run moved the item: theirs to keep."""
        row = self._rows.get(item_key(self._plan.source))
        base = row.extra.get("base") if row is not None and self._plan.moved_before else None
        edited = edited_parts(base, self._found) if base else frozenset()
        return edited | {"resolution"} if "status" in edited else edited

    def _draft(self, draft: DraftItem, expected: Expectation) -> DraftItem:
        """What the create asked for, without what the target refused."""
        refused = {name for name in expected.excused if name in draft.fields}
        return replace(draft, fields={name: value for name, value in draft.fields.items() if name not in refused})

    def _is_plain(self) -> bool:
        """Whether the target refused the text, so that it was sent once more as plain words."""
        refusals = [words.partition(":")[0] for code, words in self._plan.problems if code == "FIELD_REFUSED"]
        return any(name == "description" or " " in name for name in refusals)

    # texts

    def _compare_body(self, report: Report, bare: Body, expected: Expectation) -> None:
        media = self._media(bare.images)
        body = compose_body(self._item, self._scene, media=media.get) if media else bare
        texts = [*self._source_texts(expected)]
        self._checked.words += sum(text.words.total() for text in texts)
        compare_body(
            report,
            body.document,
            self._found.body,
            texts,
            names=self._names,
            overflow=body.overflow or "",
            exact=not self._is_plain(),
        )

    def _source_texts(self, expected: Expectation) -> Iterable[SourceWords]:
        """The words of every long text and, when it was cut, of the title."""
        names = {known.reference: known.name for known in self._scene.source_shape.fields}
        for reference, text in self._item.texts.items():
            if reference in UNCOMPARED or reference in expected.carried:
                continue
            heading = "" if reference == DESCRIPTION else HEADINGS.get(reference) or names.get(reference) or reference
            yield SourceWords(heading, words_of_source(text, expected.resolve))
        if len(" ".join(self._item.title.split())) > TITLE_LIMIT:
            yield SourceWords(FULL_TITLE_HEADING, words_of_plain(self._item.title))

    def _read_comments(self) -> Generator[Step, Any, tuple[list[Comment], Sequence[TargetComment]]]:
        scene, found = self._scene, self._found
        if not scene.config.options.migrate_comments or self._item.comment_count == 0:
            return [], ()
        if any(code == "COMMENTS_UNREADABLE" for code, _ in self._plan.problems):
            return [], ()
        comments: list[Comment] = yield Read(lambda: scene.source.read_comments(self._item.id))
        theirs = found.comments
        if theirs is None:
            theirs = tuple((yield Read(lambda: scene.target.read_target_comments(found.id))))
        kept = [comment for comment in comments if not self._is_refused(comment)]
        self._checked.comments += len(kept)
        return kept, theirs

    def _is_refused(self, comment: Comment) -> bool:
        row = self._comment_row(comment)
        return row is not None and row.state is EffectState.REFUSED

    def _comment_row(self, comment: Comment) -> Effect | None:
        return self._rows.get(EffectKey(EffectKind.COMMENT, f"{self._plan.source}/c/{comment.id}"))

    def _comment(self, comment: Comment, expected: Expectation) -> tuple[ExpectedComment, Body]:
        row = self._comment_row(comment)
        moved = row.extra.get("text") if row is not None else None
        changed = moved is not None and moved != digest(comment.text.value)
        self._changed = self._changed or changed
        bare = compose_comment(comment, self._scene, media=_nothing)
        media = self._media(bare.images)
        body = compose_comment(comment, self._scene, media=media.get) if media else bare
        words = words_of_source(comment.text, expected.resolve)
        self._checked.words += words.total()
        target_id = row.target_id if row is not None else ""
        made = ExpectedComment(comment.id, target_id, body.document, words, bare.overflow or "", changed)
        return made, bare

    def _media(self, images: Iterable[ImageRef]) -> dict[str, Media]:
        """How the target shows the pictures that were carried over."""
        shown = {}
        for image in images:
            file = self._picture(image)
            row = self._file_rows().get(file[0]) if file else None
            if file is not None and row is not None and row.extra.get("media"):
                shown[image.source] = Media(str(row.extra["media"]), filename=file[1])
        return shown

    def _picture(self, image: ImageRef) -> tuple[str, str, str] | None:
        """(id, name, address) of the file behind a picture; None for one that is not the source's own."""
        if image.data is not None:
            return f"data-{image.source}", image.filename or "image.png", ""
        attachment = self._scene.source.file_of(image.source)
        return (attachment.id, attachment.name, attachment.url) if attachment is not None else None

    # links

    def _links(self) -> list[ExpectedLink]:
        scene, plan = self._scene, self._plan
        refused = [words.partition(":")[0].split() for code, words in plan.problems if code == "LINK_REFUSED"]
        expected = []
        for link in links_of(plan, with_relations=scene.config.options.migrate_links):
            outward = link.a == plan.source
            other = scene.key_of(link.b if outward else link.a)
            if not other or link.a == link.b or any(other in words for words in refused):
                continue
            is_parent = link.a == plan.parent_link and not outward
            expected.append(ExpectedLink(scene.maps.links.get(link.kind, ""), other, outward, is_parent))
        return expected

    def _compare_remote_links(self, report: Report) -> Generator[Step, Any, None]:
        scene, wanted = self._scene, []
        if not scene.config.options.remote_links:
            return
        for link in self._item.remote_links:
            mark = remote_mark(self._plan.source, link)
            row = self._rows.get(EffectKey(EffectKind.REMOTE_LINK, mark))
            if row is None or row.state is not EffectState.REFUSED:
                wanted.append(TargetRemoteLink(mark, link.url, remote_title(link), link.kind))
        if wanted:
            present: list[TargetRemoteLink] = yield Read(lambda: scene.target.remote_links(self._found.id))
            compare_remote_links(report, wanted, present)
            self._checked.links += len(wanted)

    # files

    def _file_rows(self) -> dict[str, Effect]:
        """By the file's id in the source."""
        kind = EffectKind.FILE
        return {key.source.partition("/f/")[2]: row for key, row in self._rows.items() if key.kind is kind}

    def _compare_files(
        self,
        report: Report,
        images: Iterable[ImageRef],
        body: Body,
        discussion: Mapping[Comment, tuple[ExpectedComment, Body]],
    ) -> Generator[Step, Any, None]:
        expected = self._source_files(images)
        made = [("overflow", OVERFLOW_FILE, body.overflow)]
        made += [(f"overflow-{c.id}", comment_overflow(c), each.overflow) for c, (_, each) in discussion.items()]
        for file_id, name, text in made:
            if text is not None:
                expected.append(ExpectedFile(file_id, name, _opener(text.encode()), made=True))
        expected = [file for file in expected if not self._is_too_large(file)]
        check = FileCheck(report, self._scene.target, self._found.files, self._file_rows())
        yield from check.run(expected, hashing=not self._scene.config.options.quick_verification)
        self._checked.files += check.checked

    def _source_files(self, images: Iterable[ImageRef]) -> list[ExpectedFile]:
        """Attachments and the source's own pictures, each once."""
        scene = self._scene
        found = {
            file.id: ExpectedFile(file.id, file.name, lambda file=file: scene.source.open_file(file.url, file.name))  # type: ignore[misc]
            for file in self._item.attachments
        }
        for image in images:
            picture = self._picture(image)
            if picture is None:
                continue
            file_id, name, url = picture
            opened = _opener(image.data) if image.data is not None else _address_opener(scene, url, name)
            found.setdefault(file_id, ExpectedFile(file_id, name, opened))
        return list(found.values())

    def _is_too_large(self, file: ExpectedFile) -> bool:
        told = f"File {file.name} "
        return any(code == "ATTACHMENT_TOO_LARGE" and words.startswith(told) for code, words in self._plan.problems)


def verify_one(verifier: ItemVerifier, report: Any) -> Task:
    """The verifier as a task; `report(verdict)` is called once at the end."""
    report((yield from verifier.run()))


def rows_by_item(effects: Iterable[Effect]) -> dict[str, dict[EffectKey, Effect]]:
    """Rows of the ledger by item."""
    found: dict[str, dict[EffectKey, Effect]] = {}
    for effect in effects:
        found.setdefault(effect.item, {})[effect.key] = effect
    return found


def _nothing(_url: str) -> Media | None:
    return None


def _opener(data: bytes) -> Any:
    return lambda: InMemory(data)


def _address_opener(scene: Scene, url: str, name: str) -> Any:
    return lambda: scene.source.open_file(url, name)
