"""How a request proves who asks. Secrets never show in a repr."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Auth(Protocol):
    """Headers for the base address's own origin, and the secrets to keep out of texts."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def secrets(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class NoAuth:
    """Anonymous."""

    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


class BasicAuth:
    """User and password; an empty user with a PAT for Azure DevOps, e-mail and API token for Jira."""

    def __init__(self, user: str, password: str) -> None:
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.headers: Mapping[str, str] = {"Authorization": f"Basic {encoded}"}
        self.secrets: tuple[str, ...] = (password, encoded)


class BearerAuth:
    """An OAuth access token."""

    def __init__(self, token: str) -> None:
        # A line break would end the header: no token holds one, pasted text may.
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {''.join(token.split())}"}
        self.secrets: tuple[str, ...] = (token,)
