"""Addresses: usable links, items, files."""

import pytest

from connectors.domain.richtext.addresses import (
    embedded_file,
    filename_of,
    is_azure_devops,
    item_of_address,
    shown_address,
    usable_href,
)

SOURCE = ("https://dev.azure.com/contoso/", "https://contoso.visualstudio.com/")

ITEMS = [
    ("https://dev.azure.com/contoso/p/_workitems/edit/12", (), 12),
    ("https://dev.azure.com/contoso/p/_workitems/edit/12/?x=1#c", SOURCE, 12),
    ("https://DEV.azure.com/contoso/p/_WorkItems/Edit/12", SOURCE, 12),
    ("https://contoso.visualstudio.com/p/_workitems/edit/12", SOURCE, 12),
    ("https://dev.azure.com/fabrikam/p/_workitems/edit/12", SOURCE, None),
    ("https://dev.azure.com/contoso/p/_workitems?id=12&_a=edit", SOURCE, 12),
    ("/contoso/p/_workitems/edit/12", SOURCE, 12),
    ("//evil.example/_workitems/edit/12", SOURCE, None),
    ("vstfs:///WorkItemTracking/WorkItem/12", SOURCE, 12),
    ("https://dev.azure.com/contoso/p/_workitems/edit/12abc", SOURCE, None),
    ("https://dev.azure.com/contoso/p/_workitems/recentlyupdated", SOURCE, None),
    ("https://github.com/o/r/issues/5", (), None),
    ("https://github.com/o/r/issues/5#issuecomment-1", ("https://github.com/o/r/",), 5),
    ("https://github.com/o/r/pull/6/files", ("https://github.com/o/r/",), 6),
    ("https://github.com/o/other/issues/5", ("https://github.com/o/r/",), None),
]


@pytest.mark.parametrize(("address", "source", "item"), ITEMS)
def test_addresses_of_items_are_known_by_their_source(address: str, source: tuple[str, ...], item: int | None) -> None:
    assert item_of_address(address, source) == item


USABLE = [
    ("https://a.example/x", "https://a.example/x"),
    (" https://a.example/a b<c> ", "https://a.example/a%20b%3Cc%3E"),
    ("ht\ntps://a.example/", "https://a.example/"),
    ("www.a.example", "https://www.a.example"),
    ("mailto:a@b.example", "mailto:a@b.example"),
    ("https://ä.example/ü", "https://ä.example/ü"),
    ("https://[::1]:8080/", "https://[::1]:8080/"),
    ("mailto:", None),
    ("https:///nohost", None),
    ("javascript:alert(1)", None),
    ("\x01javascript:alert(1)", None),
    ("about:blank", None),
    ("page.html", None),
    ("//host/page", None),
    ("#top", None),
    ("", None),
]


@pytest.mark.parametrize(("address", "href"), USABLE)
def test_only_addresses_that_can_be_followed_become_links(address: str, href: str | None) -> None:
    assert usable_href(address) == href


def test_a_long_address_is_shown_shortened() -> None:
    assert len(shown_address("data:" + "x" * 5_000)) == 200


FILES = [
    ("https://dev.azure.com/o/_apis/wit/attachments/1-2?fileName=my%20plan.png&x=1", "my plan.png"),
    ("https://a.example/path/pic.jpg?size=3", "pic.jpg"),
    ("https://a.example/", "image"),
    ("http://[bad", "image"),
]


@pytest.mark.parametrize(("address", "name"), FILES)
def test_file_names_come_from_the_address(address: str, name: str) -> None:
    assert filename_of(address) == name


def test_an_embedded_file_is_named_by_its_content() -> None:
    one = embedded_file("data:image/svg+xml;charset=utf-8,%3Csvg/%3E")
    other = embedded_file("data:image/svg+xml;base64,PHN2Zy8+")

    assert one is not None and other is not None
    assert one.data == other.data == b"<svg/>"
    assert one.name == other.name and one.name.endswith(".svg")


@pytest.mark.parametrize("address", ["data:image/png;base64,???", "data:image/png;base64,", "https://a/", "data:"])
def test_damaged_embedded_files_are_none(address: str) -> None:
    assert embedded_file(address) is None


def test_azure_devops_addresses_are_recognised() -> None:
    assert is_azure_devops("https://dev.azure.com/o/p")
    assert is_azure_devops("https://o.visualstudio.com/x")
    assert is_azure_devops("https://tfs.example/c/_apis/wit/attachments/1")
    assert not is_azure_devops("https://a.example/dev.azure.com")
