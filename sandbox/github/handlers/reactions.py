"""Reactions to issues and comments. https://docs.github.com/rest/reactions/reactions"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import fault, validation_failed
from sandbox.github.issue_view import REACTIONS
from sandbox.github.models import Reaction, Role
from sandbox.http import Response

endpoints = Endpoints()


def _of_issue(ask: Ask) -> list[Reaction]:
    return ask.issue().reactions


def _of_comment(ask: Ask) -> list[Reaction]:
    repository = ask.issues_of(ask.repository())
    text = ask.call["comment"]
    found = repository.comments.get(int(text)) if text.isdigit() else None
    if found is None:
        raise errors.not_found()
    return found.reactions


def _listing(ask: Ask, reactions: list[Reaction]) -> Response:
    wanted = ask.param("content")
    return ask.paged([held for held in reactions if wanted in (None, held.content)], ask.view.reaction)


def _react(ask: Ask, reactions: list[Reaction]) -> Response:
    content = ask.body.text("content")
    if content not in REACTIONS:
        raise validation_failed(fault("Reaction", "content", "invalid" if content else "missing_field"))
    for held in reactions:
        if held.user is ask.person and held.content == content:
            return ask.json(ask.view.reaction(held))
    made = Reaction(ask.site.number("reaction", 300_000_000), ask.person, content, ask.site.now())
    reactions.append(made)
    return ask.json(ask.view.reaction(made), 201)


def _take_back(ask: Ask, reactions: list[Reaction]) -> Response:
    for held in reactions:
        if str(held.id) == ask.call["reaction"]:
            if held.user is not ask.person and not ask.caller.at_least(ask.repository(), Role.WRITE):
                raise errors.Refusal(403, errors.NEEDS_PUSH)
            reactions.remove(held)
            return ask.nothing()
    raise errors.not_found()


def _declare(path: str, what: str, of: Callable[[Ask], list[Reaction]]) -> None:
    docs = "reactions/reactions#"
    endpoints.route("GET", path, f"{docs}list-reactions-for-an-{what}")(lambda ask: _listing(ask, of(ask)))
    endpoints.route("POST", path, f"{docs}create-reaction-for-an-{what}")(lambda ask: _react(ask, of(ask)))
    route = endpoints.route("DELETE", f"{path}/{{reaction}}", f"{docs}delete-an-{what}-reaction")
    route(lambda ask: _take_back(ask, of(ask)))


_declare("issues/{number}/reactions", "issue", _of_issue)
_declare("issues/comments/{comment}/reactions", "issue-comment", _of_comment)
