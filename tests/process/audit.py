"""An auditor of migrations who knows only what the stand-ins tell over HTTP: what they hold and what they were asked.

It imports nothing of the product and nothing of the stand-ins, and looks into no database. `complaints` lists what is
missing and what is there too often; the log tells what was written when, and which answers were lost.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

MARK = "isthmus.source"
PARENT = "System.LinkTypes.Hierarchy-Reverse"
NO_LINKS = frozenset({"AttachedFile", "Hyperlink", "ArtifactLink"})
FILE = re.compile(r"_apis/wit/attachments/([0-9a-f-]{36})", re.IGNORECASE)
GUID = re.compile(r"([0-9a-f-]{36})$", re.IGNORECASE)
SECONDS = 60

WRITES = {
    "bulk create": ("POST", "/issue/bulk"),
    "comment": ("POST", "/comment"),
    "file": ("POST", "/attachments"),
    "link": ("POST", "/issueLink"),
    "remote link": ("POST", "/issue/{key}/remotelink"),
    "edit": ("PUT", "/issue/{key}"),
    "sprint": ("POST", "/sprint"),
    "component": ("POST", "/component"),
    "sprint state": ("POST", "/sprint/{sprint}"),
    "transition": ("POST", "/bulk/issues/transition"),
}
"""The kinds of write that a run makes, by method and end of route."""


@dataclass(frozen=True)
class StandIns:
    """The addresses of running stand-ins."""

    ado: str
    jira: str

    def source(self) -> Record:
        """All items and files of the source."""
        return _get(self.ado, "items")

    def target(self) -> Record:
        """All issues of the target with what hangs on them."""
        return _get(self.jira, "issues")

    def log(self, *, after: int = 0) -> list[Record]:
        """What the target was asked, in order."""
        entries: list[Record] = _get(self.jira, f"log?after={after}")["entries"]
        return entries

    def requests(self) -> int:
        """How many requests came to both."""
        return sum(int(_get(url, "requests")["total"]) for url in (self.ado, self.jira))

    def set_faults(self, rules: Iterable[Record], *, seed: int, source: Iterable[Record] = ()) -> None:
        """From now on, this goes wrong at the target, and at the source."""
        _post(self.jira, "faults", {"seed": seed, "rules": list(rules)})
        _post(self.ado, "faults", {"seed": seed, "rules": list(source)})

    def faults_that_fired(self) -> dict[str, int]:
        """How many requests each kind of fault hit at the target."""
        fired: Counter[str] = Counter()
        for rule in _get(self.jira, "faults")["rules"]:
            fired[rule["kind"]] += rule["fired"]
        return dict(fired)

    def complaints(self, project: str) -> list[str]:
        """What did not arrive or arrived twice, also what was removed again before anybody looked."""
        removed = [entry for entry in self.log() if entry["method"] == "DELETE" and entry["applied"]]
        found = complaints(self.source(), self.target(), project=project)
        return [*found, *(f"extra before it was removed: {entry['path']}" for entry in removed)]


# --- the log ---


def is_write(entry: Record) -> bool:
    """Whether a request changed the target."""
    return bool(entry["applied"])


def kind_of(entry: Record) -> str | None:
    """Which kind of write a request is."""
    for kind, (method, ending) in WRITES.items():
        if entry["method"] == method and str(entry["route"]).endswith(ending):
            return kind
    return None


def lost_answers(log: Iterable[Record]) -> Counter[str]:
    """How many writes of each kind took effect without their answer getting through."""
    return Counter(kind_of(entry) or "other" for entry in log if entry["applied"] and not entry["answered"])


# --- the final state ---


def complaints(source: Record, target: Record, *, project: str) -> list[str]:
    """Everything that is missing or extra, in words. Empty after a faithful migration of workload W1, whose sprints
    are all over."""
    items = {int(item["id"]): item for item in source["items"] if item["project"] == project}
    copies: dict[int, list[Record]] = {}
    strangers = []
    for issue in target["issues"]:
        mark = issue["properties"].get(MARK)
        if isinstance(mark, dict) and mark.get("project") == project and int(mark["id"]) in items:
            copies.setdefault(int(mark["id"]), []).append(issue)
        else:
            strangers.append(issue["key"])
    found = [f"extra issue {key}: it belongs to no item" for key in strangers]
    found += [f"missing issue: item {number}" for number in items if number not in copies]
    for number, made in copies.items():
        found += [f"extra issue {issue['key']}: a copy of item {number}" for issue in made[1:]]
    pairs = {number: made[0] for number, made in copies.items()}
    for number, issue in pairs.items():
        found += [f"{words} at item {number} ({issue['key']})" for words in _item(items[number], issue, pairs, source)]
    found += _links(items, pairs, target["links"])
    found += _statuses(items, pairs)
    still_open = [each for each in target["sprints"] if each["state"] != "closed"]
    found += [f"missing end of {sprint['name']}: it is {sprint['state']}" for sprint in still_open]
    found += _twins("sprint", target["sprints"])
    found += _twins("component", target["components"])
    return sorted(found)


def _item(item: Record, issue: Record, pairs: Mapping[int, Record], source: Record) -> Iterator[str]:
    if issue["parent"] not in (None, _parent_key(item, pairs)):
        yield f"parent {issue['parent']} instead of {_parent_key(item, pairs)}"
    if not issue["description"]:
        yield "missing description"
    if not {"migrated-from-ado", f"ado-id-{item['id']}"} <= set(issue["labels"]):
        yield "missing labels"
    yield from _difference("comment", _comments(item), _comment_marks(issue))
    yield from _difference("file", Counter(_files(item, source["files"])), _arrived_files(issue))
    yield from _pictures(item, issue, source["files"])
    yield from _difference("remote link", _addresses(item), Counter(link["url"] for link in issue["remoteLinks"]))


def _parent_key(item: Record, pairs: Mapping[int, Record]) -> str | None:
    above = pairs.get(item["parent"]) if item["parent"] else None
    return str(above["key"]) if above else None


def _statuses(items: Mapping[int, Record], pairs: Mapping[int, Record]) -> Iterator[str]:
    """Whatever a state is mapped to: all items of one type and state are there."""
    arrived: dict[tuple[str, str], Counter[str]] = {}
    for number, issue in pairs.items():
        state = (items[number]["type"], items[number]["fields"]["System.State"])
        arrived.setdefault(state, Counter())[f"{issue['status']}, resolved: {issue['resolution']}"] += 1
    for state, statuses in arrived.items():
        if len(statuses) > 1:
            yield f"missing transition: {' '.join(state)} became {dict(statuses)}"


def _addresses(item: Record) -> Counter[str]:
    return Counter(relation["url"] for relation in item["relations"] if relation["rel"] == "Hyperlink")


def _comments(item: Record) -> Counter[str]:
    return Counter(str(comment["id"]) for comment in item["comments"])


def _comment_marks(issue: Record) -> Counter[str]:
    marks = (comment["properties"].get(MARK) for comment in issue["comments"])
    return Counter(str(mark["id"]) if isinstance(mark, dict) else "without a mark" for mark in marks)


def _files(item: Record, stored: Mapping[str, Record]) -> Iterator[str]:
    """Attached files and pictures inside texts, each stored file once, as name and hash."""
    names: dict[str, str] = {}
    for relation in item["relations"]:
        guid = GUID.search(relation["url"]) if relation["rel"] == "AttachedFile" else None
        if guid:
            names[guid.group(1).lower()] = relation["name"]
    for guid_text in _shown_files(item):
        names.setdefault(guid_text, stored[guid_text]["name"])
    for guid_text, name in names.items():
        yield f"{name} {stored[guid_text]['sha256'][:12]}"


def _shown_files(item: Record) -> Iterator[str]:
    texts = [value for value in item["fields"].values() if isinstance(value, str)]
    texts += [comment["text"] for comment in item["comments"]]
    for text in texts:
        yield from (guid.lower() for guid in FILE.findall(text))


def _arrived_files(issue: Record) -> Counter[str]:
    return Counter(f"{file['name']} {file['sha256'][:12]}" for file in issue["files"])


def _pictures(item: Record, issue: Record, stored: Mapping[str, Record]) -> Iterator[str]:
    """Each picture of a text is shown from the issue's own files, none from the source."""
    hashes = {file["mediaId"]: file["sha256"] for file in issue["files"]}
    shown = Counter(hashes.get(media, f"media {media} of no file") for media in issue["media"])
    wanted = Counter(stored[guid]["sha256"] for guid in _shown_files(item))
    yield from _difference("shown picture", wanted, shown)
    if "_apis/wit/attachments" in json.dumps([issue["description"], [c["body"] for c in issue["comments"]]]):
        yield "a text still points to a file of the source"


