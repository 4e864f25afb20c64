"""Subscriptions to events.

https://learn.microsoft.com/rest/api/azure/devops/hooks/subscriptions
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.render import person_ref
from sandbox.ado.routes.registry import ORG_ONLY, Endpoints, Scope
from sandbox.ado.service_hooks import EVENTS, Subscription
from sandbox.http import Response, empty_response

endpoints = Endpoints(scope=Scope.PROJECT)
HIDDEN = "********"


@endpoints.on("GET", "hooks/subscriptions", ORG_ONLY)
def list_subscriptions(exchange: Exchange) -> Response:
    return exchange.collection([_shown(exchange, each) for each in exchange.org.hooks.subscriptions.values()])


@endpoints.on("POST", "hooks/subscriptions", ORG_ONLY)
def create_subscription(exchange: Exchange) -> Response:
    body = exchange.body()
    wanted = (("publisherId", "tfs"), ("consumerId", "webHooks"), ("consumerActionId", "httpRequest"))
    for name, value in wanted:
        if body.get(name) != value:
            raise _refused(f"The value '{body.get(name)}' of {name} is not known.")
    if body.get("eventType") not in EVENTS:
        raise _refused(f"The event type '{body.get('eventType')}' is not supported by the publisher 'tfs'.")
    inputs = _texts(body.get("consumerInputs"))
    if not inputs.get("url", "").startswith(("http://", "https://")):
        raise _refused("The consumer input 'url' is required and must be an absolute address.")
    made = exchange.org.hooks.add(
        str(body["eventType"]), _texts(body.get("publisherInputs")), inputs, when=exchange.now()
    )
    return exchange.json(_shown(exchange, made))


@endpoints.on("GET", "hooks/subscriptions/{subscription}", ORG_ONLY)
def get_subscription(exchange: Exchange) -> Response:
    return exchange.json(_shown(exchange, _named(exchange)))


@endpoints.on("DELETE", "hooks/subscriptions/{subscription}", ORG_ONLY)
def delete_subscription(exchange: Exchange) -> Response:
    del exchange.org.hooks.subscriptions[_named(exchange).id]
    return empty_response(204)


def _named(exchange: Exchange) -> Subscription:
    wanted = exchange.call["subscription"].lower()
    found = exchange.org.hooks.subscriptions.get(wanted)
    if found is None:
        raise errors.ApiError(404, "SubscriptionNotFoundException", f"VS800110: No subscription {wanted}.")
    return found


def _refused(problem: str) -> errors.ApiError:
    return errors.bad_request(f"VS800103: {problem}", "SubscriptionInputException")


def _texts(raw: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in raw.items()} if isinstance(raw, Mapping) else {}


def _shown(exchange: Exchange, subscription: Subscription) -> dict[str, object]:
    """A subscription; its password is never shown."""
    inputs = dict(subscription.consumer_inputs)
    if "basicAuthPassword" in inputs:
        inputs["basicAuthPassword"] = HIDDEN
    owner = person_ref(exchange, exchange.org.owner)
    return {
        "id": subscription.id,
        "url": exchange.url("_apis", "hooks", "subscriptions", subscription.id),
        "status": subscription.status,
        "publisherId": "tfs",
        "eventType": subscription.event,
        "resourceVersion": "1.0",
        "consumerId": "webHooks",
        "consumerActionId": "httpRequest",
        "createdBy": owner,
        "createdDate": subscription.created,
        "modifiedBy": owner,
        "modifiedDate": subscription.created,
        "publisherInputs": subscription.publisher_inputs,
        "consumerInputs": inputs,
    }
