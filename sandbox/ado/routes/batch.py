"""Many writes in one request.

https://learn.microsoft.com/azure/devops/boards/work-items/guidance (batch endpoint of work item tracking)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.http import Headers, Request, Response, dump_json

BATCH_LIMIT = 200


def run_batch(exchange: Exchange, dispatch: Callable[[Request], Response]) -> Response:
    """Each request is answered by itself inside a 200; one that is refused does not stop the others."""
    body = exchange.json_body()
    if not isinstance(body, list) or not all(isinstance(entry, Mapping) for entry in body):
        raise errors.bad_request("The body of a batch must be an array of requests.")
    if len(body) > BATCH_LIMIT:
        raise errors.too_many_ids(len(body))
    answers = [dispatch(_request(exchange, entry)) for entry in body if isinstance(entry, Mapping)]
    values = [
        {"code": answer.status, "headers": dict(answer.headers), "body": answer.body.decode()} for answer in answers
    ]
    exchange.call.applied = any(answer.status < 400 for answer in answers)
    return exchange.json({"count": len(values), "value": values})


def _request(exchange: Exchange, entry: Mapping[str, object]) -> Request:
    uri, sent = str(entry.get("uri", "")), entry.get("headers")
    headers = {str(name): str(value) for name, value in sent.items()} if isinstance(sent, Mapping) else {}
    authorization = exchange.request.headers.get("Authorization", "")
    body = entry.get("body")
    return Request(
        str(entry.get("method", "GET")).upper(),
        f"/{exchange.org.name}/" + uri.lstrip("/"),
        Headers({**headers, "authorization": authorization}),
        b"" if body is None else dump_json(body),
    )
