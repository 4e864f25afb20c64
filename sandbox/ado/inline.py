"""Pictures shown inside texts. They are stored files that no relation lists."""

from __future__ import annotations

from sandbox.ado.blobs import png
from sandbox.ado.exchange import SERVICE_ORIGIN
from sandbox.ado.model import Item, Project
from sandbox.ado.organization import Organization


def inline_image(org: Organization, project: Project, seed: str, *, markdown: bool = False) -> str:
    """Store a picture and return the markup that shows it."""
    stored = org.add_file("image.png", content=png(seed), seed=seed)
    address = f"{SERVICE_ORIGIN}/{org.name}/{project.id}/_apis/wit/attachments/{stored.id}?fileName=image.png"
    return f"![image.png]({address})" if markdown else f'<div><img src="{address}" alt="image.png"><br></div>'


def long_text_field(item: Item) -> str:
    """Where an item of this type keeps its text: bugs in the steps to reproduce."""
    return "Microsoft.VSTS.TCM.ReproSteps" if item.type == "Bug" else "System.Description"


def append_text(item: Item, addition: str) -> None:
    """Lengthen the text of an item in place, as if it had always been there."""
    field = long_text_field(item)
    for revision in item.revisions:
        revision.fields[field] = str(revision.fields.get(field, "")) + addition
