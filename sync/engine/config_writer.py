"""The configuration document of a configuration: `config.read_config` the other way round."""

from __future__ import annotations

from typing import Any

from sync.engine.mappings import (
    AttachmentMapping,
    CommentMapping,
    FieldDefault,
    FieldMapping,
    SyncConfig,
    WorkflowMapping,
)


def write_config(config: SyncConfig) -> dict[str, Any]:
    """The document of a configuration, complete; reading it gives the same configuration."""
    return {
        "issueTypeMappings": [
            {"id": m.id, "firstType": m.first, "secondType": m.second, "direction": m.direction.value}
            for m in config.types
        ],
        "fieldMappings": [_written_field(mapping) for mapping in config.fields],
        "valueMappings": [
            {
                "id": m.id,
                "name": m.name,
                "mode": m.mode.value,
                "pairs": [{"first": pair.first, "second": pair.second} for pair in m.pairs],
                "direction": m.direction.value,
            }
            for m in config.values
        ],
        "workflowMappings": [_written_workflow(mapping) for mapping in config.workflows],
        "linkMappings": [
            {"id": m.id, "firstLinkType": m.first, "secondLinkType": m.second, "direction": m.direction.value}
            for m in config.links
        ],
        "parents": config.parents,
        "commentMapping": _written_comments(config.comments),
        "attachmentMapping": _written_attachments(config.attachments),
        "fieldDefaults": {
            "first": [_written_default(each) for each in config.first_defaults],
            "second": [_written_default(each) for each in config.second_defaults],
        },
        "peopleMapping": dict(config.people),
        "policy": config.policy.value,
        "responsible": config.responsible.name.lower(),
        "otherSideChanges": config.intrusion.value,
        "deletionPolicy": config.deletion.value,
        "closeStates": {"first": config.first_close_state, "second": config.second_close_state},
        "initialPass": config.initial_pass.value,
        "pollSeconds": config.poll_seconds,
    }


def _written_field(mapping: FieldMapping) -> dict[str, Any]:
    return {
        "id": mapping.id,
        "firstField": mapping.first,
        "secondField": mapping.second,
        "direction": mapping.direction.value,
        "issueTypes": list(mapping.types),
        "valueMapping": mapping.value_mapping,
        "policy": mapping.policy.value if mapping.policy else None,
    }


def _written_workflow(mapping: WorkflowMapping) -> dict[str, Any]:
    return {
        "id": mapping.id,
        "firstType": mapping.first_type,
        "secondType": mapping.second_type,
        "firstToSecond": [{"from": step.origin, "to": step.target} for step in mapping.first_to_second],
        "secondToFirst": [{"from": step.origin, "to": step.target} for step in mapping.second_to_first],
        "direction": mapping.direction.value,
    }


def _written_comments(mapping: CommentMapping | None) -> dict[str, Any] | None:
    if mapping is None:
        return None
    return {
        "id": mapping.id,
        "direction": mapping.direction.value,
        "edits": mapping.edits,
        "deletions": mapping.deletions,
        "authorLine": mapping.author_line,
    }


def _written_attachments(mapping: AttachmentMapping | None) -> dict[str, Any] | None:
    if mapping is None:
        return None
    return {
        "id": mapping.id,
        "direction": mapping.direction.value,
        "deletions": mapping.deletions,
        "maxSizeMb": mapping.max_size_mb,
        "mode": mapping.mode.value,
        "mimeTypes": list(mapping.mime_types),
        "fileNamePattern": mapping.name_pattern,
    }


def _written_default(default: FieldDefault) -> dict[str, Any]:
    return {"id": default.id, "field": default.field, "value": default.value, "issueTypes": list(default.types)}
