"""Check that libraries are neither patched nor used privately.

Ruff sees ``thing._name`` (SLF001) and settings of the process (TID251). This finds
``self._name`` of a library's base class, and assignments to imports and methods.
"""

import ast
import importlib
import inspect
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from common import ROOT

OURS = ("accounts", "demo", "offers", "opus", "referrals", "bin", "tests")
WATCHED = (*OURS[:-1], "tests/benches", "tests/chaos")
# Private names that Django documents.
DOCUMENTED = {"_meta", "_default_manager", "_base_manager", "_state"}

type Faults = Iterator[tuple[int, str]]


def is_ours(module: str) -> bool:
    first = module.partition(".")[0]
    return first in OURS or (ROOT / "bin" / f"{first}.py").exists()


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = getattr(node, "module", None)
            found |= {
                (alias.asname or alias.name).partition(".")[0]
                for alias in node.names
                if not is_ours(origin or alias.name)
            }
    return found


def root_of(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def replaced(tree: ast.Module) -> Faults:
    """Return (line, fault) of patched libraries."""
    libraries = imported(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Attribute) and (
                        isinstance(value, ast.Lambda) or root_of(target) in libraries
                    ):
                        yield node.lineno, f"{ast.unparse(target)} is replaced"
            case ast.Call(func=ast.Name(id="setattr"), args=[target, *_]):
                if root_of(target) in libraries:
                    yield node.lineno, f"{ast.unparse(target)} is changed"


def private_names(tree: ast.ClassDef) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of a class's private names."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name)
                | ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name)
            ):
                if name.startswith("_") and not name.endswith("__"):
                    yield node.lineno, name


def has(base: type, name: str) -> bool:
    """Return whether a class or its objects have that name."""
    try:
        return name in vars(base) or f"self.{name} " in inspect.getsource(base)
    except (OSError, TypeError):  # Written in C.
        return False


def inherited(module: ModuleType, tree: ast.Module) -> Faults:
    """Return (line, fault) of private names inherited from a library."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            own: Any = getattr(module, node.name)
            theirs = [base for base in own.__mro__ if not is_ours(base.__module__)]
            for line, name in private_names(node):
                if name not in DOCUMENTED and any(has(one, name) for one in theirs):
                    yield line, f"{node.name}.{name} is a library's"


def main() -> int:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
    importlib.import_module("django").setup()
    count = 0
    for part in WATCHED:
        for path in sorted((ROOT / part).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            tree = ast.parse(path.read_text())
            faults = list(replaced(tree))
            if any(isinstance(node, ast.ClassDef) for node in tree.body):
                faults += inherited(importlib.import_module(name), tree)
            for line, fault in faults:
                count += 1
                sys.stdout.write(f"{path.relative_to(ROOT)}:{line}: {fault}\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
