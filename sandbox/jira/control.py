"""Control endpoints of this stand-in: what on Jira only an administrator does in a browser."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox.http import NotJson, Request, Response, empty_response, json_response
from sandbox.jira.errors import Refusal
from sandbox.jira.inventory import inventory
from sandbox.jira.models import JsonObject
from sandbox.jira.webhooks import BadHook, Hook

if TYPE_CHECKING:
    from sandbox.jira.service import JiraService


def answer_control(service: JiraService, method: str, action: str, request: Request) -> Response | None:
    """Serve one, or None for an unknown one; 400 when the body cannot be understood."""
    match (method, action.split("/")):
        case ("GET", ["issues"]):
            return json_response(inventory(service.content))
        case ("GET", ["webhooks"]):
            return json_response({"webhooks": [_shown(service, hook) for hook in service.webhooks.hooks.values()]})
        case ("POST", ["webhooks"]):
            return _add(service, request)
        case ("POST", ["webhooks", "deliver"]):
            waiting = service.webhooks.waiting()
            threading.Thread(target=service.webhooks.deliver, daemon=True).start()
            return json_response({"delivering": len(waiting)}, 202)
        case ("DELETE", ["webhooks", number]) if number.isdigit() and int(number) in service.webhooks.hooks:
            del service.webhooks.hooks[int(number)]
            return empty_response()
    return None


def _add(service: JiraService, request: Request) -> Response:
    try:
        body = request.json()
        if not isinstance(body, dict):
            raise BadHook("send an object")
        hook = service.webhooks.add(body)
    except (NotJson, BadHook) as error:
        return json_response({"error": str(error)}, 400)
    except Refusal as refusal:
        return refusal.response()
    return json_response(_shown(service, hook), 201)


def _shown(service: JiraService, hook: Hook) -> JsonObject:
    waiting = sum(1 for delivery in service.webhooks.waiting() if delivery.hook is hook)
    return {
        "id": hook.id,
        "url": hook.url,
        "events": list(hook.events),
        "jql": hook.jql,
        "isSigned": bool(hook.secret),
        "automatic": hook.automatic,
        "waiting": waiting,
    }
