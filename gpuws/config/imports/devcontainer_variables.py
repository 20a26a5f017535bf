"""`${localEnv:NAME}` and the other variables of a devcontainer.json, and where its workspace lies.

https://containers.dev/implementors/json_reference/#variables-in-devcontainerjson"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpuws.config.imports.compose.variables import Origin, Use
from gpuws.config.imports.draft import Draft
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode
from gpuws.model.secret import HIDDEN

FOLDER = ".devcontainer"
_VARIABLE = re.compile(r"\$\{([A-Za-z]+)(?::([^}:]*)(?::([^}]*))?)?\}")
_PASTED = "pasted text lies nowhere: your home on the host stands there"


@dataclass(slots=True)
class Workspace:
    """`folder`: on this workstation, `directory`: where the file lies in it; None where the text was pasted.

    `inside`: in the container. `alone` and `uses`: as those of a Compose file's `Variables`."""

    environ: Mapping[str, str] = field(repr=False)
    folder: Path | None
    directory: Path | None
    draft: Draft
    inside: str = ""
    alone: dict[Position, str] = field(default_factory=dict)
    uses: dict[Position, tuple[Use, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, environ: Mapping[str, str], directory: Path | None, draft: Draft) -> Workspace:
        """`directory`: where the file lies, which may be the folder for it in the workspace, or one below that."""
        folder = directory
        for above in (directory, directory.parent) if directory else ():
            if above.name == FOLDER:
                folder = above.parent
        return cls(environ, folder, directory, draft)

    @property
    def name(self) -> str:
        return self.folder.name if self.folder else ""

    def replaced(self, tree: MapNode) -> MapNode:
        """`tree` with its variables replaced; those of the container stay as they are."""
        told = tree.get("workspaceFolder")
        self.inside = f"/workspaces/{self.name}" if self.name else "/workspaces"
        if isinstance(told, ScalarNode) and told.value:
            self.inside = self._text(told.text, told.mark)
        found = self._node(tree)
        assert isinstance(found, MapNode)
        return found

    def on_host(self) -> str:
        """Where it is on the host: what lies in my home here lies in my home there."""
        there, home = str(self.folder or "~"), self.environ.get("HOME", "").rstrip("/")
        if home and (there == home or there.startswith(f"{home}/")):
            return f"~{there[len(home) :]}"
        return there

    def _node(self, node: Node) -> Node:
        match node:
            case MapNode():
                entries = {name: Entry(entry.mark, self._node(entry.node)) for name, entry in node.entries.items()}
                return replace(node, entries=entries)
            case ListNode():
                return replace(node, items=tuple(self._node(item) for item in node.items))
        if not isinstance(node.value, str) or "${" not in node.value:
            return node
        match = _VARIABLE.fullmatch(node.text)
        if match and match[1] in ("localEnv", "env") and match[2] and match[3] is None:
            self.alone[node.mark] = match[2]
        text = self._text(node.text, node.mark)
        return ScalarNode(node.mark, text, text)

    def _text(self, text: str, mark: Position) -> str:
        return _VARIABLE.sub(lambda match: self._value(match, mark), text)

    def _value(self, match: re.Match[str], mark: Position) -> str:
        name = match[2] or ""
        match match[1]:
            case "localEnv" | "env":
                return self._of_environment(match, name, mark)
            case "localWorkspaceFolder":
                if self.folder is None:
                    self.draft.lose(match[0], mark, _PASTED)
                return self.on_host()
            case "localWorkspaceFolderBasename":
                return self.name or "workspace"
            case "containerWorkspaceFolder":
                return self.inside
            case "containerWorkspaceFolderBasename":
                return posixpath.basename(self.inside)
            case "devcontainerId":
                return "devcontainer"
        return match[0]

    def _of_environment(self, match: re.Match[str], name: str, mark: Position) -> str:
        found = self.environ.get(name)
        origin: Origin = "environment" if found is not None else "nowhere" if match[3] is None else "default"
        use = Use(name, origin)
        self.uses[mark] = (*self.uses.get(mark, ()), use)
        if use.hidden:
            return HIDDEN
        return found if found is not None else (match[3] or "")
