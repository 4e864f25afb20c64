"""What an operator or a test may change about the transport."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.clients.retry import Backoff

USER_AGENT = "Isthmus/0.1 (migration and synchronization of work items)"


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """Timeouts in seconds.

    `connect_timeout` plus `write_timeout` stay below UNCLEAR_WAIT minus the lease: an unclear write is settled only
    when it can no longer be on its way. Reads may wait longer, Azure DevOps delays them by up to 30 s.
    """

    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    write_timeout: float = 20.0
    proxy: str = ""
    ca_bundle: str = ""
    pool_size: int = 16
    max_answer_bytes: int = 64 * 1024 * 1024
    user_agent: str = USER_AGENT
    backoff: Backoff = field(default_factory=Backoff)
