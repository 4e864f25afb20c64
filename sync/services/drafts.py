"""Editing what a synchronization does without disturbing it: a draft is edited, checked, and published as a whole."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.domain.errors import DomainError
from sync.engine.config import Problem
from sync.models import Synchronization
from sync.services.checking import find_problems
from sync.services.configuration import (
    compare_again,
    complete,
    facts,
    lock,
    raise_version,
    require_not_ended,
)
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal


@transaction.atomic
def create_draft(synchronization: Synchronization, *, by: Principal) -> Synchronization:
    """Begin a draft as a copy of what is in force; one that is there stays as it is.

    Raises NotPermitted, DomainError SYNCHRONIZATION_ENDED.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    require_not_ended(row)
    if row.draft is None:
        _store(row, copy.deepcopy(row.configuration), by=by)
    return row


@transaction.atomic
def edit_draft(synchronization: Synchronization, document: Mapping[str, Any], *, by: Principal) -> Synchronization:
    """Replace the draft. It must be readable; whether the sides offer what it names is asked by `find_problems`.

    Raises NotPermitted, DomainError DRAFT_NOT_FOUND, CONFIGURATION_INVALID, SYNCHRONIZATION_ENDED.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    require_not_ended(row)
    draft_of(row)
    _store(row, complete(document), by=by)
    return row


@transaction.atomic
def discard_draft(synchronization: Synchronization, *, by: Principal) -> None:
    """Throw the draft away. Raises NotPermitted, DomainError DRAFT_NOT_FOUND."""
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    draft_of(row)
    _store(row, None, by=by)


def publish_draft(synchronization: Synchronization, *, by: Principal) -> Synchronization:
    """Put the draft in force; everything is compared again under it.

    Raises NotPermitted; DomainError DRAFT_NOT_FOUND, SYNCHRONIZATION_ENDED, CONFIGURATION_CONFLICTS (409) with what
    the sides do not offer, and what keeps a side from being asked.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    draft = draft_of(synchronization)
    refuse_problems(find_problems(synchronization, draft))
    with transaction.atomic():
        row = lock(synchronization, by=by)
        require_not_ended(row)
        if row.draft != draft:
            raise DomainError("DRAFT_CHANGED", "The draft was changed meanwhile: look at it and try again", status=409)
        before = row.configuration
        row.configuration, row.draft, row.draft_changed_by, row.draft_changed_at = draft, None, None, None
        row.changed_by = by.user
        row.save()
        raise_version(row)
        compare_again(row.pk)
        audit.record(
            organization=by.organization,
            actor=by.user,
            action="synchronization.published",
            target=row,
            before={"configuration": before},
            after={**facts(row), "configuration": draft},
        )
    row.refresh_from_db()
    return row


def draft_of(row: Synchronization) -> dict[str, Any]:
    """The draft. Raises DomainError DRAFT_NOT_FOUND."""
    if row.draft is None:
        raise DomainError("DRAFT_NOT_FOUND", f"{row.key} has no draft", status=404)
    draft: dict[str, Any] = row.draft
    return draft


def refuse_problems(found: list[Problem]) -> None:
    """Raise DomainError CONFIGURATION_CONFLICTS naming every conflict by its place; nothing for none."""
    if not found:
        return
    errors: dict[str, list[str]] = {}
    for problem in found:
        errors.setdefault(problem.where or "configuration", []).append(problem.message)
    raise DomainError(
        "CONFIGURATION_CONFLICTS",
        f"The configuration has {len(found)} conflict{'s' if len(found) > 1 else ''}: {found[0].message}",
        status=409,
        errors=errors,
    )


def _store(row: Synchronization, draft: dict[str, Any] | None, *, by: Principal) -> None:
    row.draft = draft
    row.draft_changed_by = by.user if draft is not None else None
    row.draft_changed_at = timezone.now() if draft is not None else None
    row.save(update_fields=["draft", "draft_changed_by", "draft_changed_at", "updated_at"])
