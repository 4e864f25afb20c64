"""Repository webhooks. https://docs.github.com/rest/repos/webhooks"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import invalid_request, validation_failed
from sandbox.github.hook_view import config_json, delivery_json, full_delivery_json, hook_json
from sandbox.github.models import Delivery, Hook, Repository, Role
from sandbox.http import Response

endpoints = Endpoints("repository_hooks")
KNOWN = frozenset(
    ("*", "issues", "issue_comment", "label", "milestone", "sub_issues", "issue_dependencies", "ping", "push",
     "pull_request", "pull_request_review", "pull_request_review_comment", "repository", "release", "create",
     "delete", "fork", "member", "public", "star", "watch")
)  # fmt: skip
MOST_OF_ONE_EVENT = 20


def _repository(ask: Ask) -> Repository:
    return ask.repository(role=Role.ADMIN, hidden=True)


def _hook(ask: Ask) -> tuple[Repository, Hook]:
    repository = _repository(ask)
    text = ask.call["hook"]
    found = repository.hooks.get(int(text)) if text.isdigit() else None
    if found is None:
        raise errors.not_found()
    return repository, found


@endpoints.route("GET", "hooks", "repos/webhooks#list-repository-webhooks")
def listing(ask: Ask) -> Response:
    """The hooks of a repository; only for its admins."""
    repository = _repository(ask)
    return ask.paged(list(repository.hooks.values()), lambda hook: hook_json(ask.wire, repository, hook))


def _configure(ask: Ask, hook: Hook, config: Mapping[str, object]) -> None:
    url = config.get("url", hook.url)
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        text = (
            "url is missing" if not url else "url is not supported because it isn't reachable over the public Internet"
        )
        raise validation_failed({"resource": "Hook", "code": "custom", "message": text})
    hook.url = url
    kind = config.get("content_type", hook.content_type)
    if kind not in ("json", "form"):
        raise validation_failed({"resource": "Hook", "code": "custom", "message": "content_type is invalid"})
    hook.content_type = str(kind)
    hook.insecure_ssl = str(config.get("insecure_ssl", hook.insecure_ssl))
    if "secret" in config:
        hook.secret = str(config["secret"]) if config["secret"] else None


def _config(ask: Ask) -> Mapping[str, object]:
    config = ask.body.raw("config")
    if not isinstance(config, dict):
        raise invalid_request("For 'properties/config', the value is not an object.")
    return config


def _events(ask: Ask) -> list[str]:
    events = ask.body.texts("events")
    for event in events:
        if event not in KNOWN:
            text = f"The event {event} is not supported by this hook"
            raise validation_failed({"resource": "Hook", "code": "custom", "field": "events", "message": text})
    return list(dict.fromkeys(events))


@endpoints.route("POST", "hooks", "repos/webhooks#create-a-repository-webhook")
def create(ask: Ask) -> Response:
    """A new hook; a ping is made for it."""
    repository = _repository(ask)
    ask.body.required("config")
    if (ask.body.text("name") or "web") != "web":
        raise validation_failed({"resource": "Hook", "code": "custom", "message": "name must be web"})
    now = ask.site.now()
    hook = Hook(0, "", _events(ask) or ["push"], now, now, active=ask.body.flag("active", default=True))
    _configure(ask, hook, _config(ask))
    same = [held for held in repository.hooks.values() if (held.url, held.events) == (hook.url, hook.events)]
    if same:
        text = "Hook already exists on this repository"
        raise validation_failed({"resource": "Hook", "code": "custom", "message": text})
    if len(repository.hooks) >= MOST_OF_ONE_EVENT:
        text = f'The "{hook.events[0]}" event cannot have more than {MOST_OF_ONE_EVENT} hooks'
        raise validation_failed({"resource": "Hook", "code": "custom", "message": text})
    hook.id = ask.site.number("hook", 109_948_000)
    repository.hooks[hook.id] = hook
    ask.service.webhooks.ping(repository, hook)
    made = hook_json(ask.wire, repository, hook)
    return ask.created(made, str(made["url"]))


@endpoints.route("GET", "hooks/{hook}", "repos/webhooks#get-a-repository-webhook")
def get(ask: Ask) -> Response:
    """One hook."""
    repository, hook = _hook(ask)
    return ask.json(hook_json(ask.wire, repository, hook))


@endpoints.route("PATCH", "hooks/{hook}", "repos/webhooks#update-a-repository-webhook")
def update(ask: Ask) -> Response:
    """Change a hook; a configuration replaces the old one whole, its secret too."""
    repository, hook = _hook(ask)
    if "config" in ask.body:
        config = _config(ask)
        hook.secret = None
        _configure(ask, hook, config)
    if "events" in ask.body:
        hook.events = _events(ask) or ["push"]
    added, removed = ask.body.texts("add_events"), ask.body.texts("remove_events")
    hook.events = [event for event in dict.fromkeys([*hook.events, *added]) if event not in removed]
    hook.active = ask.body.flag("active", default=hook.active)
    hook.updated = ask.site.now()
    return ask.json(hook_json(ask.wire, repository, hook))


@endpoints.route("DELETE", "hooks/{hook}", "repos/webhooks#delete-a-repository-webhook")
def delete(ask: Ask) -> Response:
    """Delete a hook."""
    repository, hook = _hook(ask)
    del repository.hooks[hook.id]
    return ask.nothing()


@endpoints.route("GET", "hooks/{hook}/config", "repos/webhooks#get-a-webhook-configuration-for-a-repository")
def config(ask: Ask) -> Response:
    """Where a hook is sent."""
    return ask.json(config_json(_hook(ask)[1]))


@endpoints.route("PATCH", "hooks/{hook}/config", "repos/webhooks#update-a-webhook-configuration-for-a-repository")
def configure(ask: Ask) -> Response:
    """Change single members of it."""
    _, hook = _hook(ask)
    names = ("url", "content_type", "secret", "insecure_ssl")
    _configure(ask, hook, {name: ask.body.raw(name) for name in names if name in ask.body})
    return ask.json(config_json(hook))


@endpoints.route("POST", "hooks/{hook}/pings", "repos/webhooks#ping-a-repository-webhook")
def ping(ask: Ask) -> Response:
    """Make another ping."""
    ask.service.webhooks.ping(*_hook(ask))
    return ask.nothing()


@endpoints.route("GET", "hooks/{hook}/deliveries", "repos/webhooks#list-deliveries-for-a-repository-webhook")
def deliveries(ask: Ask) -> Response:
    """What was sent, newest first."""
    repository, hook = _hook(ask)
    sent = [delivery for delivery in hook.deliveries if delivery.delivered is not None]
    return ask.paged(sent, lambda delivery: delivery_json(repository, delivery))


def _delivery(ask: Ask, hook: Hook) -> Delivery:
    for delivery in hook.deliveries:
        if str(delivery.id) == ask.call["delivery"]:
            return delivery
    raise errors.not_found()


@endpoints.route("GET", "hooks/{hook}/deliveries/{delivery}", "repos/webhooks#get-a-delivery-for-a-repository-webhook")
def delivery(ask: Ask) -> Response:
    """One delivery with both sides of the exchange."""
    repository, hook = _hook(ask)
    return ask.json(full_delivery_json(repository, hook, _delivery(ask, hook)))


@endpoints.route(
    "POST",
    "hooks/{hook}/deliveries/{delivery}/attempts",
    "repos/webhooks#redeliver-a-delivery-for-a-repository-webhook",
)
def redeliver(ask: Ask) -> Response:
    """Make the same delivery again."""
    repository, hook = _hook(ask)
    ask.service.webhooks.redeliver(repository, hook, _delivery(ask, hook))
    return ask.json({}, 202)
