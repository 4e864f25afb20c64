"""Pull requests, to be read only: issue lists hold them and a client must tell them apart.

https://docs.github.com/rest/pulls/pulls
"""

from __future__ import annotations

import hashlib

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.models import Issue, JsonObject, PullRequest
from sandbox.github.payload import stamp_or_null
from sandbox.github.validators import last_modified
from sandbox.github.wire import node_id
from sandbox.http import Response

endpoints = Endpoints("pull_requests")
_SHARED = (
    "title", "user", "body", "labels", "milestone", "state", "locked", "active_lock_reason", "created_at",
    "updated_at", "closed_at", "assignee", "assignees", "author_association", "draft", "number", "html_url",
)  # fmt: skip


@endpoints.route("GET", "pulls", "pulls/pulls#list-pull-requests")
def listing(ask: Ask) -> Response:
    """Pull requests, open ones unless told otherwise, newest first."""
    repository = ask.repository()
    state = ask.choice("state", "open", "closed", "all")
    by = ask.choice("sort", "created", "updated", "popularity", "long-running")
    usual = ("desc", "asc") if by == "created" else ("asc", "desc")
    descending = ask.choice("direction", *usual) == "desc"
    found = [issue for issue in repository.issues.values() if issue.pull and state in ("all", issue.state)]
    found.sort(
        key=lambda issue: (issue.updated if by == "updated" else issue.created, issue.number), reverse=descending
    )
    return ask.paged(found, lambda issue: _shown(ask, issue))


@endpoints.route("GET", "pulls/{number}", "pulls/pulls#get-a-pull-request")
def get(ask: Ask) -> Response:
    """One pull request."""
    repository = ask.repository()
    text = ask.call["number"]
    issue = repository.issues.get(int(text)) if text.isdigit() else None
    if issue is None or issue.pull is None:
        raise errors.not_found()
    merged = issue.pull.merged is not None
    more: JsonObject = {
        "merged": merged,
        "mergeable": None if merged else True,
        "rebaseable": None if merged else True,
        "mergeable_state": "unknown" if merged else "clean",
        "merged_by": ask.wire.user_or_null(issue.closed_by) if merged else None,
        "comments": len(issue.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1,
        "additions": 1,
        "deletions": 0,
        "changed_files": 1,
    }
    return ask.json({**_shown(ask, issue), **more}, headers=last_modified(issue.updated))


def _shown(ask: Ask, issue: Issue) -> JsonObject:
    pull = issue.pull
    if pull is None:
        raise errors.not_found()
    wire, repository = ask.wire, issue.repository
    base = f"{wire.repository_url(repository)}/pulls/{issue.number}"
    issue_url = f"{wire.repository_url(repository)}/issues/{issue.number}"
    sha = hashlib.sha1(str(pull.id).encode(), usedforsecurity=False).hexdigest()
    shared = ask.view.issue(issue)
    links = {
        "issue_url": issue_url,
        "commits_url": f"{base}/commits",
        "review_comments_url": f"{base}/comments",
        "review_comment_url": f"{wire.repository_url(repository)}/pulls/comments{{/number}}",
        "comments_url": f"{issue_url}/comments",
        "statuses_url": f"{wire.repository_url(repository)}/statuses/{sha}",
    }
    pages = {"diff_url": f"{shared['html_url']}.diff", "patch_url": f"{shared['html_url']}.patch"}
    named = {"self": base, "html": str(shared["html_url"]), "issue": issue_url, "comments": links["comments_url"],
             "review_comments": links["review_comments_url"], "review_comment": links["review_comment_url"],
             "commits": links["commits_url"], "statuses": links["statuses_url"]}  # fmt: skip
    return {
        "url": base,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        **{name: shared[name] for name in _SHARED if name in shared},
        **links,
        **pages,
        "merged_at": stamp_or_null(pull.merged),
        "merge_commit_sha": sha if pull.merged is not None else None,
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _branch(ask, issue, pull, pull.head, sha),
        "base": _branch(ask, issue, pull, pull.base, sha),
        "_links": {name: {"href": address} for name, address in named.items()},
        "auto_merge": None,
    }


def _branch(ask: Ask, issue: Issue, pull: PullRequest, name: str, sha: str) -> JsonObject:
    owner = issue.repository.owner
    return {
        "label": f"{owner.login}:{name}",
        "ref": name,
        "sha": sha,
        "user": ask.wire.user(owner),
        "repo": ask.wire.full_repository(issue.repository, ask.caller),
    }