def _links(items: Mapping[int, Record], pairs: Mapping[int, Record], links: Iterable[Record]) -> Iterator[str]:
    """Every related pair of the source is linked once, and so is a parent that is none in the target."""
    wanted = Counter[str]()
    for pair in {frozenset((number, other)) for number, item in items.items() for other in _related(item)}:
        if len(pair) == 2 and pair <= set(pairs):
            wanted[" - ".join(sorted(pairs[number]["key"] for number in pair))] += 1
    for number, issue in pairs.items():
        above = _parent_key(items[number], pairs)
        if above is not None and issue["parent"] != above:
            wanted[" - ".join(sorted((above, issue["key"])))] += 1
    present = Counter(" - ".join(sorted((link["inward"], link["outward"]))) for link in links)
    # A parent that is also a related item may have become one link of one type.
    least = Counter(wanted.keys())
    yield from (f"missing link {pair}" for pair in least - present)
    yield from (f"extra link {pair}" for pair in present - wanted)


def _related(item: Record) -> Iterator[int]:
    for relation in item["relations"]:
        if relation["target"] is not None and relation["rel"] not in NO_LINKS and "Hierarchy" not in relation["rel"]:
            yield int(relation["target"])


def _twins(what: str, made: Iterable[Record]) -> Iterator[str]:
    for name, count in Counter(str(each["name"]).casefold() for each in made).items():
        if count > 1:
            yield f"extra {what} {name}: {count} of them"


def _difference(what: str, wanted: Counter[str], present: Counter[str]) -> Iterator[str]:
    for name, count in (wanted - present).items():
        yield f"missing {what} {name}" + (f" ({count} times)" if count > 1 else "")
    for name, count in (present - wanted).items():
        yield f"extra {what} {name}" + (f" ({count} times)" if count > 1 else "")


# --- over the wire ---


def _get(url: str, what: str) -> Record:
    with urllib.request.urlopen(f"{url}/_sandbox/{what}", timeout=SECONDS) as answer:
        found: Record = json.load(answer)
    return found


def _post(url: str, what: str, body: object) -> None:
    request = urllib.request.Request(
        f"{url}/_sandbox/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=SECONDS):
        return
