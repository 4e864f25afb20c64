"""Reads the project's own source as syntax trees: what imports what, without importing it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "tenancy", "webhooks", "connectors", "migrations_app", "sync", "sandbox")


@dataclass(frozen=True)
class Import:
    """One imported module, as written in one place."""

    importer: str  # dotted name of the module that imports
    imported: str  # dotted name of the module or attribute imported
    line: int
    at_top: bool
    for_types: bool  # below `if TYPE_CHECKING:`


@dataclass(frozen=True)
class Module:
    """One source file."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def place(self) -> str:
        """For messages."""
        return str(self.path.relative_to(ROOT))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product and the sandbox but schema migrations."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            relative = path.relative_to(ROOT)
            if "migrations" in relative.parts[1:]:
                continue
            name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            found.append(Module(name, path, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def imports_of(module: Module) -> Iterator[Import]:
    """All imports of a module, wherever they stand."""
    yield from _walk(module.tree, module.name, at_top=True, for_types=False)


def _walk(node: ast.AST, importer: str, *, at_top: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(importer, alias.name, child.lineno, at_top, for_types)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                yield Import(importer, f"{child.module}.{alias.name}", child.lineno, at_top, for_types)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from _walk(child, importer, at_top=at_top and not inside, for_types=for_types or typing_only)


@cache
def committed_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, under version control; the tree's files where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        return tuple(path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file())
    skipped = {"var", ".venv", ".git", "__pycache__"}
    return tuple(
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not any(part in skipped or part.endswith("_cache") for part in path.parts)
    )
