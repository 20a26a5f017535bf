"""What a shared file and all that it draws in say, in one reading: that is accepted, kept and used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gpuws.config.hosts import ssh_files
from gpuws.config.trust import statements
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.consent.trust import Kind
from gpuws.model.errors import UsageError

Role = Literal["yaml", "ssh", "env", "text"]
MOST_BYTES = 8 << 20
MOST_SENT = 20_000
"""Bytes of text, and files of a build context, that one file may draw in."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of it. Of an SSH configuration each Include names the very files that it stood for."""

    path: str
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What a build sends of `context`: a line a file, with its digest. `dockerfile`: where it lies in there."""

    context: str
    dockerfile: str | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """`pieces`: the shared file itself first."""

    kind: Kind
    pieces: tuple[Piece, ...]
    sent: tuple[BuildContext, ...] = ()

    @property
    def root(self) -> Path:
        return Path(self.pieces[0].path)

    def texts(self) -> dict[Path, str]:
        """Its YAML files."""
        return {Path(piece.path): piece.text for piece in self.pieces if piece.role == "yaml"}

    def said(self) -> dict[str, tuple[str, ...]]:
        """What needs acceptance, by what says it; `sent` apart."""
        return {piece.path: _said(self.kind, piece) for piece in self.pieces}

    def said_of_sent(self) -> dict[str, tuple[str, ...]]:
        return {f"{one.context} (sent with {one.dockerfile or 'its own Dockerfile'})": one.files for one in self.sent}

    def using(self, now: Reading) -> Reading:
        """This, with what `now` says of harmless keys; the two differ in nothing else."""
        rest = tuple(piece for piece in self.pieces if piece.role != "yaml")
        return replace(self, pieces=(*(piece for piece in now.pieces if piece.role == "yaml"), *rest))


def bounded(reading: Reading) -> Reading:
    """UsageError where it is too much to be read by anybody."""
    if sum(len(piece.text) for piece in reading.pieces) > MOST_BYTES:
        raise UsageError(f"{reading.root} draws in more than {MOST_BYTES >> 20} MiB of text")
    for one in reading.sent:
        if len(one.files) > MOST_SENT:
            raise UsageError(f"the build context {one.context} has more than {MOST_SENT} files", "see .dockerignore")
    return reading


def text_piece(path: Path, role: Role) -> Piece | None:
    """None where there is no such text: whoever needs it will say so."""
    try:
        return Piece(str(path), role, ssh_files.read(path))
    except (OSError, ValueError):
        return None


def _said(kind: Kind, piece: Piece) -> tuple[str, ...]:
    match piece.role:
        case "yaml":
            from gpuws.config.yaml.reader import read_text

            try:
                return statements.of_tree(kind, read_text(piece.text, piece.path, []))
            except ConfigProblems:
                return statements.of_text(piece.text)
        case "ssh":
            return statements.of_ssh_config(piece.text)
        case "env":
            return statements.of_env_file(piece.text)
    return statements.of_text(piece.text)
