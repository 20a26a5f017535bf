"""Hold pyproject.toml, uv.lock and the code's imports against each other. Part of `make lint`.

What is imported is declared; what is declared has an upper bound, and is locked as it is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

Project = dict[str, Any]
ROOT = Path(__file__).parent.parent
OURS = {"gpuws", "agent", "_typeshed", "torch"}
"""`agent`: what the probe's modules are called on a host; `_typeshed`: known to type checkers alone; `torch`: of the
images in which it is tried."""


def main() -> int:
    """Print what is wrong; 1 where something is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    wrong = [*_undeclared(project), *_unbounded(project), *_unlocked(project, lock)]
    for line in wrong:
        print(f"dependencies: {line}", file=sys.stderr)
    return 1 if wrong else 0


def _declared(project: Project) -> dict[str, str]:
    """Name → specifier."""
    found = (re.match(r"([A-Za-z0-9._-]+)(.*)", one) for one in project["project"]["dependencies"])
    return {match[1]: match[2].strip() for match in found if match}


def _undeclared(project: Project) -> Iterator[str]:
    """The program may import what it declares, not what that happens to bring along."""
    owners = packages_distributions()
    allowed = {name.lower() for name in _declared(project)}
    for path in sorted((ROOT / "gpuws").rglob("*.py")):
        for module in sorted(_imported(ast.parse(path.read_text()))):
            known = {owner.lower().replace("_", "-") for owner in owners.get(module, ())}
            if module not in OURS and module not in sys.stdlib_module_names and not known & allowed:
                yield f"{path.relative_to(ROOT)} imports {module}, undeclared: {', '.join(sorted(known)) or 'unknown'}"


def _imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _unbounded(project: Project) -> Iterator[str]:
    for name, specifier in _declared(project).items():
        if "<" not in specifier and "==" not in specifier:
            yield f"{name}{specifier} has no upper bound"


def _unlocked(project: Project, lock: Project) -> Iterator[str]:
    packages = {package["name"]: package for package in lock["package"]}
    locked = {one["name"]: one.get("specifier", "") for one in packages["gpuws"]["metadata"]["requires-dist"]}
    for name, specifier in _declared(project).items():
        if _parts(locked.get(name, "missing")) != _parts(specifier) or name not in packages:
            yield f"{name}{specifier}: uv.lock has {locked.get(name, 'nothing')}; run uv lock"


def _parts(specifier: str) -> set[str]:
    return set(specifier.replace(" ", "").split(","))


if __name__ == "__main__":
    sys.exit(main())
