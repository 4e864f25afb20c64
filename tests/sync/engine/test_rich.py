"""Rich text there and back: nothing grows, nothing is lost, and what nobody touched stays as it was written."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connectors.domain.richtext.adf import Document
from connectors.domain.richtext.adf_to_html import adf_to_html
from connectors.domain.richtext.adf_to_markdown import adf_to_markdown
from connectors.domain.richtext.blocks import content_key, split_text
from connectors.domain.richtext.document import Markup, convert_tree, to_document
from connectors.domain.richtext.findings import FindingLog
from connectors.domain.richtext.limits import limit_text
from connectors.domain.richtext.references import References
from connectors.domain.richtext.tree import Loose
from connectors.domain.richtext.words import visible_words
from sync.engine.rich import CannotCarry, Files, FilesFirst, RichChange, carry_rich, shows_same
from tests.connectors.domain.richtext.corpus import assert_valid, real_documents, samples
from tests.connectors.domain.richtext.trees import trees
from tests.sync.engine.world import adf, html, markdown

NONE = Files()
WAYS = [("html", "adf"), ("markdown", "adf"), ("html", "markdown"), ("markdown", "html"), ("adf", "adf")]
ways = pytest.mark.parametrize("way", WAYS, ids=["-".join(way) for way in WAYS])


def written(document: Any, markup: str) -> dict[str, Any]:
    if markup == "adf":
        return {"markup": "adf", "document": document}
    text = adf_to_html(document) if markup == "html" else adf_to_markdown(document)
    return {"markup": markup, "text": text}


def reader(markup: Markup) -> Callable[[str], Document]:
    return lambda text: to_document(text, markup=markup).document


def real_texts(markup: str) -> list[dict[str, Any]]:
    if markup == "html":
        return [html(sample.text) for sample in samples("ado-html")[::4]]
    if markup == "markdown":
        return [markdown(sample.text) for sample in samples("github-markdown")[::4]]
    return [{"markup": "adf", "document": document} for document in real_documents()[::2]]


def edited(value: dict[str, Any]) -> dict[str, Any]:
    """A line added at the end, as a person would."""
    if value["markup"] == "adf":
        changed = copy.deepcopy(value)
        changed["document"]["content"].append(adf("Added by hand")["document"]["content"][0])
        return changed
    added = "<div>Added by hand</div>" if value["markup"] == "html" else "\n\nAdded by hand\n"
    return {**value, "text": value["text"] + added}


def round_trips(first: dict[str, Any], there: str, times: int) -> None:
    """Carried over once; then, with nobody editing, neither side is ever written again."""
    second = carry_rich(RichChange(first, None), there, NONE)
    if second is None:
        assert not to_document(first.get("text", ""), markup=Markup(first["markup"])).document.get("content")
        return
    one, other = first, second
    for _ in range(times):
        assert shows_same(RichChange(one, other), there, NONE)
        over = carry_rich(RichChange(one, other, one), there, NONE)
        back = carry_rich(RichChange(other, one, other), one["markup"], NONE)
        assert over == other
        assert back == one
        assert over is not None
        assert back is not None
        one, other = dict(back), over


@ways
@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(tree=trees)
def test_ten_round_trips_of_any_text_change_nothing(way: tuple[str, str], tree: tuple[Loose, ...]) -> None:
    document = convert_tree(tree, resolve=References(), log=FindingLog()).document
    if document.get("content"):
        round_trips(written(document, way[0]), way[1], 10)


@ways
def test_ten_round_trips_of_real_texts_change_nothing(way: tuple[str, str]) -> None:
    for value in real_texts(way[0])[::25]:
        round_trips(value, way[1], 10)


@pytest.mark.full
@ways
def test_round_trips_of_all_real_texts_change_nothing(way: tuple[str, str]) -> None:
    for value in real_texts(way[0]):
        round_trips(value, way[1], 2)


@pytest.mark.parametrize("markup", ["html", "markdown"])
def test_an_edit_over_there_keeps_real_texts_as_they_were_written(markup: str) -> None:
    """Ten edits at the end of the other side's copy: what was there is still there, to the letter."""
    kept = 0
    texts = real_texts(markup)[::5]
    for value in texts:
        copied = carry_rich(RichChange(value, None), "adf", NONE)
        if copied is None:
            continue
        changed = edited(dict(copied))
        back = carry_rich(RichChange(changed, value, copied), markup, NONE)
        assert back is not None
        assert shows_same(RichChange(changed, back), markup, NONE)
        notation = Markup(markup)
        found = split_text(value["text"], markup=notation, read=reader(notation))
        kept += all(block.original.strip() in back["text"] for block in found.blocks)
    assert kept / len(texts) > 0.95


@ways
@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(tree=trees, other=trees, at=st.integers(0, 5))
def test_any_edit_is_shown_on_the_other_side(
    way: tuple[str, str], tree: tuple[Loose, ...], other: tuple[Loose, ...], at: int
) -> None:
    start = convert_tree(tree, resolve=References(), log=FindingLog()).document
    more = convert_tree(other, resolve=References(), log=FindingLog()).document
    whole = copy.deepcopy(start)
    position = at % (len(start.get("content", [])) + 1)
    whole["content"] = [*start.get("content", [])[:position], *more.get("content", []), *start["content"][position:]]
    one, changed = written(start, way[0]), written(whole, way[0])
    there = carry_rich(RichChange(one, None), way[1], NONE)
    carried = carry_rich(RichChange(changed, there, one), way[1], NONE)

    assert shows_same(RichChange(changed, carried), way[1], NONE)
    if carried is not None and way[1] == "adf" and way[0] != "adf":
        assert_valid(carried["document"])


