"""Files of an item: what they are, how they are streamed from one side to the other, and what became of them.

A file is looked up in the ledger before it is uploaded, and settled by name, size and SHA-256 after any doubt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.ports import FileContent, TargetFile
from connectors.domain.richtext.references import ImageRef, Media
from connectors.domain.work_items import Attachment
from migrations_app.engine.part import Part
from migrations_app.engine.ports import Effect, EffectKey
from migrations_app.engine.settle import wait_until_clear
from migrations_app.engine.state import EffectKind, EffectState
from migrations_app.engine.steps import Read, Step


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be carried over: an attachment, an image inside a text, or text that did not fit."""

    id: str
    name: str
    url: str = ""
    size: int | None = None
    data: bytes | None = None


class BytesContent:
    """A file that is in memory already."""

    def __init__(self, data: bytes) -> None:
        self.size: int | None = len(data)
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        yield self._data


class HashedContent:
    """Passes a file's bytes on and knows their SHA-256 and count afterwards."""

    def __init__(self, content: FileContent) -> None:
        self.size = content.size
        self.read = 0
        self._content = content
        self._digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._content:
            self._digest.update(chunk)
            self.read += len(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Transferred:
    file: TargetFile
    sha256: str
    size: int


class Opened:
    """A context that closes nothing."""

    def __init__(self, content: FileContent) -> None:
        self._content = content

    def __enter__(self) -> FileContent:
        return self._content

    def __exit__(self, *_: object) -> None:
        return None


def file_of(attachment: Attachment) -> SourceFile:
    return SourceFile(attachment.id, attachment.name, attachment.url, attachment.size)


def digest_of(opened: AbstractContextManager[FileContent]) -> tuple[int, str]:
    """Size and SHA-256 of a file, read to its end. For the pool's threads."""
    with opened as content:
        hashed = HashedContent(content)
        for _ in hashed:
            pass
    return hashed.read, hashed.sha256


class FileCarrier:
    """Carries the files of one item over, one at a time."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def carry(self, file: SourceFile, *, completes: bool = False) -> Generator[Step, Any, Effect | None]:
        """The file's ledger row, DONE; None when it could not be carried over (noted as a problem)."""
        key = EffectKey(EffectKind.FILE, f"{self._part.plan.source}/f/{file.id}")
        effect = self._part.ledger.get(key)
        if effect is not None and effect.state is EffectState.WAITING:
            effect = None  # carried once, but the item was deleted in the target and made anew
        if effect is not None and effect.state is not EffectState.INTENDED:
            return effect if effect.state is EffectState.DONE else None
        if self._too_large(file):
            return None
        if effect is not None:
            settled = yield from self._settle_file(file, effect)
            if settled is not None:
                return settled
        intent = Effect(key, EffectState.INTENDED, item=self._part.plan.source)
        return (yield from self._upload(file, intent, completes=completes))

    def _upload(self, file: SourceFile, effect: Effect, *, completes: bool) -> Generator[Step, Any, Effect | None]:
        scene = self._part.scene
        while True:
            try:
                done: Transferred = yield self._part.write(lambda: self._transfer(file), effect, completes=completes)
            except Unclear:
                settled = yield from self._settle_file(file, effect)
                if settled is not None:
                    return settled
                continue
            except Refused as refusal:
                self._part.ledger[effect.key] = scene.journal.refused(effect, reason=refusal.message)
                self._part.problem(refusal.code, f"File {file.name}: {refusal.message}")
                return None
            return self._uploaded(effect, done.file.id, done.sha256, done.size)

    def _uploaded(self, effect: Effect, file_id: str, sha256: str, size: int) -> Effect:
        settled = self._part.scene.journal.done(effect, target_id=file_id, sha256=sha256, size=size)
        self._part.ledger[effect.key] = settled
        return settled

    def _transfer(self, file: SourceFile) -> Transferred:
        """Runs in the pool: streams the file from one side to the other."""
        with self._open(file) as content:
            hashed = HashedContent(content)
            uploaded = self._part.scene.target.upload_file(self._part.plan.target_id, file.name, hashed)
        return Transferred(uploaded, hashed.sha256, hashed.read)

    def _open(self, file: SourceFile) -> AbstractContextManager[FileContent]:
        if file.data is not None:
            return Opened(BytesContent(file.data))
        return self._part.scene.source.open_file(file.url, file.name)

    def _settle_file(self, file: SourceFile, effect: Effect) -> Generator[Step, Any, Effect | None]:
        """After an unclear upload: an unknown file of that name with the same bytes is ours."""
        scene = self._part.scene
        yield from wait_until_clear(scene, [effect])
        known = {row.target_id for row in self._part.ledger.values() if row.key.kind is EffectKind.FILE}
        present: list[TargetFile] = yield self._part.read(lambda: scene.target.files(self._part.plan.target_id))
        candidates = [found for found in present if found.id not in known and found.name == file.name]
        if not candidates:
            return None
        size, sha256 = yield Read(lambda: digest_of(self._open(file)))
        for found in candidates:
            if found.size != size:
                continue
            _, other = yield Read(lambda found=found: digest_of(scene.target.open_target_file(found.id)))  # type: ignore[misc]
            if other == sha256:
                return self._uploaded(effect, found.id, sha256, size)
        return None

    def _too_large(self, file: SourceFile) -> bool:
        limit = self._part.scene.target_shape.attachment_limit
        if limit is None or file.size is None or file.size <= limit:
            return False
        self._part.problem(
            "ATTACHMENT_TOO_LARGE",
            f"File {file.name} has {file.size:,} bytes, the site accepts {limit:,}. It stays in the source.",
        )
        return True

    def media(
        self, images: tuple[ImageRef, ...], *, whole: bool
    ) -> Generator[Step, Any, tuple[dict[str, Media], bool]]:
        """Uploads what the images point to and learns how the target shows it: image address -> media, and whether
        all were looked at. A text that is written only once asks for the `whole`: its uploads belong together and are
        finished even when the run is being paused; otherwise the rest is left to a later rewrite."""
        shown: dict[str, Media] = {}
        begun = False
        for image in images:
            file = self._image_file(image)
            if file is None:
                continue
            if self._part.scene.stopping() and not whole:
                return shown, False
            effect = yield from self.carry(file, completes=whole and begun)
            begun = True
            if effect is None:
                continue
            media_id = effect.extra.get("media") or (yield from self._media_id(effect))
            if media_id:
                shown[image.source] = Media(str(media_id), filename=file.name)
        return shown, True

    def _image_file(self, image: ImageRef) -> SourceFile | None:
        if image.data is not None:
            return SourceFile(f"data-{image.source}", image.filename or "image.png", data=image.data)
        attachment = self._part.scene.source.file_of(image.source)
        return file_of(attachment) if attachment is not None else None

    def _media_id(self, effect: Effect) -> Generator[Step, Any, str | None]:
        try:
            media_id = yield self._part.read(lambda: self._part.scene.target.media_id(effect.target_id), completes=True)
        except Refused:
            return None
        if media_id:
            self._part.ledger[effect.key] = self._part.scene.journal.done(effect, media=media_id)
        return str(media_id) if media_id else None
