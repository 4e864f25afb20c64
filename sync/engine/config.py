"""The configuration document of a synchronization: read, checked, written.

`read_config` takes the JSON that `Synchronization.configuration` holds and the API shows, and says precisely what is
wrong with one that it cannot read. `problems` compares a configuration with what the two sides offer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from connectors.domain.errors import DomainError
from sync.engine.config_problems import Problem, problems
from sync.engine.config_writer import write_config
from sync.engine.mappings import (
    AttachmentMapping,
    CommentMapping,
    DeletionPolicy,
    Direction,
    FieldDefault,
    FieldMapping,
    FileMode,
    InitialPass,
    Intrusion,
    LinkMapping,
    Policy,
    Position,
    Step,
    SyncConfig,
    TypeMapping,
    ValueMapping,
    ValueMode,
    ValuePair,
    WorkflowMapping,
)

__all__ = ["Problem", "SyncConfig", "problems", "read_config", "write_config"]

CONFIGURATION_INVALID = "CONFIGURATION_INVALID"
_SIDES = {"first": Position.FIRST, "second": Position.SECOND}
_KNOWN = frozenset(
    {
        *("issueTypeMappings", "fieldMappings", "valueMappings", "workflowMappings", "linkMappings", "parents"),
        *("commentMapping", "attachmentMapping", "fieldDefaults", "peopleMapping", "policy", "responsible"),
        *("otherSideChanges", "deletionPolicy", "closeStates", "initialPass", "pollSeconds"),
    }
)

Chosen = TypeVar("Chosen", bound=StrEnum)
Made = TypeVar("Made")


def read_config(document: Any) -> SyncConfig:
    """The configuration of a document. What is left out takes its default.

    Raises DomainError (CONFIGURATION_INVALID) whose `errors` name every wrong place, such as
    `fieldMappings[2].direction`.
    """
    reading = _Reading()
    config = reading.config(document)
    if reading.errors:
        where, texts = next(iter(reading.errors.items()))
        raise DomainError(
            CONFIGURATION_INVALID, f"The configuration cannot be read: {where}: {texts[0]}", errors=reading.errors
        )
    return config


class _Reading:
    """Reads one document and collects what is wrong with it."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}
        self._ids: set[str] = set()

    def config(self, document: Any) -> SyncConfig:
        top = _Object(self, document, "")
        top.only(_KNOWN)
        defaults = top.child("fieldDefaults")
        closing = top.child("closeStates")
        config = SyncConfig(
            types=top.each("issueTypeMappings", _type_mapping),
            fields=top.each("fieldMappings", _field_mapping),
            values=top.each("valueMappings", _value_mapping),
            workflows=top.each("workflowMappings", _workflow_mapping),
            links=top.each("linkMappings", _link_mapping),
            parents=top.flag("parents", default=False),
            comments=top.optional("commentMapping", _comment_mapping),
            attachments=top.optional("attachmentMapping", _attachment_mapping),
            first_defaults=defaults.each("first", _field_default),
            second_defaults=defaults.each("second", _field_default),
            people=top.names("peopleMapping"),
            policy=top.choice("policy", Policy, Policy.NEWEST),
            responsible=_SIDES[top.choice("responsible", _SideName, _SideName.FIRST).value],
            intrusion=top.choice("otherSideChanges", Intrusion, Intrusion.REVERT),
            deletion=top.choice("deletionPolicy", DeletionPolicy, DeletionPolicy.NEVER),
            first_close_state=closing.text("first", required=False),
            second_close_state=closing.text("second", required=False),
            initial_pass=top.choice("initialPass", InitialPass, InitialPass.PAIRED),
            poll_seconds=top.number("pollSeconds", least=1.0),
        )
        self._check_references(config)
        return config

    def wrong(self, where: str, message: str) -> None:
        self.errors.setdefault(where or "configuration", []).append(message)

    def identity(self, value: str, where: str) -> None:
        """Ids are unique over all mappings of a configuration."""
        if value and value in self._ids:
            self.wrong(where, f"The id {value} is used twice.")
        self._ids.add(value)

    def _check_references(self, config: SyncConfig) -> None:
        known = {each.id for each in config.values}
        for number, mapping in enumerate(config.fields):
            if mapping.value_mapping is not None and mapping.value_mapping not in known:
                self.wrong(f"fieldMappings[{number}].valueMapping", f"No value mapping has id {mapping.value_mapping}.")


class _SideName(StrEnum):
    FIRST = "first"
    SECOND = "second"


