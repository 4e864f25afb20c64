"""Comments of one item: added once and in order, settled after a lost answer, rewritten when the source's changed."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.ports import Document
from connectors.domain.richtext.references import Media
from connectors.domain.work_items import Comment
from migrations_app.engine.base import digest
from migrations_app.engine.compose import comment_overflow, compose_comment, no_media
from migrations_app.engine.create import plain_document
from migrations_app.engine.files import FileCarrier, SourceFile
from migrations_app.engine.neighbours import numbers_named
from migrations_app.engine.part import Part
from migrations_app.engine.ports import Effect, EffectKey
from migrations_app.engine.settle import wait_until_clear
from migrations_app.engine.state import EffectKind, EffectState
from migrations_app.engine.steps import Step


class CommentCarrier:
    """Brings an item's comments over, one at a time."""

    def __init__(self, part: Part, files: FileCarrier) -> None:
        self._part, self._files = part, files
        self._scene, self._plan, self._ledger = part.scene, part.plan, part.ledger

    def carry(self, comment: Comment) -> Generator[Step, Any, None]:
        key = EffectKey(EffectKind.COMMENT, f"{self._plan.source}/c/{comment.id}")
        effect = self._ledger.get(key)
        if effect is not None and effect.state is EffectState.INTENDED:
            effect = yield from self._settle(comment, effect)
        if effect is not None and effect.state is not EffectState.WAITING:
            yield from self._edit(comment, effect)
            return
        body = yield from self._body(comment)
        intent = Effect(key, EffectState.INTENDED, item=self._plan.source)
        yield from self._add(comment, body, intent)

    def _body(self, comment: Comment) -> Generator[Step, Any, Document]:
        body = compose_comment(comment, self._scene, media=no_media)
        media: dict[str, Media] = {}
        if body.images and self._scene.carries_files:
            media, _ = yield from self._files.media(body.images, whole=True)
        if body.overflow is not None:
            text = body.overflow.encode()
            file = SourceFile(f"overflow-{comment.id}", comment_overflow(comment), size=len(text), data=text)
            yield from self._files.carry(file)
        return compose_comment(comment, self._scene, media=media.get).document if media else body.document

    def _add(self, comment: Comment, body: Document, intent: Effect) -> Generator[Step, Any, None]:
        scene, plain = self._scene, False
        while True:
            sent = body
            try:
                made = yield self._part.write(
                    lambda sent=sent: scene.target.add_comment(self._plan.target_id, sent, source_id=comment.id),  # type: ignore[misc]
                    intent,
                    completes=True,
                )
            except Unclear:
                if (yield from self._settle(comment, intent)) is not None:
                    return
                continue
            except Refused as refusal:
                self._part.problem("COMMENT_REFUSED", f"Comment {comment.id}: {refusal.message}")
                if plain:
                    self._ledger[intent.key] = scene.journal.refused(intent, reason=refusal.message)
                    return
                body, plain = plain_document(body), True
                continue
            self._ledger[intent.key] = scene.journal.done(intent, target_id=str(made), **self._written(comment))
            return

    def _edit(self, comment: Comment, effect: Effect) -> Generator[Step, Any, None]:
        """A comment changed in the source since it was moved is rewritten; an edit is repeatable."""
        now = self._written(comment)
        if effect.state is not EffectState.DONE or all(effect.extra.get(name, now[name]) == now[name] for name in now):
            return
        body = yield from self._body(comment)
        key = EffectKey(EffectKind.BODY, f"{effect.key.source}/{digest(sorted(now.items()))}")
        intent = Effect(key, EffectState.INTENDED, item=self._plan.source)
        target_id = self._plan.target_id
        yield from self._part.upsert(intent, lambda: self._scene.target.edit_comment(target_id, effect.target_id, body))
        self._ledger[effect.key] = self._scene.journal.done(effect, **now)

    def _settle(self, comment: Comment, effect: Effect) -> Generator[Step, Any, Effect | None]:
        """After an unclear create: the comment that carries this source id, if there is one."""
        scene = self._scene
        yield from wait_until_clear(scene, [effect])
        known = frozenset(row.target_id for row in self._ledger.values() if row.key.kind is EffectKind.COMMENT)
        marks: dict[str, str] = yield self._part.read(lambda: scene.target.comment_marks(self._plan.target_id, known))
        found = marks.get(comment.id)
        if found is None:
            return None
        settled = scene.journal.done(effect, target_id=found, **self._written(comment))
        self._ledger[effect.key] = settled
        return settled

    def _written(self, comment: Comment) -> dict[str, str]:
        """Digests of a comment as it is written now: its text, and the keys of the items it names."""
        keys = [self._scene.key_of(number) for number in numbers_named(comment.text.value)]
        return {"text": digest(comment.text.value), "keys": digest(keys)}
