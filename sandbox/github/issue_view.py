"""Issues, comments, reactions and pull requests as one caller sees them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sandbox.github.files import signed_address
from sandbox.github.markdown import Surroundings, to_html, to_text
from sandbox.github.models import Comment, Issue, JsonObject, PullRequest, Reaction, Repository, User
from sandbox.github.payload import stamp, stamp_or_null
from sandbox.github.state import SiteState
from sandbox.github.tokens import Caller
from sandbox.github.wire import Wire, node_id

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
_MEDIA = re.compile(r"application/vnd\.github(?:\.v3)?\.(raw|text|html|full)(?:\+json)?")


class Media(StrEnum):
    """Which forms of a text an answer holds."""

    RAW = "raw"
    TEXT = "text"
    HTML = "html"
    FULL = "full"

    @staticmethod
    def of(accept: str) -> Media | None:
        """The form an Accept header asks for; None when it asks for none in particular."""
        found = _MEDIA.search(accept)
        return Media(found[1]) if found else None


@dataclass(frozen=True)
class IssueView:
    """Renders for one request."""

    site: SiteState
    wire: Wire
    caller: Caller
    media: Media | None = None

    def issue(self, issue: Issue, *, alone: bool = False, with_repository: bool = False) -> JsonObject:
        """An issue; `alone` adds who closed it, which lists leave out."""
        wire, repository = self.wire, issue.repository
        base = f"{wire.repository_url(repository)}/issues/{issue.number}"
        kind = "pull" if issue.pull else "issues"
        made: JsonObject = {
            "url": base,
            "repository_url": wire.repository_url(repository),
            "labels_url": f"{base}/labels{{/name}}",
            "comments_url": f"{base}/comments",
            "events_url": f"{base}/events",
            "html_url": f"{wire.html}/{repository.full_name}/{kind}/{issue.number}",
            "id": issue.id,
            "node_id": node_id("PR" if issue.pull else "I", issue.id),
            "number": issue.number,
            "title": issue.title,
            "user": wire.user_or_null(issue.user),
            "labels": [wire.label(repository, label) for label in issue.labels],
            "state": issue.state,
            "locked": issue.locked,
            "assignee": wire.user_or_null(issue.assignees[0] if issue.assignees else None),
            "assignees": [wire.user(user) for user in issue.assignees],
            "milestone": wire.milestone(repository, issue.milestone) if issue.milestone else None,
            "comments": len(issue.comments),
            "created_at": stamp(issue.created),
            "updated_at": stamp(issue.updated),
            "closed_at": stamp_or_null(issue.closed),
            "author_association": association(repository, issue.user),
            "active_lock_reason": issue.lock_reason,
            "reactions": self.rollup(f"{base}/reactions", issue.reactions),
            "timeline_url": f"{base}/timeline",
            "performed_via_github_app": None,
            "state_reason": issue.reason,
            "pinned_comment": None,
        }
        self._add_text(made, issue.body, repository)
        if issue.pull:
            made.update(draft=issue.pull.draft, pull_request=self._pull_links(issue, issue.pull))
        else:
            self._add_relations(made, issue)
        if alone:
            made["closed_by"] = wire.user_or_null(issue.closed_by)
        if with_repository:
            made["repository"] = wire.repository(repository, self.caller)
        return made

    def _add_relations(self, made: JsonObject, issue: Issue) -> None:
        total = len(issue.children)
        completed = sum(child.state == "closed" for child in issue.children)
        percent = completed * 100 // total if total else 0
        made["sub_issues_summary"] = {"total": total, "completed": completed, "percent_completed": percent}
        made["issue_dependencies_summary"] = {
            "blocked_by": sum(blocker.state == "open" for blocker in issue.blocked_by),
            "total_blocked_by": len(issue.blocked_by),
            "blocking": sum(blocked.state == "open" for blocked in issue.blocking),
            "total_blocking": len(issue.blocking),
        }
        made["type"] = self.wire.issue_type(issue.type) if issue.type else None
        if issue.parent is not None:
            parent = issue.parent
            made["parent_issue_url"] = f"{self.wire.repository_url(parent.repository)}/issues/{parent.number}"

    def _pull_links(self, issue: Issue, pull: PullRequest) -> JsonObject:
        page = f"{self.wire.html}/{issue.repository.full_name}/pull/{issue.number}"
        return {
            "url": f"{self.wire.repository_url(issue.repository)}/pulls/{issue.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": stamp_or_null(pull.merged),
        }

    def comment(self, comment: Comment) -> JsonObject:
        """A comment."""
        issue, wire = comment.issue, self.wire
        base = f"{wire.repository_url(issue.repository)}/issues"
        kind = "pull" if issue.pull else "issues"
        page = f"{wire.html}/{issue.repository.full_name}/{kind}/{issue.number}"
        made: JsonObject = {
            "url": f"{base}/comments/{comment.id}",
            "html_url": f"{page}#issuecomment-{comment.id}",
            "issue_url": f"{base}/{issue.number}",
            "id": comment.id,
            "node_id": node_id("IC", comment.id),
            "user": wire.user_or_null(comment.user),
            "created_at": stamp(comment.created),
            "updated_at": stamp(comment.updated),
            "author_association": association(issue.repository, comment.user),
            "reactions": self.rollup(f"{base}/comments/{comment.id}/reactions", comment.reactions),
            "performed_via_github_app": None,
        }
        self._add_text(made, comment.body, issue.repository)
        return made

    def rollup(self, url: str, reactions: Sequence[Reaction]) -> JsonObject:
        """How many reactions of each kind there are."""
        made: JsonObject = {"url": url, "total_count": len(reactions), **dict.fromkeys(REACTIONS, 0)}
        for reaction in reactions:
            made[reaction.content] = sum(other.content == reaction.content for other in reactions)
        return made

    def reaction(self, reaction: Reaction) -> JsonObject:
        """One reaction."""
        return {
            "id": reaction.id,
            "node_id": node_id("REA", reaction.id),
            "user": self.wire.user(reaction.user),
            "content": reaction.content,
            "created_at": stamp(reaction.created),
        }

    def _add_text(self, made: JsonObject, text: str | None, repository: Repository) -> None:
        if self.media in (None, Media.RAW, Media.FULL):
            made["body"] = text
        if self.media in (Media.HTML, Media.TEXT, Media.FULL):
            rendered = to_html(text, self._surroundings(repository)) if text else None
            if self.media is not Media.TEXT:
                made["body_html"] = rendered
            if self.media is not Media.HTML:
                made["body_text"] = to_text(rendered) if rendered else None

    def _surroundings(self, repository: Repository) -> Surroundings:
        return Surroundings(
            page=self.wire.html,
            repository=repository.full_name,
            knows_user=lambda login: self.site.user(login) is not None,
            knows_issue=self._knows_issue,
            signed=self._signed,
        )

    def _knows_issue(self, name: str, number: int) -> bool:
        owner, _, rest = name.partition("/")
        repository = self.site.repository(owner, rest)
        return repository is not None and number in repository.issues

    def _signed(self, guid: str) -> str | None:
        asset = self.site.assets.get(guid)
        return signed_address(self.wire.html, asset, now=self.site.now()) if asset else None


def association(repository: Repository, user: User | None) -> str:
    """How an author belongs to a repository."""
    if user is None:
        return "NONE"
    if user is repository.owner:
        return "OWNER"
    login = user.login.lower()
    if login in repository.owner.members:
        return "MEMBER"
    return "COLLABORATOR" if login in repository.roles else "NONE"
