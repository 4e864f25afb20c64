"""What a text points to (files, items, people) and how the caller says where they are now."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Media:
    """An uploaded file as Jira's media service knows it, or a picture that stays where it is.

    `media_id` is the identifier in the redirect of `GET /rest/api/3/attachment/content/{id}`, not the
    attachment's id. Jira ignores `collection` for attachments; it must be there, an empty text will do.
    With `media_id` empty and `url` set the picture is shown from that public address.
    """

    media_id: str
    collection: str = ""
    filename: str = ""
    width: int | None = None
    height: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class ItemTarget:
    """Where a work item lives now: the key that is shown and the address it links to."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture met in a text.

    `source` is its address as written, and the argument of `References.image`. For a `data:` address it
    is a short stable name of the content instead, and `data` and `content_type` hold the file.
    """

    source: str
    alt: str
    position: str
    data: bytes | None = None
    content_type: str = ""
    filename: str = ""


@dataclass(frozen=True, slots=True)
class MentionRef:
    """A person named in a text by an identity of the source system."""

    identity: str
    name: str


def _no_image(_url: str) -> Media | None:
    return None


def _no_item(_item_id: int) -> ItemTarget | None:
    return None


def _no_mention(_identity: str, _name: str) -> str | None:
    return None


def _no_person(_identity: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class References:
    """How to resolve what a text points to; every callable is pure and may be asked repeatedly.

    `image` gives the uploaded file of an address (none: the file name is shown instead), `item` the new
    place of a work item (none: the reference stays as it was), `mention` the Jira account to mention
    (none, the default: the plain name is shown and nobody is notified), `person` the name to show where
    the text holds only an identity. `source_addresses` are the addresses (prefixes) whose items `item`
    knows; empty means any address that looks like a work item's.
    """

    image: Callable[[str], Media | None] = _no_image
    item: Callable[[int], ItemTarget | None] = _no_item
    mention: Callable[[str, str], str | None] = _no_mention
    person: Callable[[str], str | None] = _no_person
    source_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundReferences:
    """Everything a text points to, in order of appearance, each once."""

    images: tuple[ImageRef, ...]
    items: tuple[int, ...]
    mentions: tuple[MentionRef, ...]
