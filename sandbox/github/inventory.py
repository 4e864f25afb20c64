"""Everything the site holds, in one piece: for an auditor who wants to count without asking the API."""

from __future__ import annotations

import hashlib

from sandbox.github.models import Issue, JsonObject, Repository
from sandbox.github.state import SiteState


def inventory(site: SiteState) -> JsonObject:
    """Repositories with their issues and all that hangs on them, texts as they are stored, images by hash."""
    return {
        "repositories": [_repository(repository) for repository in site.repositories.values()],
        "assets": {
            guid: {"name": asset.name, "sha256": hashlib.sha256(asset.content).hexdigest()}
            for guid, asset in site.assets.items()
        },
    }


def _repository(repository: Repository) -> JsonObject:
    return {
        "name": repository.full_name,
        "labels": [label.name for label in repository.labels.values()],
        "milestones": [{"number": held.number, "title": held.title} for held in repository.milestones.values()],
        "issues": [_issue(issue) for issue in repository.issues.values()],
    }


def _issue(issue: Issue) -> JsonObject:
    return {
        "id": issue.id,
        "number": issue.number,
        "pull": issue.pull is not None,
        "title": issue.title,
        "body": issue.body,
        "user": issue.user.login if issue.user else None,
        "state": issue.state,
        "reason": issue.reason,
        "type": issue.type.name if issue.type else None,
        "labels": [label.name for label in issue.labels],
        "assignees": [user.login for user in issue.assignees],
        "milestone": issue.milestone.title if issue.milestone else None,
        "parent": issue.parent.id if issue.parent else None,
        "blockedBy": [blocker.id for blocker in issue.blocked_by],
        "locked": issue.locked,
        "comments": [
            {"id": comment.id, "user": comment.user.login if comment.user else None, "body": comment.body}
            for comment in issue.comments
        ],
    }
