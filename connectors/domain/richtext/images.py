"""Pictures in a text: as media nodes of uploaded files, or as their file names.

A picture never keeps pointing to the source system: people who left it could not see it, and neither
could anyone after its project is gone.
"""

import re

from connectors.domain.richtext.addresses import (
    embedded_file,
    filename_of,
    is_azure_devops,
    item_of_address,
    usable_href,
)
from connectors.domain.richtext.adf import Attributes, NodeJson
from connectors.domain.richtext.findings import FindingCode, FindingLog
from connectors.domain.richtext.line import mark_json
from connectors.domain.richtext.references import ImageRef, Media, References
from connectors.domain.richtext.tree import Image, Mark, MarkKind, Text

_FETCHABLE = re.compile(r"^(?:https?:)?/", re.IGNORECASE)


def image_reference(image: Image, position: str) -> ImageRef | None:
    """What a caller needs to fetch the picture; None when its address leads nowhere."""
    source = image.source.strip()
    if source[:5].lower() == "data:":
        file = embedded_file(source)
        if file is None or not file.content_type.startswith("image/"):
            return None
        return ImageRef(f"data:{file.name}", image.alt, position, file.data, file.content_type, file.name)
    if not _FETCHABLE.match(source):
        return None
    return ImageRef(source, image.alt, position, filename=filename_of(source))


class ImageWriter:
    """Writes the pictures of one document and remembers them in order."""

    def __init__(self, references: References, log: FindingLog) -> None:
        self._references = references
        self._log = log
        self._seen: dict[str, ImageRef | None] = {}

    @property
    def met(self) -> tuple[ImageRef, ...]:
        """Every picture of the text, each address once."""
        return tuple(reference for reference in self._seen.values() if reference is not None)

    def node(self, image: Image) -> NodeJson | None:
        """The media node of a picture whose file is there."""
        reference = self._reference(image)
        media = self._references.image(reference.source) if reference else None
        if media is None or not _may_be_shown(media):
            return None
        media_node: NodeJson = {"type": "media", "attrs": _media_attributes(media, image)}
        node: NodeJson = {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media_node]}
        href = self._link(image)
        if href:
            node["marks"] = [mark_json(Mark(MarkKind.LINK, href))]
        return node

    def fallback(self, image: Image) -> list[Text]:
        """The file name of a picture whose file is not there, linked to where it was."""
        reference = self._reference(image)
        alt = " ".join(image.alt.split())
        if reference is None:
            self._log.add(FindingCode.IMAGE_REFUSED, alt)
            return [Text(alt)] if alt else []
        shown = reference.filename if alt in {"", reference.filename} else f"{alt} ({reference.filename})"
        self._log.add(FindingCode.IMAGE_AS_LINK, reference.filename)
        address = image.link or ("" if reference.data is not None else reference.source)
        marks = (Mark(MarkKind.LINK, address),) if usable_href(address) else ()
        return [Text(shown, marks)]

    def _reference(self, image: Image) -> ImageRef | None:
        if image.source not in self._seen:
            self._seen[image.source] = image_reference(image, f"image-{len(self._seen) + 1}")
        return self._seen[image.source]

    def _link(self, image: Image) -> str:
        if not image.link:
            return ""
        item_id = item_of_address(image.link, self._references.source_addresses)
        target = self._references.item(item_id) if item_id is not None else None
        href = target.url if target else usable_href(image.link)
        if href is None:
            self._log.add(FindingCode.LINK_REFUSED, image.link)
        return href or ""


def _may_be_shown(media: Media) -> bool:
    """An uploaded file, or a public picture: never one that stayed in Azure DevOps."""
    return bool(media.media_id) or (usable_href(media.url) is not None and not is_azure_devops(media.url))


def _media_attributes(media: Media, image: Image) -> Attributes:
    attrs: Attributes = {"type": "file", "id": media.media_id, "collection": media.collection}
    if not media.media_id:
        attrs = {"type": "external", "url": media.url}
    alt = image.alt.strip() or media.filename
    if alt:
        attrs["alt"] = alt
    width, height = media.width or image.width, media.height or image.height
    if width and height:
        attrs["width"] = width
        attrs["height"] = height
    return attrs
