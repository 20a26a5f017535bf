"""Hold the shape of the code: no circle of files, no crowded folder. Part of `make lint`.

Every import counts, also one for types alone and one made late: whoever reads a file of a circle reads them all.
Importing a module runs the `__init__` of every package above it, so that counts as well."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
CROWD = 20
"""So many files may lie side by side in a folder, its `__init__` not counted."""
Uses = Mapping[str, frozenset[str]]
"""Module → the modules that it imports."""


def main() -> int:
    """Print what is wrong; 1 where something is."""
    wrong = [f"a circle of {len(circle)} files: {' ↔ '.join(circle)}" for circle in circles(imports(ROOT, "gpuws"))]
    crowded = crowds(ROOT, "gpuws", CROWD)
    wrong += [f"{folder} has {count} files side by side, more than {CROWD}" for folder, count in crowded.items()]
    for line in wrong:
        print(f"structure: {line}", file=sys.stderr)
    return 1 if wrong else 0


def imports(root: Path, package: str) -> Uses:
    """Of every module of `package`, which lies in `root`, what it imports of it."""
    modules = {_name(path.relative_to(root)): path for path in sorted((root / package).rglob("*.py"))}
    return {name: frozenset(_used(name, path, modules)) for name, path in modules.items()}


def circles(uses: Uses) -> list[list[str]]:
    """The groups of modules of which each leads to each other, the largest first: strongly connected components,
    by Kosaraju's algorithm."""
    users: dict[str, set[str]] = {name: set() for name in uses}
    for name, used in uses.items():
        for each in used:
            users[each].add(name)
    seen: set[str] = set()
    order = [name for start in uses for name in _reached(start, uses, seen)]
    seen = set()
    groups = [sorted(_reached(start, users, seen)) for start in reversed(order)]
    return sorted((group for group in groups if len(group) > 1), key=len, reverse=True)


def crowds(root: Path, package: str, limit: int) -> dict[str, int]:
    """The folders of `package` with more than `limit` files side by side, the fullest first."""
    counts = Counter(
        str(path.parent.relative_to(root)) for path in (root / package).rglob("*.py") if path.name != "__init__.py"
    )
    return {folder: count for folder, count in counts.most_common() if count > limit}


def _reached(start: str, edges: Mapping[str, frozenset[str] | set[str]], seen: set[str]) -> list[str]:
    """What can be reached from `start` and is not `seen` yet, each behind all that is reached from it."""
    if start in seen:
        return []
    seen.add(start)
    found, path = [], [(start, iter(edges[start]))]
    while path:
        name, further = path[-1]
        following = next((each for each in further if each not in seen), None)
        if following is None:
            found.append(name)
            path.pop()
        else:
            seen.add(following)
            path.append((following, iter(edges[following])))
    return found


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _used(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for target in _targets(node, package):
            parts = target.split(".")
            above = {".".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
            yield from (above & modules.keys()) - {name}


def _targets(node: ast.AST, package: str) -> Iterator[str]:
    """What a statement imports, in full; of `from x import y` both may be modules."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")
        base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
        origin = ".".join(filter(None, (base, node.module)))
        yield from (f"{origin}.{alias.name}" for alias in node.names)


if __name__ == "__main__":
    sys.exit(main())