class _Object:
    """One JSON object of the document, and where it stands."""

    def __init__(self, reading: _Reading, value: Any, where: str) -> None:
        self._reading = reading
        self._where = where
        if value is not None and not isinstance(value, Mapping):
            reading.wrong(where, "An object is expected.")
            value = None
        self._value: Mapping[str, Any] = value or {}

    def place(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def wrong(self, name: str, message: str) -> None:
        self._reading.wrong(self.place(name), message)

    def only(self, names: Iterable[str]) -> None:
        for name in self._value:
            if name not in names:
                self.wrong(str(name), "This is not known here.")

    def child(self, name: str) -> _Object:
        return _Object(self._reading, self._value.get(name), self.place(name))

    def identity(self) -> str:
        value = self.text("id")
        self._reading.identity(value, self.place("id"))
        return value

    def text(self, name: str, *, required: bool = True) -> str:
        value = self._value.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or (required and not value.strip()):
            self.wrong(name, "A text is expected.")
            return ""
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._value.get(name, default)
        if not isinstance(value, bool):
            self.wrong(name, "true or false is expected.")
            return default
        return value

    def number(self, name: str, *, least: float) -> float | None:
        value = self._value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < 10**9:
            self.wrong(name, f"A number of at least {least:g} is expected.")
            return None
        return float(value)

    def choice(self, name: str, kind: type[Chosen], default: Chosen) -> Chosen:
        value = self._value.get(name)
        if value is None:
            return default
        allowed = [member.value for member in kind]
        if value not in allowed:
            self.wrong(name, f"One of {', '.join(allowed)} is expected.")
            return default
        return kind(value)

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._value.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.wrong(name, "A list of texts is expected.")
            return ()
        return tuple(value)

    def names(self, name: str) -> dict[str, str]:
        value = self._value.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(each, str) and each for each in value.values()):
            self.wrong(name, "An object of texts is expected.")
            return {}
        return dict(value)

    def any(self, name: str) -> Any:
        return self._value.get(name)

    def each(self, name: str, make: Callable[[_Object], Made]) -> tuple[Made, ...]:
        value = self._value.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.wrong(name, "A list is expected.")
            return ()
        return tuple(
            make(_Object(self._reading, one if one is not None else [], f"{self.place(name)}[{number}]"))
            for number, one in enumerate(value)
        )

    def optional(self, name: str, make: Callable[[_Object], Made]) -> Made | None:
        return None if self._value.get(name) is None else make(self.child(name))


def _direction(given: _Object) -> Direction:
    return given.choice("direction", Direction, Direction.BOTH)


def _type_mapping(given: _Object) -> TypeMapping:
    given.only({"id", "firstType", "secondType", "direction"})
    return TypeMapping(given.identity(), given.text("firstType"), given.text("secondType"), _direction(given))


def _field_mapping(given: _Object) -> FieldMapping:
    given.only({"id", "firstField", "secondField", "direction", "issueTypes", "valueMapping", "policy"})
    policy = given.choice("policy", Policy, Policy.NEWEST) if given.any("policy") is not None else None
    return FieldMapping(
        given.identity(),
        given.text("firstField"),
        given.text("secondField"),
        _direction(given),
        types=given.texts("issueTypes"),
        value_mapping=given.text("valueMapping", required=False) or None,
        policy=policy,
    )


def _value_mapping(given: _Object) -> ValueMapping:
    given.only({"id", "name", "mode", "pairs", "direction"})
    return ValueMapping(
        given.identity(),
        given.text("name", required=False),
        given.choice("mode", ValueMode, ValueMode.PASSTHROUGH),
        given.each("pairs", lambda pair: ValuePair(pair.text("first"), pair.text("second"))),
        _direction(given),
    )


def _workflow_mapping(given: _Object) -> WorkflowMapping:
    given.only({"id", "firstType", "secondType", "firstToSecond", "secondToFirst", "direction"})
    return WorkflowMapping(
        given.identity(),
        given.text("firstType"),
        given.text("secondType"),
        given.each("firstToSecond", _step),
        given.each("secondToFirst", _step),
        _direction(given),
    )


def _step(given: _Object) -> Step:
    return Step(given.text("from"), given.text("to"))


def _link_mapping(given: _Object) -> LinkMapping:
    given.only({"id", "firstLinkType", "secondLinkType", "direction"})
    return LinkMapping(given.identity(), given.text("firstLinkType"), given.text("secondLinkType"), _direction(given))


def _comment_mapping(given: _Object) -> CommentMapping:
    given.only({"id", "direction", "edits", "deletions", "authorLine"})
    return CommentMapping(
        given.identity(),
        _direction(given),
        edits=given.flag("edits", default=True),
        deletions=given.flag("deletions", default=False),
        author_line=given.flag("authorLine", default=True),
    )


def _attachment_mapping(given: _Object) -> AttachmentMapping:
    given.only({"id", "direction", "deletions", "maxSizeMb", "mode", "mimeTypes", "fileNamePattern"})
    pattern = given.text("fileNamePattern", required=False)
    try:
        re.compile(pattern)
    except re.error as error:
        given.wrong("fileNamePattern", f"This is no regular expression: {error}.")
        pattern = ""
    return AttachmentMapping(
        given.identity(),
        _direction(given),
        deletions=given.flag("deletions", default=False),
        max_size_mb=given.number("maxSizeMb", least=0.0),
        mode=given.choice("mode", FileMode, FileMode.BLACKLIST),
        mime_types=given.texts("mimeTypes"),
        name_pattern=pattern,
    )


def _field_default(given: _Object) -> FieldDefault:
    given.only({"id", "field", "value", "issueTypes"})
    return FieldDefault(given.identity(), given.text("field"), given.any("value"), given.texts("issueTypes"))
