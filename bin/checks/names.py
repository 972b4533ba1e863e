"""Check names (docs/glossary.md) and file sizes.

A banned name says nothing about its value, or has two meanings here.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from common import ROOT

BANNED = {"ask", "asked", "door", "hold", "let_go", "notice", "sheet", "take", "tell"}
BANNED |= {"told"}
LONGEST = 800  # lines


def sources() -> Iterator[Path]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.check_output(listed, cwd=ROOT, text=True).split()
    for path in map(Path, names):
        if "migrations" not in path.parts and (ROOT / path).exists():
            yield path


def defined(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of functions, classes, parameters and variables."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name


def main() -> int:
    faults = []
    for path in sources():
        text = (ROOT / path).read_text(encoding="utf-8")
        tree, length = ast.parse(text), text.count("\n")
        if path.parts[0] == "tests":
            faults += [
                f"{path}:{node.lineno}: {node.name} is banned"
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef) and node.name in BANNED
            ]
            continue
        if length > LONGEST and "data" not in path.parts:
            faults.append(f"{path}: {length} lines, {LONGEST} at most")
        for line, name in [*defined(tree), (1, path.stem)]:
            if name.lower() in BANNED:
                faults.append(f"{path}:{line}: {name} is a banned name")
    print(*faults, sep="\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
