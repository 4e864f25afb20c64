"""A stand-in with next to no behaviour, to test what all stand-ins share."""

from sandbox.http import Request, Response, json_response, text_response
from sandbox.service import Call, Service


class EchoService(Service):
    """Counts things; refuses the caller `nobody`; throttles from the third request when limits are on."""

    name = "echo"

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.things: list[str] = []
        self.asked = 0
        self.router.add("GET", "/things", self._list)
        self.router.add("POST", "/things/{key}", self._add, item="key")
        self.router.add("POST", "/search", self._list, writes=False)
        self.router.add("GET", "/broken", self._broken)

    def authenticate(self, call: Call) -> Response | None:
        if call.request.headers.get("Authorization") == "nobody":
            return text_response("who?", 401)
        return None

    def throttle(self, call: Call) -> Response | None:
        self.asked += 1
        return text_response("slow down", 429, {"Retry-After": "1"}) if self.asked > 2 else None

    def unrouted(self, request: Request) -> Response:
        return text_response(f"no {request.path}", 404)

    def state(self) -> dict[str, object]:
        return {"things": len(self.things)}

    def reset_state(self) -> None:
        self.things.clear()

    def _list(self, call: Call) -> Response:
        return json_response({"things": self.things})

    def _add(self, call: Call) -> Response:
        self.things.append(call["key"])
        return json_response({"added": call["key"]}, 201)

    def _broken(self, call: Call) -> Response:
        raise LookupError("mistake")
