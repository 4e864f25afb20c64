"""Compares the files of one item: read on both sides and hashed, never by name or size alone."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from connectors.domain.errors import Refused
from connectors.domain.ports import FileContent, TargetFile, TargetTracker
from migrations_app.engine.compare import Report
from migrations_app.engine.files import BytesContent, HashedContent
from migrations_app.engine.ports import Effect
from migrations_app.engine.state import EffectState
from migrations_app.engine.steps import Read, Step

Opened = AbstractContextManager[FileContent]


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A file that belongs to an item: an attachment, a picture of a text, or what did not fit into a text. What is
    `made` of a text by us is compared with what was uploaded."""

    id: str
    name: str
    open: Callable[[], Opened]
    made: bool = False


class FileCheck:
    """Every expected file is there, byte by byte, and none of ours twice. Files that people added do not count."""

    def __init__(
        self, report: Report, target: TargetTracker, present: Sequence[TargetFile], ledger: Mapping[str, Effect]
    ) -> None:
        """`ledger` holds the rows of the item's files by the file's id in the source."""
        self._report = report
        self._target = target
        self._present = {file.id: file for file in present}
        self._ledger = ledger
        self.checked = 0

    def run(self, expected: Sequence[ExpectedFile], *, hashing: bool) -> Generator[Step, Any, None]:
        """Without `hashing` only presence, name and size are looked at."""
        strays = self._strays()
        for file in expected:
            row = self._ledger.get(file.id)
            if row is not None and row.state is EffectState.REFUSED:
                continue
            self.checked += 1
            found = self._present.get(row.target_id) if row is not None else None
            if found is not None:
                yield from self._compare(file, found, row, hashing=hashing)
            elif not (yield from self._stands_in(file, strays)):
                self._report.add(f"file {file.name}", "FILE_MISSING", file.id, "missing")
        yield from self._find_doubles(strays)

    def _compare(
        self, file: ExpectedFile, found: TargetFile, row: Effect | None, *, hashing: bool
    ) -> Generator[Step, Any, None]:
        name = f"file {file.name}"
        size = row.extra.get("size") if row is not None else None
        if found.name != file.name:
            self._report.add(name, "FILE_NAME_DIFFERS", file.name, found.name)
        if size is not None and size != found.size:
            self._report.add(name, "FILE_DIFFERS", f"{size} bytes", f"{found.size} bytes")
        elif hashing:
            sent = str(row.extra.get("sha256", "")) if row is not None and file.made else ""
            source = sent or (yield from self._hash(file.open))
            target = yield from self._hash(lambda: self._target.open_target_file(found.id))
            self._report.check(name, "FILE_DIFFERS", source, target)

    def _strays(self) -> list[TargetFile]:
        """Files that no row of the ledger knows: of people, or doubles of ours."""
        known = {row.target_id for row in self._ledger.values()}
        return [file for file in self._present.values() if file.id not in known]

    def _stands_in(self, file: ExpectedFile, strays: list[TargetFile]) -> Generator[Step, Any, bool]:
        """Whether somebody put the same file there again; it no longer counts as a stray then."""
        for stray in [stray for stray in strays if stray.name == file.name]:
            source = yield from self._hash(file.open)
            target = yield from self._hash(lambda stray=stray: self._target.open_target_file(stray.id))  # type: ignore[misc]
            if source == target:
                strays.remove(stray)
                return True
        return False

    def _find_doubles(self, strays: list[TargetFile]) -> Generator[Step, Any, None]:
        """A stray with name and bytes of a file that we carried over."""
        for stray in strays:
            for row in self._ledger.values():
                own = self._present.get(row.target_id)
                if own is None or (own.name, own.size) != (stray.name, stray.size):
                    continue
                digest = yield from self._hash(lambda stray=stray: self._target.open_target_file(stray.id))  # type: ignore[misc]
                if digest == row.extra.get("sha256"):
                    self._report.add(f"file {stray.name}", "FILE_DOUBLED", own.id, stray.id)
                    break

    def _hash(self, opened: Callable[[], Opened]) -> Generator[Step, Any, str]:
        try:
            digest: str = yield Read(lambda: _digest(opened()))
        except Refused as refusal:
            return f"unreadable: {refusal.message}"
        return digest


class InMemory:
    """A file that the item's text makes: opened like any other."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __enter__(self) -> FileContent:
        return BytesContent(self._data)

    def __exit__(self, *_: object) -> None:
        return None


def _digest(opened: Opened) -> str:
    with opened as content:
        hashed = HashedContent(content)
        for _ in hashed:
            pass
    return hashed.sha256