def test_the_pieces_of_real_texts_are_the_text() -> None:
    single = total = 0
    for markup in (Markup.HTML, Markup.MARKDOWN):
        for value in real_texts(markup.value):
            text = value["text"]
            found = split_text(text, markup=markup, read=reader(markup))
            assert found.prefix + "".join(block.original for block in found.blocks) + found.suffix == text
            whole = to_document(text, markup=markup).document
            assert content_key([n for b in found.blocks for n in b.content]) == content_key(whole.get("content", []))
            if len(whole.get("content", [])) > 3:
                total += 1
                single += len(found.blocks) == 1
    assert single / total < 0.1


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("<p>a</p>\n<p>b</p>", ["<p>a</p>\n", "<p>b</p>"]),
        ("<div><p>a</p><p>b</p></div>", ["<p>a</p>", "<p>b</p>"]),
        ("a<br>b<p>c</p>d", ["a<br>b", "<p>c</p>", "d"]),
        ("<p>a<p>b", ["<p>a<p>b"]),
        ("<div>a</div><div><br></div><hr><ul><li>x</ul>", ["<div>a</div><div><br></div>", "<hr>", "<ul><li>x</ul>"]),
        ("", [""]),
    ],
)
def test_html_is_cut_between_its_top_level_elements(text: str, blocks: list[str]) -> None:
    found = split_text(text, markup=Markup.HTML, read=reader(Markup.HTML))

    assert [block.original for block in found.blocks] == blocks


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# a\nb\n\nc\n", ["# a\n", "b\n\n", "c\n"]),
        ("a\n- b\n- c\n\n> d", ["a\n", "- b\n- c\n\n", "> d"]),
        ("<details>\n\na\n\n</details>\n\nb", ["<details>\n\na\n\n</details>\n\n", "b"]),
        ("see [x]\n\nb\n\n[x]: https://a.example", ["see [x]\n\nb\n\n[x]: https://a.example"]),
        ("a\r\n\r\nb\r\n", ["a\r\n\r\n", "b\r\n"]),
    ],
)
def test_markdown_is_cut_between_its_top_level_blocks(text: str, blocks: list[str]) -> None:
    found = split_text(text, markup=Markup.MARKDOWN, read=reader(Markup.MARKDOWN))

    assert [block.original for block in found.blocks] == blocks


def test_what_only_one_notation_has_survives_an_edit_of_another_block() -> None:
    panel = {"type": "panel", "attrs": {"panelType": "info"}, "content": adf("Mind")["document"]["content"]}
    value = adf("One", "Two")
    value["document"]["content"].insert(1, panel)
    copied = carry_rich(RichChange(value, None), "html", NONE)
    assert copied == html("<p>One</p><blockquote><p>Mind</p></blockquote><p>Two</p>")

    back = carry_rich(RichChange(html(copied["text"].replace("Two", "Three")), value, copied), "adf", NONE)

    assert back is not None
    assert back["document"]["content"][1] == panel
    assert back["document"]["content"][2] == adf("Three")["document"]["content"][0]


def test_a_text_that_was_cut_is_never_carried() -> None:
    long = limit_text(adf(*(["word " * 100] * 100))["document"], 2000).document
    cut = {"markup": "adf", "document": long}

    for change in (RichChange(cut, html("<p>x</p>")), RichChange(html("<p>x</p>"), cut)):
        with pytest.raises(CannotCarry) as refused:
            carry_rich(change, "html", NONE)
        assert refused.value.code == "TEXT_WAS_CUT"


def test_mentions_become_names() -> None:
    mention = {"type": "mention", "attrs": {"id": "5b", "text": "@Ann Lee"}}
    value = adf("Ask ")
    value["document"]["content"][0]["content"].append(mention)

    assert carry_rich(RichChange(value, None), "markdown", NONE) == markdown("Ask Ann Lee")
    there = carry_rich(RichChange(value, None), "adf", NONE)
    assert there is not None
    assert visible_words(there["document"]) == ["Ask", "Ann", "Lee"]
    assert "mention" not in str(there)


def test_a_text_waits_for_the_files_it_shows() -> None:
    shown = html('<p>a</p><img src="https://files.example/1?fileName=a.png">')
    with pytest.raises(FilesFirst):
        carry_rich(RichChange(shown, None), "adf", Files.of([], ["https://files.example/1?fileName=a.png"]))

    carried = carry_rich(RichChange(shown, None), "adf", Files.of([("https://files.example/1?fileName=a.png", "m-1")]))

    assert carried is not None
    assert carried["document"]["content"][1]["content"][0]["attrs"]["id"] == "m-1"
    files = Files.of([("m-1", "https://files.example/1?fileName=a.png")])
    assert carry_rich(RichChange(carried, shown, carried), "html", files) == shown


def test_task_lists_of_different_blocks_keep_identifiers_of_their_own() -> None:
    one = markdown("- [ ] a\n\ntext\n\n- [x] b\n")
    carried = carry_rich(RichChange(one, None), "adf", NONE)
    assert carried is not None
    identities = [node["attrs"]["localId"] for node in carried["document"]["content"] if node["type"] == "taskList"]

    assert len(set(identities)) == 2
