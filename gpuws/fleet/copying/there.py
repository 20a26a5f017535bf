"""A host or a container as an end of a copy: programs of it, through the fleet."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from gpuws.files import rewrite, scripts
from gpuws.fleet.copying.end import Leave, Pairs
from gpuws.fleet.copying.running import Programs
from gpuws.fleet.files import Files
from gpuws.link.place import Process
from gpuws.model.errors import GpuwsError
from gpuws.model.files.files import Listed, Listing, Reading, Road, Seen, Writing, listing
from gpuws.model.workspace.workspace import PlaceRef


@dataclass(slots=True)
class There:
    """See `End`; `look` comes before all else. `name`: of the place, as it is typed. `user`: as whom in a container."""

    fleet: Files
    place: PlaceRef
    name: str
    leave: Leave
    programs: Programs
    user: str | None = None
    _road: Road = field(default_factory=lambda: Road("tar"))

    @property
    def label(self) -> str:
        return f"{self.name}:"

    @property
    def road(self) -> Road:
        return self._road

    def look(self, paths: Sequence[bytes], *, writing: bool) -> tuple[tuple[Seen, ...], ...]:
        looked = self.fleet.look_at_files(self.place, paths, writing=writing, user=self.user)
        self._road = looked.road
        return looked.seen

    def listed(self, directory: bytes, names: Sequence[bytes]) -> Listing:
        if self._road.kind == "engine":
            return {}
        return listing(self._answer(self._reading(Reading(self._road, "list", directory, tuple(names)))))

    def size(self, directory: bytes, names: Sequence[bytes]) -> int | None:
        if self._road.kind == "engine":
            return None
        rows = self._answer(self._reading(Reading(self._road, "size", directory, tuple(names)))).split(b"\n")
        counts = [int(row.split()[0]) for row in rows if row[:1].isdigit()]
        return sum(counts) * 1024 if counts else None

    def tree(
        self, directory: bytes, names: Sequence[bytes], without: Collection[bytes], to: Road | None
    ) -> Iterator[bytes]:
        simple = to is not None and not (to.kind == "tar" and to.gnu)
        ask = Reading(self._road, "tree", directory, tuple(names), plain=simple)
        left_out = scripts.left_out(sorted(without)) if self._road.gnu else b""
        return self._output(self._reading(ask), left_out)

    def rest(self, directory: bytes, name: bytes, offset: int) -> Iterator[bytes]:
        above, base = posixpath.split(posixpath.join(directory, name))
        return self._output(self._reading(Reading(self._road, "rest", above, (base,), offset)))

    def arrived(self, directory: bytes, stage: bytes) -> Listing:
        if self._road.kind == "engine":
            return {}
        return listing(self._answer(self._writing(Writing(self._road, "list", directory, stage))))

    def take(
        self,
        directory: bytes,
        stage: bytes,
        pieces: Iterator[bytes],
        pairs: Pairs,
        whole: Collection[bytes],  # noqa: ARG002 - who sends leaves it out
    ) -> None:
        if self._road.kind == "engine":
            names = {name: b"" if final == directory else posixpath.relpath(final, directory) for name, final in pairs}
            pieces = rewrite.rewritten(pieces, names, self._road.owner, self.leave)
        self._input(self._writing(Writing(self._road, "tree", directory, stage)), pieces)

    def append(self, directory: bytes, stage: bytes, name: bytes, pieces: Iterator[bytes], of: Listed) -> None:
        ask = Writing(self._road, "append", directory, stage, (name,), of.mode, of.modified)
        self._input(self._writing(ask), pieces)

    def finish(self, directory: bytes, stage: bytes, pairs: Pairs) -> list[str]:
        if self._road.kind == "engine":
            return []
        flat = tuple(word for pair in pairs for word in pair)
        with self.programs.run(self._writing(Writing(self._road, "finish", directory, stage, flat)), self.label) as one:
            return one.faults() or [f"{self.label} it did not come to its name"] if one.status() else []

    def drop(self, directory: bytes, stage: bytes) -> None:
        if self._road.kind == "tar":
            self._answer(self._writing(Writing(self._road, "drop", directory, stage)), takes_back=True)

    def _reading(self, ask: Reading) -> Callable[[], Process]:
        return lambda: self.fleet.read_files(self.place, ask)

    def _writing(self, ask: Writing) -> Callable[[], Process]:
        return lambda: self.fleet.write_files(self.place, ask)

    def _answer(self, opened: Callable[[], Process], *, takes_back: bool = False) -> bytes:
        with self.programs.run(opened, self.label, takes_back=takes_back) as one:
            one.process.close_stdin()
            told = b"".join(one.output())
            one.status()
            return told

    def _output(self, opened: Callable[[], Process], given: bytes = b"") -> Iterator[bytes]:
        """What can't be read is told and left out, as tar does; an end that is none its reader finds."""
        with self.programs.run(opened, self.label) as one:
            if given:
                one.fed(given)
            one.process.close_stdin()
            yield from one.output()
            failed = one.status()
            for line in one.faults():
                if failed or line.endswith("socket ignored"):
                    self.leave(line)

    def _input(self, opened: Callable[[], Process], pieces: Iterator[bytes]) -> None:
        with self.programs.run(opened, self.label) as one:
            took = all(one.fed(piece) for piece in pieces)
            if one.status() or not took:
                faults = one.faults() or [f"{self.label} it takes no more"]
                raise GpuwsError(faults[0], lines=faults[1:])
