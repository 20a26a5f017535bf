"""What becomes of one action on several things: a line for each as it is done, or one document at the end."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import GpuwsError
from gpuws.present.documents.base import printed
from gpuws.present.documents.done import Deed, done

if TYPE_CHECKING:
    from gpuws.present.documents.fields.done import Things


class Outcome:
    """Of `action` on `deeds`, which are all that was meant. As a context it prints the document in the end, also where
    it was cancelled in the middle. Any thread may tell."""

    def __init__(self, action: str, things: Things, deeds: Sequence[Deed], options: Options) -> None:
        self._action, self._things = action, things
        self._deeds = {(one.host, one.name): one for one in deeds}
        self._json = options.json
        self._lock = threading.Lock()

    def __enter__(self) -> Outcome:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, GpuwsError):
            self._broke_off(error)
        if kind is None or isinstance(error, GpuwsError):
            self.print()

    def done(self, host: str, name: str, line: str) -> None:
        """`line`: what is said of it where no document is wanted."""
        with self._lock:
            self._deeds[host, name] = replace(self._deeds[host, name], done=True)
            self.would(line)

    def would(self, line: str) -> None:
        """The same of what is not done, since it was only asked what would be."""
        if not self._json:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def missed(self, host: str, name: str, error: GpuwsError) -> None:
        """Who asked says so on stderr."""
        with self._lock:
            self._deeds[host, name] = replace(self._deeds[host, name], error=str(error))

    def failed(self, host: str, error: GpuwsError) -> None:
        """At the first there that was not done: the others were not tried any more."""
        self._broke_off(error, host)

    def _broke_off(self, error: GpuwsError, host: str | None = None) -> None:
        open_ = (one for one in self._deeds.values() if not one.done and not one.error and host in (None, one.host))
        if (first := next(open_, None)) is not None:
            self.missed(first.host, first.name, error)

    def print(self) -> None:
        if self._json:
            sys.stdout.write(f"{printed(done(self._action, self._things, list(self._deeds.values())))}\n")
            sys.stdout.flush()

    def show(self) -> int:
        """What would be done: the commands, or the document."""
        if not self._json:
            sys.stdout.write("".join(f"{one.command}\n" for one in self._deeds.values() if one.command))
        self.print()
        return 0
