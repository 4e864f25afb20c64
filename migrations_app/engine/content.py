"""Phase 3: everything that belongs to one item after it exists: files, final body, comments, remote links.

One task per item, strictly serial, so that writes on one issue never overtake each other. It begins by settling
what an earlier slice left open and looks every effect up in the ledger before making it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.mapping.values import comparable
from connectors.domain.ports import Document, ItemChanges
from connectors.domain.richtext.references import Media
from connectors.domain.work_items import Comment, WorkItem
from migrations_app.engine.base import Base, digest, digest_of_body
from migrations_app.engine.comments import CommentCarrier
from migrations_app.engine.compose import OVERFLOW_FILE, compose_body, compose_comment, compose_item, no_media
from migrations_app.engine.create import plain_document
from migrations_app.engine.files import FileCarrier, SourceFile, file_of
from migrations_app.engine.history import HISTORY_FILE, history_as_json, history_as_table
from migrations_app.engine.links import remote_mark, remote_title
from migrations_app.engine.neighbours import learn_neighbours, numbers_named
from migrations_app.engine.part import Ledger, Part
from migrations_app.engine.ports import Effect, EffectKey, PlanItem
from migrations_app.engine.resolutions import Resolutions, look_for
from migrations_app.engine.scene import Scene
from migrations_app.engine.settle import item_key
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome
from migrations_app.engine.statuses import Hop, StatusMover
from migrations_app.engine.steps import Read, Step
from migrations_app.engine.update import Updater


class Filler:
    """Fills one item. `creates_done` tells whether references to later items can be resolved yet."""

    def __init__(
        self,
        scene: Scene,
        plan: PlanItem,
        item: WorkItem,
        ledger: Ledger,
        *,
        creates_done: bool,
        resolutions: Resolutions,
    ) -> None:
        self._scene = scene
        self._plan = plan
        self._item = item
        self._ledger = ledger
        self._creates_done = creates_done
        self._resolutions = resolutions
        self._part = Part(scene, plan, ledger)
        self._files = FileCarrier(self._part)
        self._carrier = CommentCarrier(self._part, self._files)
        row = ledger.get(item_key(plan.source))
        self._base: Base = dict(row.extra.get("base", {})) if row else {}
        self._comments: list[Comment] = []

    def run(self) -> Generator[Step, Any, bool]:
        """True with the item FILLED, False when it must wait: for items that do not exist yet, or for the next slice
        because the run is being paused."""
        try:
            return (yield from self._fill())
        except Exception as error:  # one item's odd content must not end the run; the reason is kept
            self._problem("ITEM_NOT_FILLED", f"{type(error).__name__}: {error}")
            self._complete()
            return True

    def _fill(self) -> Generator[Step, Any, bool]:
        comments = self._comments = yield from self._read_comments()
        if not self._creates_done and self._must_wait(comments):
            return False
        yield from self._carry_history()
        if self._is_update():
            present = yield from self._update()
            if not present:
                self._complete()
                return True
        yield from self._carry_attachments()
        if not (yield from self._finish_body()):
            return False
        for comment in comments:
            if self._scene.stopping():
                return False
            yield from self._carrier.carry(comment)
        yield from self._carry_remote_links()
        yield from self._set_resolution()
        self._complete()
        return True

    def _is_update(self) -> bool:
        """True for an item that an earlier run made: its source may have changed since, or the target may take now
        what it refused then."""
        row = self._ledger.get(item_key(self._plan.source))
        return self._plan.moved_before and row is not None and "base" in row.extra

    def _update(self) -> Generator[Step, Any, bool]:
        """Bring the item up to date, field by field. False when it is gone from the target."""
        found = yield from look_for(self._scene, self._plan)
        if found is None:
            self._problem("DELETED_IN_TARGET", f"{self._plan.target_key} was deleted in the target and stays so.")
            return False
        updater = Updater(self._scene, self._plan, self._item, self._base, found)
        media, _ = yield from self._files.media(updater.images, whole=True)
        changes = updater.changes(media.get)
        for name in sorted(updater.kept):
            self._problem(EDITED_IN_TARGET, f"{name}: edited in the target since it was moved; left alone.")
        if changes is not None:
            key = EffectKey(EffectKind.BODY, f"{self._plan.source}/u/{self._item.rev}")
            if key not in self._ledger or self._ledger[key].state is not EffectState.DONE:
                yield from self._edit(Effect(key, EffectState.WAITING, item=self._plan.source), changes)
        if updater.status:
            yield from self._walk_to(updater.status)
        self._base |= updater.written
        return True

    def _walk_to(self, goal: str) -> Generator[Step, Any, None]:
        mover = StatusMover(self._scene, on_arrived=lambda _: None)
        mover.add(Hop(self._plan, goal, (self._item, self._ledger), key=f"{self._plan.source}/u/{self._item.rev}"))
        yield from mover.run()

    def _read_comments(self) -> Generator[Step, Any, list[Comment]]:
        scene = self._scene
        if not scene.config.options.migrate_comments or self._item.comment_count == 0:
            return []
        try:
            comments: list[Comment] = yield Read(lambda: scene.source.read_comments(self._item.id))
        except Refused as refusal:
            self._problem("COMMENTS_UNREADABLE", refusal.message)
            return []
        learn_neighbours(scene, [comment.text.value for comment in comments])
        return comments

    def _must_wait(self, comments: list[Comment]) -> bool:
        """True when the parent to move it under, or an item that a text names, is still to be created by this run."""
        above = self._plan.parent
        if self._plan.moved_before and above in self._scene.items and self._scene.key_of(above) is None:
            return True
        if compose_body(self._item, self._scene, media=no_media).waiting:
            return True
        return any(compose_comment(comment, self._scene, media=no_media).waiting for comment in comments)

    # files

    def _carry_attachments(self) -> Generator[Step, Any, None]:
        if not self._scene.carries_files:
            return
        for attachment in self._item.attachments:
            yield from self._files.carry(file_of(attachment))

    def _carry_history(self) -> Generator[Step, Any, None]:
        """Who changed what when: a file, or a table that the description takes up when it is written once more."""
        scene, wanted = self._scene, self._scene.config.options.history
        if wanted == "none":
            return
        try:
            revisions = yield Read(lambda: scene.source.read_history(self._item.id))
        except Refused as refusal:
            self._problem("HISTORY_UNREADABLE", refusal.message)
            return
        if wanted == "table":
            scene.histories[self._item.id] = history_as_table(revisions)
            return
        data = history_as_json(self._item, revisions)
        yield from self._files.carry(SourceFile(f"history-{self._item.rev}", HISTORY_FILE, size=len(data), data=data))

    # body

    def _finish_body(self) -> Generator[Step, Any, bool]:
        """Write the description once more when files, neighbours or off-screen fields belong into it. False when the
        run is being paused and a part is left to be done."""
        scene, key = self._scene, EffectKey(EffectKind.BODY, self._plan.source)
        effect = self._ledger.get(key)
        if effect is None or effect.state in (EffectState.DONE, EffectState.REFUSED):
            return True
        if scene.stopping():
            return False
        composed = compose_item(self._item, self._plan, scene)
        media: dict[str, Media] = {}
        final = True
        if scene.carries_files:
            media, final = yield from self._files.media(composed.body.images, whole=False)
        if composed.body.overflow is not None:
            text = composed.body.overflow.encode()
            yield from self._files.carry(SourceFile("overflow", OVERFLOW_FILE, size=len(text), data=text))
        body = compose_body(self._item, scene, media=media.get)
        later = dict(composed.later.fields) if composed.later else {}
        later.pop("description", None)
        yield from self._edit(
            effect,
            ItemChanges(body=body.document, fields=later),
            compose=lambda: compose_body(self._item, scene, media=media.get).document,
        )
        if not final:
            scene.journal.keep(replace(effect, state=EffectState.WAITING))
        return final

    def _edit(
        self, effect: Effect, changes: ItemChanges, *, compose: Callable[[], Document] | None = None
    ) -> Generator[Step, Any, None]:
        """An edit is idempotent: repeated while unclear; refused fields are left out, a refused text made plain.
        `compose` makes the body anew, with the values of refused fields in it."""
        scene = self._scene
        intent = Effect(effect.key, EffectState.INTENDED, item=self._plan.source, target_id=self._plan.target_id)
        plain = False
        while True:
            sent = changes
            try:
                yield self._part.write(
                    lambda sent=sent: scene.target.edit_item(self._plan.target_id, sent),  # type: ignore[misc]
                    intent,
                    completes=True,
                )
            except Unclear:
                continue
            except Refused as refusal:
                named = [name for name in refusal.fields if name in changes.fields]
                for words in [f"{name}: {refusal.fields[name]}" for name in named] or [refusal.message]:
                    self._problem("FIELD_REFUSED", words)
                fields = {name: v for name, v in changes.fields.items() if name not in refusal.fields}
                body: Document | None = compose() if named and compose and not plain else changes.body
                if fields == dict(changes.fields) and body is not None and not plain:
                    body, plain = plain_document(body), True
                elif fields == dict(changes.fields):
                    self._ledger[effect.key] = scene.journal.refused(intent, reason=refusal.message)
                    return
                changes = ItemChanges(title=changes.title, body=body, fields=fields)
                continue
            self._ledger[effect.key] = scene.journal.done(intent)
            self._note_written(changes)
            return

    def _note_written(self, changes: ItemChanges) -> None:
        if changes.body is not None:
            self._base["body"] = digest_of_body(changes.body)
        for name, value in changes.fields.items():
            if name in self._base:
                self._base[name] = digest(comparable(value))

    # the rest

    def _carry_remote_links(self) -> Generator[Step, Any, None]:
        """Hyperlinks, commits, pull requests and builds; an upsert each."""
        scene = self._scene
        if not scene.config.options.remote_links:
            return
        for link in self._item.remote_links:
            mark = remote_mark(self._plan.source, link)
            intent = Effect(EffectKey(EffectKind.REMOTE_LINK, mark), EffectState.INTENDED, item=self._plan.source)
            known = self._ledger.get(intent.key)
            if known is not None and known.state is not EffectState.INTENDED:
                continue
            yield from self._part.upsert(
                intent,
                lambda link=link, mark=mark: scene.target.add_remote_link(  # type: ignore[misc]
                    self._plan.target_id, mark=mark, url=link.url, title=remote_title(link), relation=link.kind
                ),
            )

    def _set_resolution(self) -> Generator[Step, Any, None]:
        key = EffectKey(EffectKind.RESOLUTION, self._plan.source)
        known = self._ledger.get(key)
        if known is not None and known.state is not EffectState.INTENDED:
            return
        resolution = yield from self._resolutions.missing(self._plan, intended=known is not None)
        if not resolution:
            return
        intent = Effect(key, EffectState.INTENDED, item=self._plan.source)
        changes = ItemChanges(fields={"resolution": {"id": resolution}})
        yield from self._part.upsert(intent, lambda: self._scene.target.edit_item(self._plan.target_id, changes))

    def _complete(self) -> None:
        scene, plan = self._scene, self._plan
        plan.stage = ItemStage.FILLED
        plan.outcome = self.outcome_of(plan)
        scene.journal.item(plan)
        scene.histories.pop(plan.source, None)
        kept = self._ledger.get(item_key(plan.source))
        extra = {**(kept.extra if kept else {}), "type": plan.target_type, "rev": self._item.rev}
        extra |= self._named()
        done = Effect(
            item_key(plan.source),
            EffectState.DONE,
            item=plan.source,
            target_id=plan.target_id,
            target_key=plan.target_key,
            extra={**extra, "complete": not hard_problems(plan), **({"base": self._base} if self._base else {})},
        )
        scene.journal.keep(done)

    def _named(self) -> dict[str, list[str]]:
        """Items that the texts name. When one of them that nobody moved yet arrives, or one that was moved is made
        anew, this item's texts get its key."""
        texts = [*self._item.texts.values(), *(comment.text for comment in self._comments)]
        named = dict.fromkeys(number for text in texts for number in numbers_named(text.value))
        missing = [number for number in named if self._scene.key_of(number) is None]
        present = [number for number in named if number not in missing]
        return {"unresolved": sorted(missing)[:MOST_NAMED], "named": sorted(present)[:MOST_NAMED]}

    @staticmethod
    def outcome_of(plan: PlanItem) -> Outcome:
        if hard_problems(plan):
            return Outcome.PARTIAL
        return Outcome.UPDATED if plan.moved_before else Outcome.CREATED

    def _problem(self, code: str, words: str) -> None:
        self._part.problem(code, words)


MOST_NAMED = 100
"""Items named by the texts of one item that are remembered."""

EDITED_IN_TARGET = "EDITED_IN_TARGET"
"""Noted, not a failure: people edited a field in the target, so it was left alone."""


def hard_problems(plan: PlanItem) -> list[tuple[str, str]]:
    """The item's problems that mean something did not arrive."""
    return [problem for problem in plan.problems if problem[0] != EDITED_IN_TARGET]
