"""The layer table of docs/architecture.md, enforced on the source."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.imports import PACKAGES, ROOT, Import, Module, committed_files, imports_of, modules

# What each layer may import of ours. The longest matching name decides about a module.
LAYERS: dict[str, tuple[str, ...]] = {
    "connectors.domain": ("connectors.domain",),
    "connectors.clients": ("connectors.domain", "connectors.clients"),
    "connectors.trackers": ("connectors.domain", "connectors.clients", "connectors.trackers"),
    "tenancy": ("tenancy",),
    "webhooks": ("webhooks", "tenancy", "connectors.domain", "connectors.clients", "connectors.credentials"),
    "connectors.credentials": ("connectors.domain", "tenancy"),
    "connectors": ("connectors", "tenancy", "webhooks"),
    "migrations_app.engine": ("connectors.domain", "migrations_app.engine"),
    "migrations_app": ("connectors", "tenancy", "webhooks", "migrations_app"),
    "sync.engine": ("connectors.domain", "sync.engine"),
    "sync": ("connectors", "tenancy", "webhooks", "migrations_app.queries", "sync"),
    "config": ("connectors", "tenancy", "webhooks", "migrations_app", "sync", "config"),
    "sandbox": ("sandbox",),
}

DJANGO = ("django", "rest_framework", "django_rq", "rq", "drf_spectacular", "django_filters")
INPUT_OUTPUT = ("requests", "urllib3", "socket", "http.client", "redis", "subprocess", "asyncio")
CLOCK = ("time.time", "time.monotonic", "time.sleep", "time.perf_counter")
CLOCK_CALLS = re.compile(r"\b(datetime|date)\.(now|utcnow|today)\(|\btime\.(time|monotonic|sleep|perf_counter)\(")


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def layer_of(name: str) -> str:
    return max((layer for layer in LAYERS if is_in(name, layer)), key=len)


def is_ours(name: str) -> bool:
    return name.split(".")[0] in PACKAGES


def is_pure(module: Module) -> bool:
    """Domain, engines, and the wire halves of clients."""
    parts = module.name.split(".")
    return is_in(module.name, "connectors.domain") or "engine" in parts or "wire" in parts


def is_without_django(module: Module) -> bool:
    layers = ("connectors.domain", "connectors.clients", "connectors.trackers", "sandbox")
    return is_pure(module) or any(is_in(module.name, layer) for layer in layers)


def shown(module: Module, found: Import) -> str:
    return f"{module.place}:{found.line} imports {found.imported}"


def test_there_is_something_to_check() -> None:
    assert {module.name.split(".")[0] for module in modules()} == set(PACKAGES)


def test_imports_go_one_way() -> None:
    wrong = [
        shown(module, found)
        for module in modules()
        for found in imports_of(module)
        if is_ours(found.imported) and not any(is_in(found.imported, to) for to in LAYERS[layer_of(module.name)])
    ]

    assert wrong == []


def test_the_lower_layers_do_not_know_django() -> None:
    wrong = [
        shown(module, found)
        for module in modules()
        if is_without_django(module)
        for found in imports_of(module)
        if any(is_in(found.imported, package) for package in DJANGO)
    ]

    assert wrong == []


def test_the_pure_layers_do_no_input_and_output() -> None:
    wrong = [
        shown(module, found)
        for module in modules()
        if is_pure(module)
        for found in imports_of(module)
        if any(is_in(found.imported, package) for package in INPUT_OUTPUT)
    ]

    assert wrong == []


def test_the_pure_layers_do_not_look_at_the_clock() -> None:
    wrong = [
        f"{module.place} reads the clock: {found.group()}"
        for module in modules()
        if is_pure(module)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and (found := CLOCK_CALLS.match(ast.unparse(node)))
    ]
    wrong += [
        shown(module, found)
        for module in modules()
        if is_pure(module)
        for found in imports_of(module)
        if found.imported in CLOCK
    ]

    assert wrong == []


# Reasons for an import inside a function; an entry that is no longer needed fails the test too.
HIDDEN_IMPORTS = {
    ("tenancy.apps", "tenancy.openapi"): "reads settings that name modules of an app that is still being loaded",
}


def test_no_import_hides_inside_a_function() -> None:
    hidden = {(module.name, found.imported) for module in modules() for found in imports_of(module) if not found.at_top}

    assert hidden == set(HIDDEN_IMPORTS)


def test_only_the_settings_read_the_environment() -> None:
    allowed = {"config/settings.py", "config/settings_test.py"}
    reads = re.compile(r"\bos\.(environ|getenv|environb)\b|^environ$|^getenv$")
    # Naming the settings module is how Django is started, and it is a write.
    start = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")'
    wrong = []
    for module in modules():
        source = module.path.read_text(encoding="utf-8").replace(start, "")
        imported = [found.imported for found in imports_of(module) if found.imported in {"os.environ", "os.getenv"}]
        if module.place not in allowed and (reads.search(source) or imported):
            wrong.append(module.place)

    assert wrong == []


def test_only_the_reader_knows_django_environ() -> None:
    users = {module.place for module in modules() for found in imports_of(module) if is_in(found.imported, "environ")}

    assert users == {"config/readers.py"}


FORBIDDEN = {
    # Package indexes and mirrors belong to the machine's configuration, never to ours.
    "a registry host": re.compile(r"pypi\.org|pythonhosted\.org|--(extra-)?index-url|--trusted-host|--find-links"),
    "a machine's path": re.compile(r"(?<![\w./-])/(work|home|root|Users)/[\w.-]+"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_contains(what: str) -> None:
    wrong = []
    for path in committed_files():
        if path == ROOT / "tests" / "architecture" / "test_layers.py":
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and the like
        wrong += [
            f"{path.relative_to(ROOT)}:{number} {found.group()}"
            for number, line in enumerate(text.splitlines(), start=1)
            if (found := FORBIDDEN[what].search(line))
        ]

    assert wrong == []
