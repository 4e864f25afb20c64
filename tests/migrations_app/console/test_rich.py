"""Texts of strangers are shown, and nothing in them runs, loads or leaves its place."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from connectors.domain.work_items import Markup, Text
from migrations_app.console.rich import DEEPEST, KEPT, LONGEST_TEXT, cleaned, show_document, show_text

ATTRIBUTES = {"href", "rel", "target", "colspan", "rowspan", "start", "class"}
ELEMENTS = {*KEPT, "h3", "h4", "h5"}


class Seen(HTMLParser):
    """What a reader of the result meets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href=" &#1;javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="//evil.example">x</a>',
    "<iframe src=//evil.example></iframe><object data=x></object><embed src=x>",
    '<form action="//evil.example"><button>x</button><input name=a></form>',
    '<p style="background:url(//evil.example)" onclick="alert(1)" id="content">x</p>',
    "<style>@import '//evil.example'</style><link rel=stylesheet href=//evil.example>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<textarea><img src=x onerror=alert(1)></textarea><plaintext><img src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)><summary accesskey=x>s</summary></details>",
    '<td background="//evil.example" colspan="9999999">x</td>',
    '<meta http-equiv=refresh content="0;url=//evil.example"><base href=//evil.example>',
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("markup", [Markup.HTML, Markup.MARKDOWN, Markup.PLAIN])
def test_nothing_runs_and_nothing_is_loaded(attack: str, markup: Markup) -> None:
    seen = Seen(show_text(Text(attack, markup)))

    assert seen.elements <= ELEMENTS
    assert seen.attributes <= ATTRIBUTES
    assert [each for each in seen.addresses if not each.startswith(("http://", "https://", "mailto:"))] == []


def test_what_people_write_keeps_its_shape() -> None:
    html = (
        '<h1>Plan</h1><p>Two <b>fares</b> &amp; a <a href="https://a.example/?q=1&amp;r=2">page</a></p>'
        '<table><tr><td colspan="2">x</td></tr></table><ol start="3"><li>c</li></ol>'
    )

    shown = cleaned(html)

    assert "<h3>Plan</h3>" in shown and "<b>fares</b> &amp; a" in shown
    assert 'href="https://a.example/?q=1&amp;r=2" rel="noopener noreferrer nofollow" target="_blank"' in shown
    assert '<td colspan="2">x</td>' in shown and '<ol start="3"><li>c</li></ol>' in shown


def test_markdown_is_drawn_and_plain_text_stays_as_it_is() -> None:
    assert "<strong>now</strong>" in show_text(Text("**now**\n\n|a|b|\n|-|-|\n|1|2|", Markup.MARKDOWN))
    assert show_text(Text("a < b\n  c", Markup.PLAIN)) == "<pre>a &lt; b\n  c</pre>"


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        ('<img src="https://x.example/a/plan%20b.png">', "Picture: plan b.png"),
        ('<img alt="The <plan>" src="https://x.example/1">', "Picture: The &lt;plan&gt;"),
        ('<img src="https://dev.example/_apis/wit/attachments/1?fileName=fare.png">', "Picture: fare.png"),
        ('<img src="data:image/png;base64,AAAA">', "Picture"),
        ('<img src="http://[">', "Picture"),
    ],
)
def test_a_picture_is_its_name(picture: str, words: str) -> None:
    assert cleaned(picture) == f'<span class="picture">{words}</span>'


def test_endless_nesting_and_endless_texts_come_to_an_end() -> None:
    nested = cleaned("<div>" * 5_000 + "deep" + "</div>" * 5_000)
    long = show_text(Text("word " * (LONGEST_TEXT // 5 + 10), Markup.HTML))

    assert nested.count("<div>") <= DEEPEST + 1 and "deep" in nested
    assert "The text goes on; the rest is not shown here." in long


def test_a_document_of_the_target_is_drawn_without_its_colours() -> None:
    coloured = {"type": "text", "text": "red", "marks": [{"type": "textColor", "attrs": {"color": "#f00"}}]}
    linked = {"type": "text", "text": "go", "marks": [{"type": "link", "attrs": {"href": "javascript:alert(1)"}}]}
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [coloured, linked]}]}

    assert show_document(document) == "<p><span>red</span><a>go</a></p>"
