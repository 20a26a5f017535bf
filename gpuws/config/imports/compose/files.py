"""The files of a Compose project: the one that was named, the `.env` beside it, and those that `extends` names below
its directory. No others are read."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpuws.config.imports.compose.layers import Extended, Found
from gpuws.config.imports.compose.service import Project, as_map
from gpuws.config.imports.compose.variables import Variables
from gpuws.config.profiles.env_file import read_env_file
from gpuws.config.yaml.nodes import MapNode, ScalarNode
from gpuws.config.yaml.problems import ConfigProblems, nearest, problem_at
from gpuws.config.yaml.reader import load_text, read_text

_USUAL = re.compile(r"(docker-)?compose\.ya?ml\Z")
_NO_NAME = re.compile(r"[^a-z0-9_-]+")


@dataclass(slots=True)
class Files:
    """`directory` None: the text was pasted, and nothing else is read."""

    source: str
    directory: Path | None
    environ: Mapping[str, str]
    variables: Variables
    tree: MapNode
    _read: dict[Path, MapNode] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, environ: Mapping[str, str], directory: Path | None, source: str) -> Files:
        """ConfigProblems where the text is no YAML, or the `.env` can't be read."""
        variables = Variables(environ, _dot_env(directory))
        return cls(source, directory, environ, variables, _tree(text, source, variables))

    def project(self) -> Project:
        one = self.variables
        return Project(
            name=self._name(),
            directory=self.directory,
            source=self.source,
            home=self.environ.get("HOME", ""),
            tree=self.tree,
            uses=one.uses,
            missing=one.missing,
            alone=one.alone,
            in_file=one.file.keys() - one.environ.keys(),
        )

    def _name(self) -> str:
        """As Compose calls the project: what its volumes and networks are named after. "" where that is not known."""
        said = self.tree.get("name")
        if isinstance(said, ScalarNode) and said.value is not None:
            return said.text
        environ = {**self.variables.file, **self.environ}
        folder = self.directory.name if self.directory else ""
        return environ.get("COMPOSE_PROJECT_NAME") or _NO_NAME.sub("", folder.lower()).lstrip("_-")

    def finder(self, tree: MapNode, path: str) -> Found:
        """Finds what an `extends` in the file `path` names."""

        def find(above: Extended) -> tuple[MapNode, Found]:
            if not above.file:
                return _service(tree, above), find
            there = self._below(above, path)
            if there not in self._read:
                self._read[there] = _tree(load_text(there), str(there), self.variables)
            return _service(self._read[there], above), self.finder(self._read[there], str(there))

        return find

    def _below(self, above: Extended, path: str) -> Path:
        """The file that is meant, where it may be read."""
        if self.directory is None:
            what = f"{above.file} is another file, which pasted text does not lead to: import the file itself"
            raise ConfigProblems([problem_at(above.mark, "extends.file", what)])
        base = self.directory if path == self.source else Path(path).parent
        there, root = os.path.realpath(base / above.file), os.path.realpath(self.directory)
        if not there.startswith(f"{root}{os.sep}"):
            what = f"{above.file} lies outside {self.directory}: gpuws reads only what lies below the file"
            raise ConfigProblems([problem_at(above.mark, "extends.file", what)])
        return base / above.file

    def overrides(self) -> tuple[str, ...]:
        """Files beside it that Compose would lay over it by itself."""
        match = _USUAL.search(self.source)
        if self.directory is None or not match:
            return ()
        names = (f"{match[1] or ''}compose.override.{ending}" for ending in ("yaml", "yml"))
        return tuple(name for name in names if (self.directory / name).is_file())


def _tree(text: str, path: str, variables: Variables) -> MapNode:
    return variables.replaced(read_text(text, path))


def _dot_env(directory: Path | None) -> dict[str, str]:
    path = directory / ".env" if directory else None
    if path is None or not path.is_file():
        return {}
    return {line.name: line.value for line in read_env_file(path) if line.value is not None}


def _service(tree: MapNode, above: Extended) -> MapNode:
    """The service that is named, of a file."""
    services = as_map("services", tree.mark, tree.get("services") or tree)
    found = services.entries.get(above.service)
    if found is None:
        what = f"there is no service {above.service!r} in {Path(tree.mark.path).name}"
        raise ConfigProblems([problem_at(above.mark, "extends", what, nearest(above.service, services.entries))])
    return as_map(f"services.{above.service}", found.mark, found.node)
