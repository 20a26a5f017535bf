"""Measure the shape of the code: what its structure costs whoever reads or changes it, as one table.

    python -m scripts.measure [--journeys]

`--journeys` also walks three journeys on the lab (`make lab`) and counts the files that each crosses."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.structure import CROWD, ROOT, circles, crowds, imports

PACKAGE = "gpuws"
FULL = 15  # files side by side: what is aimed at, below the limit
CRUMB = 60  # lines
PROTOCOLS = {"Fleet", "Engine", "Place", "Link"}
Trees = Mapping[str, ast.Module]
"""Path below the root → what it says."""


@dataclass(frozen=True, slots=True)
class Measure:
    subject: str
    figure: str
    detail: str = ""


def main() -> int:
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in (ROOT / PACKAGE).rglob("*.py")}
    found = [*measures(dict(sorted(trees.items())))]
    if "--journeys" in sys.argv[1:]:
        from scripts.journeys import walked

        found = [*(Measure(one.subject, str(len(one.files)), one.told) for one in walked()), *found]
    for one in found:
        print(f"{one.subject:<58} {one.figure}")
        for line in filter(None, one.detail.split("\n")):
            print(f"    {line}")
    return 0


def measures(trees: Trees) -> Iterator[Measure]:
    yield Measure("files, lines", f"{len(trees)}, {sum(map(_lines, trees))}")
    rings = circles(imports(ROOT, PACKAGE))
    yield Measure("largest circle of files, circles", f"{max(map(len, rings), default=0)}, {len(rings)}")
    for limit in (CROWD, FULL):
        crowded = crowds(ROOT, PACKAGE, limit)
        told = ", ".join(f"{folder} {count}" for folder, count in crowded.items())
        yield Measure(f"folders with more than {limit} files side by side", str(len(crowded)), told)
    alone = sorted(crumbs(trees))
    yield Measure(f"files of at most {CRUMB} lines with a single importer", str(len(alone)), "\n".join(alone))
    yield _twice("class names in two or more files", classes(trees))
    yield _twice("file names in two or more folders", basenames(trees))
    methods = [(name, documented) for name, documented in protocol_methods(trees)]
    bare = [name for name, documented in methods if not documented]
    yield Measure(
        "docstrings on methods of the public protocols", f"{len(methods) - len(bare)} of {len(methods)}", " ".join(bare)
    )
    lengths = sorted(function_lengths(trees))
    yield Measure("function lines, p95 / longest", f"{lengths[int(len(lengths) * 0.95)]} / {lengths[-1]}")


def _twice(subject: str, places: Mapping[str, list[str]]) -> Measure:
    twice = {name: paths for name, paths in sorted(places.items()) if len(paths) > 1}
    told = "\n".join(f"{name}: {', '.join(paths)}" for name, paths in twice.items())
    return Measure(subject, f"{len(twice)} names, {sum(map(len, twice.values()))} files", told)


def _lines(path: str) -> int:
    return len((ROOT / path).read_text("utf-8").splitlines())


def crumbs(trees: Trees) -> Iterator[str]:
    """Short files that one other file uses; importing a package's `__init__` on the way is no use."""
    uses = imports(ROOT, PACKAGE)
    users = Counter(used for name, each in uses.items() for used in each if used != name)
    for path in trees:
        module = path.removesuffix(".py").replace("/", ".")
        lines = _lines(path)
        if not path.endswith("__init__.py") and lines <= CRUMB and users[module] == 1:
            yield f"{path} {lines}"


def classes(trees: Trees) -> dict[str, list[str]]:
    """Name of a class that a file shows → the files."""
    found: dict[str, list[str]] = {}
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(path)
    return found


def basenames(trees: Trees) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in trees:
        if (name := Path(path).name) not in ("__init__.py", "__main__.py"):
            found.setdefault(name, []).append(path)
    return found


def protocol_methods(trees: Trees) -> Iterator[tuple[str, bool]]:
    """Each method of the public protocols and of what they are made of, and whether it is documented.

    A protocol is made of the protocols that it derives from and of those that its attributes are."""
    known = {
        node.name: node
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and "Protocol" in map(_said, node.bases)
    }
    wanted, seen = sorted(PROTOCOLS & known.keys()), set[str]()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        wanted += [each for each in _parts(known[name]) if each in known]
    for name in sorted(seen):
        for node in known[name].body:
            if isinstance(node, ast.FunctionDef):
                yield f"{name}.{node.name}", ast.get_docstring(node) is not None


def _said(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _parts(protocol: ast.ClassDef) -> Iterator[str]:
    yield from map(_said, protocol.bases)
    for node in protocol.body:
        attribute = node.annotation if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.FunctionDef) and "property" in map(_said, node.decorator_list):
            attribute = node.returns
        if attribute is not None:
            yield from (each.id for each in ast.walk(attribute) if isinstance(each, ast.Name))


def function_lengths(trees: Trees) -> Iterator[int]:
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1


if __name__ == "__main__":
    sys.exit(main())
