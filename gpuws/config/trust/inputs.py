"""What a profile of a shared folder draws in beside its YAML: Dockerfiles, what a build sends, env_files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gpuws.config.merge.extends import Chain
from gpuws.config.merge.profile_tree import assemble, local_paths
from gpuws.config.merge.variables import has_variables
from gpuws.config.paths import is_mine, real_path
from gpuws.config.profiles.env_file import parse_env_file
from gpuws.config.trust.shared import Piece, text_piece
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from gpuws.model.errors import Refused
from gpuws.model.profile.profile import Build


class SentContext(NamedTuple):
    """A directory of this workstation that a shared file has sent; `dockerfile`: one in it, None where it has its own
    text."""

    path: str
    dockerfile: str | None

    def build(self) -> Build:
        """One that sends it; a Dockerfile's own text is no part of what is sent."""
        inline = "" if self.dockerfile is None else None
        return Build(context=self.path, dockerfile=self.dockerfile, dockerfile_inline=inline)


def pieces(chain: Chain, environ: Mapping[str, str]) -> tuple[list[Piece], list[SentContext]]:
    """Of a chain as it lies there, whatever the host: what is read at once, and the contexts, which are sent."""
    found: dict[str, Piece] = {}
    contexts: dict[SentContext, None] = {}
    overlays = dict.fromkeys(name for part in chain.parts for name in part.overlays)
    for names in ((), *((name,) for name in overlays)):
        tree = local_paths(assemble(chain.parts, names, (), []), environ)
        if context := context_of(tree, chain):
            contexts[context] = None
            if piece := _dockerfile(context):
                found[piece.path] = piece
        for node in _env_files(tree, chain):
            piece = None if _is_mine(node, environ) else text_piece(Path(str(node.value)), "env")
            if piece is not None:
                parse_env_file(piece.text, piece.path)  # what is no env_file is not shown
                found[piece.path] = piece
    return list(found.values()), list(contexts)


def context_of(tree: MapNode, chain: Chain) -> SentContext | None:
    """The context that the tree builds from, where a shared file says so; None where it waits for a variable."""
    build = tree.get("build")
    if not isinstance(build, MapNode):
        return None
    context, dockerfile = build.get("context"), build.get("dockerfile")
    theirs = [node for node in (context, dockerfile) if _is_shared(node, chain)]
    if not theirs or not isinstance(context, ScalarNode) or any(has_variables(node) for node in theirs if node):
        return None
    inline = build.get("dockerfile_inline")
    if isinstance(inline, ScalarNode) and inline.value is not None:
        return SentContext(str(context.value), None)
    if isinstance(dockerfile, ScalarNode) and dockerfile.value is not None:
        return SentContext(str(context.value), str(dockerfile.value))
    return SentContext(str(context.value), "Dockerfile")


def with_copies(tree: MapNode, chain: Chain, environ: Mapping[str, str], copies: Mapping[str, str]) -> MapNode:
    """The tree with the copies of env_files that were accepted. Refused where one was not."""
    files = tree.get("env_file")
    if not isinstance(files, ListNode):
        return tree
    theirs = list(_env_files(tree, chain))
    for node in theirs:
        if str(node.value) not in copies and not _is_mine(node, environ):
            raise Refused(f"{node.value} was not accepted with the profile that takes its values")
    items = tuple(
        replace(item, value=copies[str(item.value)]) if item in theirs and str(item.value) in copies else item
        for item in files.items
        if isinstance(item, ScalarNode)
    )
    entry = Entry(tree.entries["env_file"].mark, replace(files, items=items))
    return replace(tree, entries={**tree.entries, "env_file": entry})


def _env_files(tree: MapNode, chain: Chain) -> Iterator[ScalarNode]:
    """Those that shared files name, as absolute paths."""
    files = tree.get("env_file")
    for node in files.items if isinstance(files, ListNode) else ():
        if isinstance(node, ScalarNode) and _is_shared(node, chain) and not has_variables(node):
            yield node


def _is_mine(node: ScalarNode, environ: Mapping[str, str]) -> bool:
    """Whether it is no part of the shared file that names it."""
    return is_mine(Path(str(node.value)), Path(node.mark.path).parent, environ)


def _dockerfile(context: SentContext) -> Piece | None:
    """Its text, where it lies in the context: the engine takes none from elsewhere."""
    if context.dockerfile is None:
        return None
    path = Path(context.path) / context.dockerfile
    return text_piece(path, "text") if real_path(path).is_relative_to(real_path(context.path)) else None


def _is_shared(node: Node | None, chain: Chain) -> bool:
    return isinstance(node, ScalarNode) and node.value is not None and Path(node.mark.path) in chain.shared
