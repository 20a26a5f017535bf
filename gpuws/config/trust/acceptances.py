"""What I accepted of shared files, kept in my state directory, and what may be used of one now."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from gpuws.config.hosts.ssh_texts import relinked
from gpuws.config.trust.shared import BuildContext, Piece, Reading
from gpuws.model.consent.trust import differences
from gpuws.model.errors import GpuwsError, Refused
from gpuws.model.text import plain


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """What may be used of a shared file: None where nothing was accepted. `note`: what a person should know."""

    path: Path
    reading: Reading | None = None
    note: str = "is shared, and you have not accepted what it does"

    @property
    def sentence(self) -> str:
        """The note with the file that it is about; "" where there is nothing to say."""
        return f"{self.path} {self.note}" if self.note else ""

    @property
    def told(self) -> str:
        """The sentence with its remedy, in one line."""
        return f"{self.sentence} — {self.remedy}" if self.note else ""

    @property
    def remedy(self) -> str:
        return f"gpuws trust {self.path}"

    def needed(self) -> Reading:
        """Refused where nothing was accepted."""
        if self.reading is None:
            raise Refused(f"{self.path} {self.note}", self.remedy)
        return self.reading


@dataclass(frozen=True, slots=True)
class Acceptances:
    """`directory` holds a record for each file, and copies of what other programs read; it need not exist.
    `environ`: where my home is.

    A copy is called after what is in it: it never changes, and whoever has its path reads what was accepted."""

    directory: Path
    environ: Mapping[str, str]

    def open(self, path: Path, read: Callable[[], Reading]) -> AcceptedFile:
        """What was accepted, or what `read` reads where that differs in nothing that needs acceptance."""
        accepted = self.of(path)
        if accepted is None:
            return AcceptedFile(path)
        try:
            now = read()
        except GpuwsError as error:
            why = plain(error.message.splitlines()[0])
            return AcceptedFile(path, accepted, f"can't be used as it is now ({why}): what you accepted stays in use")
        if differences(accepted.said(), now.said()):
            return AcceptedFile(path, accepted, "has changed: what you accepted before stays in use")
        return AcceptedFile(path, accepted.using(now), "")

    def record(self, path: Path) -> Path:
        """The file that says what was accepted of `path`."""
        return self.directory / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:32]}.json"

    def of(self, path: Path) -> Reading | None:
        """A record that can't be read accepts nothing."""
        found = _read(self.record(path))
        return found if found is not None and found.root == path else None

    def keep(self, reading: Reading) -> None:
        """Accept it: from now on it is what is used."""
        from gpuws.config.files import write_atomically

        before = self.of(reading.root)
        for name, text in _texts(reading, self.directory).values():
            write_atomically(self.directory / name, text)
        write_atomically(self.record(reading.root), json.dumps(asdict(reading)))
        self._forget_copies(before)

    def copies(self, reading: Reading) -> dict[str, str]:
        """By the path of what was accepted, for what other programs read: where its copy is."""
        return {path: str(self.directory / name) for path, (name, _) in _texts(reading, self.directory).items()}

    def _forget_copies(self, lately: Reading | None) -> None:
        """Those that no record names. A keeper may still have what counted `lately`."""
        kept = {name for name, _ in _texts(lately, self.directory).values()} if lately else set()
        for record in self.directory.glob("*.json"):
            reading = _read(record)
            kept |= {name for name, _ in _texts(reading, self.directory).values()} if reading else set()
        for copy in self.directory.glob("*.copy"):
            if copy.name not in kept:
                with contextlib.suppress(OSError):
                    copy.unlink()


def _texts(reading: Reading, directory: Path) -> Mapping[str, tuple[str, str]]:
    """Of each piece that other programs read its copy's name and text. Whoever includes others stands before them."""
    made: dict[str, tuple[str, str]] = {}
    for piece in reversed(reading.pieces):
        if piece.role in ("ssh", "env"):
            where = {path: str(directory / name) for path, (name, _) in made.items()}
            text = relinked(piece.text, where) if piece.role == "ssh" else piece.text
            made[piece.path] = (f"{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.copy", text)
    return made


def _read(record: Path) -> Reading | None:
    try:
        told = json.loads(record.read_text("utf-8"))
        pieces = tuple(Piece(**piece) for piece in told["pieces"])
        sent = tuple(BuildContext(one["context"], one["dockerfile"], tuple(one["files"])) for one in told["sent"])
        return Reading(told["kind"], pieces, sent) if pieces else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
