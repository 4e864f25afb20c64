"""The entries of the shell's menu. An entry whose page is not installed is left out."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from tenancy.permissions import Action, may
from tenancy.principal import Principal


@dataclass(frozen=True)
class Entry:
    """A page by the name of its address; `key` is what a view declares as `section`."""

    key: str
    title: str
    url_name: str
    action: Action = Action.SEE


@dataclass(frozen=True)
class Link:
    """An entry as the menu shows it."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True)
class Group:
    """Links under a heading; the first group has none."""

    title: str
    links: tuple[Link, ...]


WORK = (
    Entry("overview", "Overview", "migrations_console:overview"),
    Entry("projects", "Projects", "migrations_console:projects"),
    Entry("connectors", "Connectors", "connectors_console:connectors"),
    Entry("scans", "Audits", "connectors_console:scans"),
    Entry("runs", "Runs", "migrations_console:runs"),
    Entry("synchronizations", "Synchronizations", "sync_console:synchronizations"),
    Entry("search", "Search", "migrations_console:search"),
)
ORGANIZATION = (
    Entry("members", "Members", "tenancy_console:members"),
    Entry("tokens", "API tokens", "tenancy_console:tokens", Action.MANAGE_OWN_TOKENS),
    Entry("webhooks", "Webhooks", "webhooks_console:webhooks"),
    Entry("prices", "Price list", "connectors_console:prices"),
    Entry("audit", "Audit log", "tenancy_console:audit"),
)


def menu(principal: Principal, *, section: str) -> list[Group]:
    """The groups this principal may open, with the current section marked."""
    groups = (("", WORK), ("Organization", ORGANIZATION))
    return [Group(title, links) for title, entries in groups if (links := tuple(_links(entries, principal, section)))]


def _links(entries: tuple[Entry, ...], principal: Principal, section: str) -> list[Link]:
    found = []
    for entry in entries:
        url = address_of(entry.url_name)
        if url and may(principal, entry.action):
            found.append(Link(entry.title, url, entry.key == section))
    return found


def address_of(url_name: str, /, **kwargs: object) -> str:
    """The address behind a name; nothing where that page is not installed."""
    try:
        return reverse(url_name, kwargs=kwargs)
    except NoReverseMatch:
        return ""
