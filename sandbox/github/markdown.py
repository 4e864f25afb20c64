"""Texts as the full media type shows them: GitHub-flavoured Markdown to HTML, and to plain text.

Close enough for a client that reads images, mentions and references out of `body_html`; it is not GitHub's
own renderer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
_TASK = re.compile(r"<li>(<p>)?\[([ xX])\] ")
_ASSET = re.compile(r'src="https?://[^"/]+/user-attachments/assets/([0-9a-f-]{36})"')
_UNSAFE = re.compile(r"<(/?)(script|style|iframe|textarea|title|xmp|noembed|noframes|plaintext)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(<(?:pre|code|a)\b.*?</(?:pre|code|a)>)", re.DOTALL)
_TEXT = re.compile(r"(<[^>]*>)")
_NAMED = re.compile(r"(?<![\w/#&])(?:([\w.-]+/[\w.-]+))?#(\d+)\b|(?<![\w/@])@([A-Za-z0-9][A-Za-z0-9-]*)")
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Surroundings:
    """Where a text stands: its repository's name, which logins and numbers exist, how images are signed."""

    page: str
    repository: str
    knows_user: Callable[[str], bool]
    knows_issue: Callable[[str, int], bool]
    signed: Callable[[str], str | None]


def to_html(text: str, around: Surroundings) -> str:
    """The text as HTML. Addresses of uploaded images become signed ones that end soon."""
    made = _COMMENT.sub("", _PARSER.render(text))
    made = _UNSAFE.sub(r"&lt;\1\2", made)
    made = _TASK.sub(_task, made)
    made = _ASSET.sub(lambda found: _image(found, around), made)
    parts = _CODE.split(made)
    return "".join(part if place % 2 else _linked(part, around) for place, part in enumerate(parts)).strip()


def to_text(rendered: str) -> str:
    """Rendered HTML as plain text."""
    return html.unescape(_TAG.sub("", rendered)).strip()


def _task(found: re.Match[str]) -> str:
    checked = ' checked=""' if found[2] != " " else ""
    box = f'<input type="checkbox" class="task-list-item-checkbox" disabled=""{checked}> '
    return f'<li class="task-list-item">{found[1] or ""}{box}'


def _image(found: re.Match[str], around: Surroundings) -> str:
    address = around.signed(found[1])
    return f'src="{html.escape(address)}"' if address else found[0]


def _linked(part: str, around: Surroundings) -> str:
    pieces = _TEXT.split(part)
    return "".join(
        piece if place % 2 else _NAMED.sub(lambda found: _link(found, around), piece)
        for place, piece in enumerate(pieces)
    )


def _link(found: re.Match[str], around: Surroundings) -> str:
    repository, number, login = found.groups()
    if login is not None:
        address = f"{around.page}/{login}"
        return f'<a class="user-mention" href="{address}">@{login}</a>' if around.knows_user(login) else found[0]
    name = repository or around.repository
    if not around.knows_issue(name, int(number)):
        return found[0]
    return f'<a class="issue-link js-issue-link" href="{around.page}/{name}/issues/{number}">{found[0]}</a>'
