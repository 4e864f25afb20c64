"""Files: carried when the filter lets them through, deleted only from the side that they were added on."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import replace
from fnmatch import fnmatchcase

from connectors.domain.sides import SideFile
from sync.engine.actions import AddFile, DropFile
from sync.engine.base import Both, Part, PartKind
from sync.engine.deciding import SIDES, Deciding, View
from sync.engine.mappings import AttachmentMapping, FileMode, InitialPass, Position
from sync.engine.ports import Matter, MatterKind

MEGABYTE = 1_000_000


def passes(mapping: AttachmentMapping, file: SideFile) -> bool:
    """Whether the filter of a mapping lets a file through. Types are told by the name's ending."""
    if mapping.max_size_mb is not None and (file.size or 0) > mapping.max_size_mb * MEGABYTE:
        return False
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    named = any(fnmatchcase(kind, each.strip().lower()) for each in mapping.mime_types)
    if mapping.name_pattern and re.search(mapping.name_pattern, file.name):
        named = True
    is_filtered = bool(mapping.mime_types or mapping.name_pattern)
    return named if mapping.mode is FileMode.WHITELIST and is_filtered else not named


def decide_files(deciding: Deciding, mapping: AttachmentMapping) -> None:
    """Decide the files of a pair."""
    view = deciding.view
    files = Both({f.id: f for f in view.items.first.files}, {f.id: f for f in view.items.second.files})
    for part in view.base.of_kind(PartKind.FILE):
        there = [side for side in SIDES if files.at(side).pop(part.ids.at(side), None) is not None]
        kept = _known(deciding, mapping, part, there)
        if kept is not None:
            deciding.parts.append(kept)
    if view.is_first_look:
        _match_alike(deciding, files)
    for source in SIDES:
        for file in files.at(source).values():
            _add(deciding, mapping, file, source)


def coming_files(view: View) -> Both[tuple[str, ...]]:
    """By side, the references of files that this decision will have carried from there."""
    mapping = view.config.attachments
    if mapping is None or view.force is not None:
        return Both((), ())
    known = Both(*({part.ids.at(side) for part in view.base.of_kind(PartKind.FILE)} for side in SIDES))
    return Both(
        *(
            tuple(
                file.reference
                for file in view.items.at(side).files
                if file.id not in known.at(side) and _is_carried(view, mapping, file, side)
            )
            for side in SIDES
        )
    )


def _is_carried(view: View, mapping: AttachmentMapping, file: SideFile, source: Position) -> bool:
    target = view.carrier.shapes.at(source.other)
    fits = target.file_limit is None or (file.size or 0) <= target.file_limit
    is_from_before = view.is_first_look and view.config.initial_pass is InitialPass.NOW
    wanted = mapping.direction.carries(source) and not view.ignored.at(source.other) and passes(mapping, file)
    asked = f"file:{file.id}" in view.base.asked
    return wanted and fits and target.takes_files and not is_from_before and not asked


def _known(deciding: Deciding, mapping: AttachmentMapping, part: Part, there: list[Position]) -> Part | None:
    """What is left of a part; None when both files are gone. Content never changes under one id."""
    if not there:
        return part if part.is_young(deciding.view.now) else None
    gone = there[0].other
    if len(there) == len(SIDES):
        return part.seen()
    if not part.ids.at(gone) or part.is_young(deciding.view.now):
        return part
    if mapping.deletions and part.added_by is gone and deciding.carries(mapping.direction, gone):
        deciding.actions.append(DropFile(gone.other, part))
        return part
    return replace(part, ids=part.ids.replaced(gone, ""), note="deleted")


def _match_alike(deciding: Deciding, files: Both[dict[str, SideFile]]) -> None:
    """Items that were paired as they stood: files of one name and size are the same."""
    for file in list(files.first.values()):
        twin = next((f for f in files.second.values() if (f.name, f.size) == (file.name, file.size)), None)
        if twin is not None:
            del files.first[file.id], files.second[twin.id]
            deciding.parts.append(Part(PartKind.FILE, Both(file.id, twin.id), Position.FIRST))


def _add(deciding: Deciding, mapping: AttachmentMapping, file: SideFile, source: Position) -> None:
    view = deciding.view
    if view.is_first_look and view.config.initial_pass is InitialPass.NOW:
        deciding.parts.append(Part(PartKind.FILE, Both.of(source, file.id, ""), source, note="alone"))
        return
    place = f"file:{file.id}"
    deciding.answer(place)
    limit = view.carrier.shapes.at(source.other).file_limit
    wanted = deciding.carries(mapping.direction, source) and passes(mapping, file)
    if wanted and limit is not None and (file.size or 0) > limit:
        message = f"“{file.name}” is larger than the other side allows."
        deciding.ask(Matter(MatterKind.ERROR, "ATTACHMENT_TOO_LARGE", message, place), str(limit))
    elif wanted and view.carrier.shapes.at(source.other).takes_files and place not in deciding.asked:
        deciding.actions.append(AddFile(source.other, file))
