"""Accounts, repositories, labels and milestones as JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import quote

from sandbox.github.models import IssueType, JsonObject, Label, Milestone, Repository, Role, User
from sandbox.github.payload import stamp, stamp_or_null
from sandbox.github.tokens import Caller

_REPOSITORY_LINKS = {
    "forks_url": "forks",
    "keys_url": "keys{/key_id}",
    "collaborators_url": "collaborators{/collaborator}",
    "teams_url": "teams",
    "hooks_url": "hooks",
    "issue_events_url": "issues/events{/number}",
    "events_url": "events",
    "assignees_url": "assignees{/user}",
    "branches_url": "branches{/branch}",
    "tags_url": "tags",
    "blobs_url": "git/blobs{/sha}",
    "git_tags_url": "git/tags{/sha}",
    "git_refs_url": "git/refs{/sha}",
    "trees_url": "git/trees{/sha}",
    "statuses_url": "statuses/{sha}",
    "languages_url": "languages",
    "stargazers_url": "stargazers",
    "contributors_url": "contributors",
    "subscribers_url": "subscribers",
    "subscription_url": "subscription",
    "commits_url": "commits{/sha}",
    "git_commits_url": "git/commits{/sha}",
    "comments_url": "comments{/number}",
    "issue_comment_url": "issues/comments{/number}",
    "contents_url": "contents/{+path}",
    "compare_url": "compare/{base}...{head}",
    "merges_url": "merges",
    "archive_url": "{archive_format}{/ref}",
    "downloads_url": "downloads",
    "issues_url": "issues{/number}",
    "pulls_url": "pulls{/number}",
    "milestones_url": "milestones{/number}",
    "notifications_url": "notifications{?since,all,participating}",
    "labels_url": "labels{/name}",
    "releases_url": "releases{/id}",
    "deployments_url": "deployments",
}
_USER_LINKS = {
    "followers_url": "followers",
    "following_url": "following{/other_user}",
    "gists_url": "gists{/gist_id}",
    "starred_url": "starred{/owner}{/repo}",
    "subscriptions_url": "subscriptions",
    "organizations_url": "orgs",
    "repos_url": "repos",
    "events_url": "events{/privacy}",
    "received_events_url": "received_events",
}


def node_id(kind: str, number: int) -> str:
    """The opaque id that GraphQL knows a thing by."""
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


@dataclass
class Wire:
    """Renders for one address. `api` ends in /api/v3 for the Enterprise Server form; `html` never does."""

    api: str
    html: str
    _users: dict[int, JsonObject] = field(default_factory=dict)
    _repositories: dict[tuple[int, str], JsonObject] = field(default_factory=dict)

    def repository_url(self, repository: Repository) -> str:
        """The address of a repository's resources."""
        return f"{self.api}/repos/{repository.full_name}"

    def user(self, user: User) -> JsonObject:
        """An account as it appears inside other objects. Never changed after it was made."""
        made = self._users.get(user.id)
        if made is None:
            made = self._users[user.id] = self._user(user)
        return made

    def user_or_null(self, user: User | None) -> JsonObject | None:
        """The same for somebody who may have left."""
        return None if user is None else self.user(user)

    def _user(self, user: User) -> JsonObject:
        name = quote(user.login)
        base = f"{self.api}/users/{name}"
        page = f"{self.html}/apps/{user.login.removesuffix('[bot]')}" if user.type == "Bot" else f"{self.html}/{name}"
        return {
            "login": user.login,
            "id": user.id,
            "node_id": node_id("O" if user.is_organization else "U", user.id),
            "avatar_url": f"{self.html}/avatars/u/{user.id}?v=4",
            "gravatar_id": "",
            "url": base,
            "html_url": page,
            **{link: f"{base}/{tail}" for link, tail in _USER_LINKS.items()},
            "type": user.type,
            "user_view_type": "public",
            "site_admin": False,
        }

    def profile(self, user: User, *, repositories: int, private: bool) -> JsonObject:
        """An account on its own; `private` adds what only its owner sees."""
        made: JsonObject = {
            **self.user(user),
            "name": user.name,
            "company": None,
            "blog": "",
            "location": None,
            "email": user.email,
            "hireable": None,
            "bio": None,
            "twitter_username": None,
            "public_repos": repositories,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": stamp(user.created),
            "updated_at": stamp(user.created),
        }
        if private:
            plan: JsonObject = {"name": "pro", "space": 976_562_499, "collaborators": 0, "private_repos": 9_999}
            numbers = ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators")
            made.update(dict.fromkeys(numbers, 0))
            made.update(two_factor_authentication=True, plan=plan)
        return made

    def organization(self, org: User) -> JsonObject:
        """An organisation in a list."""
        base = f"{self.api}/orgs/{quote(org.login)}"
        return {
            "login": org.login,
            "id": org.id,
            "node_id": node_id("O", org.id),
            "url": base,
            "repos_url": f"{base}/repos",
            "events_url": f"{base}/events",
            "hooks_url": f"{base}/hooks",
            "issues_url": f"{base}/issues",
            "members_url": f"{base}/members{{/member}}",
            "public_members_url": f"{base}/public_members{{/member}}",
            "avatar_url": f"{self.html}/avatars/u/{org.id}?v=4",
            "description": None,
        }

    def label(self, repository: Repository, label: Label) -> JsonObject:
        """A label."""
        return {
            "id": label.id,
            "node_id": node_id("LA", label.id),
            "url": f"{self.repository_url(repository)}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": label.default,
            "description": label.description,
        }

    def milestone(self, repository: Repository, milestone: Milestone) -> JsonObject:
        """A milestone with its counts."""
        base = f"{self.repository_url(repository)}/milestones/{milestone.number}"
        return {
            "url": base,
            "html_url": f"{self.html}/{repository.full_name}/milestone/{milestone.number}",
            "labels_url": f"{base}/labels",
            "id": milestone.id,
            "node_id": node_id("MI", milestone.id),
            "number": milestone.number,
            "title": milestone.title,
            "description": milestone.description,
            "creator": self.user_or_null(milestone.creator),
            "open_issues": milestone.open_issues,
            "closed_issues": milestone.closed_issues,
            "state": milestone.state,
            "created_at": stamp(milestone.created),
            "updated_at": stamp(milestone.updated),
            "due_on": stamp_or_null(milestone.due),
            "closed_at": stamp_or_null(milestone.closed),
        }

    def issue_type(self, kind: IssueType) -> JsonObject:
        """A kind of issue."""
        return {
            "id": kind.id,
            "node_id": node_id("IT", kind.id),
            "name": kind.name,
            "description": kind.description,
            "color": kind.color,
            "created_at": stamp(kind.created),
            "updated_at": stamp(kind.created),
            "is_enabled": True,
        }

    def repository(self, repository: Repository, caller: Caller | None = None) -> JsonObject:
        """A repository; with a caller also what the caller may do there."""
        made: JsonObject = {
            **self._fixed(repository),
            "private": repository.private,
            "description": repository.description,
            "created_at": stamp(repository.created),
            "updated_at": stamp(repository.updated),
            "pushed_at": stamp(repository.updated),
            "has_issues": repository.has_issues,
            "archived": repository.archived,
            "open_issues_count": repository.open_issues,
            "open_issues": repository.open_issues,
            "visibility": "private" if repository.private else "public",
            "default_branch": repository.default_branch,
        }
        if caller is not None and caller.user is not None:
            made["permissions"] = {
                name: caller.at_least(repository, role)
                for name, role in (
                    ("admin", Role.ADMIN),
                    ("maintain", Role.MAINTAIN),
                    ("push", Role.WRITE),
                    ("triage", Role.TRIAGE),
                    ("pull", Role.READ),
                )
            }
        return made

    def _fixed(self, repository: Repository) -> JsonObject:
        key = (repository.id, repository.full_name)
        made = self._repositories.get(key)
        if made is not None:
            return made
        base, page = self.repository_url(repository), f"{self.html}/{repository.full_name}"
        off = ("fork", "has_pages", "has_discussions", "is_template", "disabled", "web_commit_signoff_required")
        on = ("has_projects", "has_downloads", "has_wiki", "allow_forking")
        none = ("size", "stargazers_count", "watchers_count", "forks_count", "forks", "watchers")
        made = {
            "id": repository.id,
            "node_id": node_id("R", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "owner": self.user(repository.owner),
            "html_url": page,
            "url": base,
            **{link: f"{base}/{tail}" for link, tail in _REPOSITORY_LINKS.items()},
            "git_url": f"git://{page.partition('://')[2]}.git",
            "ssh_url": f"git@{self.html.partition('://')[2].partition(':')[0]}:{repository.full_name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "homepage": None,
            "language": None,
            "mirror_url": None,
            "license": None,
            "topics": [],
            "custom_properties": {},
            **dict.fromkeys(off, False),
            **dict.fromkeys(on, True),
            **dict.fromkeys(none, 0),
        }
        self._repositories[key] = made
        return made

    def full_repository(self, repository: Repository, caller: Caller) -> JsonObject:
        """A repository on its own."""
        made: JsonObject = {**self.repository(repository, caller), "network_count": 0, "subscribers_count": 0}
        if repository.owner.is_organization:
            made["organization"] = self.user(repository.owner)
        return made
