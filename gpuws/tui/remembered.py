"""What the screen remembers from one time to the next: what was chosen on it, never what it showed."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol

from gpuws.model.errors import GpuwsError

log = logging.getLogger(__name__)

Value = str | bool | tuple[str, ...]
KEPT = 50
"""So many words of a list are kept, the first ones."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Each as it was chosen last; the default where it never was. Whoever uses one checks it, since it may be from
    another version."""

    theme: str = ""
    order: str = ""
    """The column by which the list is sorted, "-" before it: against its usual way; or "free first"."""
    view: str = ""
    """"hosts", one line for each, or "gpus"; "": as many hosts as there are make it."""
    columns: tuple[str, ...] = ()
    """Of the list, in their order; none: the usual ones."""
    filters: tuple[str, ...] = ()
    """Typed behind `/`, newest first."""
    container_filters: tuple[str, ...] = ()
    """The same of the table of containers."""
    grouped: str = ""
    """What that table is grouped by: "host", "user", "project" or "no"."""
    recent: tuple[str, ...] = ()
    """Ids of commands taken from the palette, newest first."""
    entered: tuple[str, ...] = ()
    """Hosts, containers and sessions, as they are typed, newest first."""
    window: str = ""
    """How far back charts go."""
    launched: tuple[str, ...] = ()
    """What was launched where, and when: `HOST PROFILE EPOCH`, newest first, each host and profile once."""
    light: bool = False
    """The terminal was light, the last time that it told."""


def remembering(recent: Sequence[str], taken: str) -> tuple[str, ...]:
    """The words with the one just taken before them."""
    return tuple(dict.fromkeys((taken, *recent)))


class Store(Protocol):
    """Where it is kept."""

    def read(self) -> str:
        """ "" where nothing is kept, or nothing can be read. May block."""

    def write(self, text: str) -> None:
        """At once or not at all; GpuwsError. May block."""


class Memory:
    """`now` is what is remembered. Changes are written by a thread of their own, each over what the file has then, so
    that two screens take nothing from each other but the choice that both made: the last one counts."""

    def __init__(self, store: Store | None = None) -> None:
        """Reads; without a store all is forgotten with this screen."""
        self._store = store
        self._lock = threading.Lock()
        self._unwritten: dict[str, Value] = {}
        self._writer: threading.Thread | None = None
        self.now = parse(store.read()) if store else Remembered()

    def change(self, **changes: Value) -> None:
        """TypeError for a field that there is not. Returns before it is written."""
        before, self.now = self.now, changed(self.now, changes)
        if self._store is None or self.now == before:
            return
        with self._lock:
            self._unwritten |= changes
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, args=(self._store,), name="remember", daemon=True)
                self._writer.start()

    def close(self, timeout: float = 1.0) -> None:
        """Wait until all is written, but not for a home directory that does not answer."""
        with self._lock:
            writer = self._writer
        if writer is not None:
            writer.join(timeout)

    def _write(self, store: Store) -> None:
        while changes := self._take():
            try:
                store.write(text(changed(parse(store.read()), changes)))
            except GpuwsError as error:  # remembering is a comfort: nobody is stopped for it
                log.warning("not remembered: %s", error)

    def _take(self) -> dict[str, Value]:
        with self._lock:
            taken, self._unwritten = self._unwritten, {}
            if not taken:
                self._writer = None
            return taken


def changed(remembered: Remembered, changes: dict[str, Value]) -> Remembered:
    kept: dict[str, Any] = {
        name: value[:KEPT] if isinstance(value, tuple) else value for name, value in changes.items()
    }
    return replace(remembered, **kept)


def parse(text: str) -> Remembered:
    """What of it makes sense: a file of another version, or that somebody else wrote, is no error."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Remembered()
    if not isinstance(found, dict):
        return Remembered()
    known: dict[str, Any] = {}
    for each in fields(Remembered):
        value = found.get(each.name)
        if isinstance(each.default, tuple):
            if isinstance(value, list) and all(isinstance(word, str) for word in value):
                known[each.name] = tuple(value[:KEPT])
        elif type(value) is type(each.default):
            known[each.name] = value
    return Remembered(**known)


def text(remembered: Remembered) -> str:
    return json.dumps(asdict(remembered), ensure_ascii=False, indent=1) + "\n"
