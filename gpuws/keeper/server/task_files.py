"""Tasks and their logs in private files, so that the next keeper knows them. Never a secret; a full or read-only disk
costs the memory of them, nothing else."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from gpuws.config.files import write_atomically
from gpuws.fleet.background.store import Call
from gpuws.keeper.wire.verbs import verb
from gpuws.model.build.want import BuildWant
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.plan import Asked, Plan, Want
from gpuws.model.secret import is_secret, masked
from gpuws.model.task import Task

log = logging.getLogger(__name__)
_NOTHING = re.compile(r":[ \t]*(?:null|~)[ \t]*(?=[,}\n]|\Z)")
"""What stands in YAML behind the name of a variable that has no value."""


NOT_KEPT = msgspec.Raw(b"null")


class _Record(msgspec.Struct):
    """`arguments` null: they held a secret. In place of a plan stands what it was made from."""

    task: Task
    names: tuple[str, ...]
    arguments: msgspec.Raw = NOT_KEPT


class TaskFiles:
    """Implements `TaskStore`. N.json and N.log of each task in one folder, which is made with the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tasks(self) -> tuple[Task, ...]:
        return tuple(task for task, _ in self.all())

    def all(self) -> list[tuple[Task, Call]]:
        """Oldest first. What makes no sense, or was written for verbs that there are not any more, is passed over."""
        return sorted(self._read(), key=lambda pair: pair[0].began_at)

    def save(self, task: Task, call: Call) -> None:
        asked = None if task.asked and _secret(task.asked) else task.asked
        record = _Record(replace(task, asked=asked), call.names, _kept(call))
        with contextlib.suppress(GpuwsError):
            write_atomically(self._file(task.id), msgspec.json.encode(record).decode())

    def forget(self, task_id: str) -> None:
        for path in (self._file(task_id), self._log(task_id)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def append(self, task_id: str, lines: Iterable[str]) -> bool:
        return self._write(task_id, lines, os.O_APPEND)

    def rewrite(self, task_id: str, lines: Iterable[str]) -> bool:
        return self._write(task_id, lines, os.O_TRUNC)

    def log(self, task_id: str) -> list[str]:
        try:
            return self._log(task_id).read_text("utf-8", "replace").splitlines()
        except OSError:
            return []

    def _file(self, task_id: str) -> Path:
        return self._folder / f"{task_id}.json"

    def _log(self, task_id: str) -> Path:
        return self._folder / f"{task_id}.log"

    def _write(self, task_id: str, lines: Iterable[str], how: int) -> bool:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._log(task_id), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | how, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            log.warning("the log of task %s can't be written: %s", task_id, error.strerror)
            return False
        return True

    def _read(self) -> Iterator[tuple[Task, Call]]:
        try:
            paths = list(self._folder.glob("*.json"))
        except OSError:
            return
        for path in paths:
            with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, KeyError):
                record = msgspec.json.decode(path.read_bytes(), type=_Record)
                if record.task.id == path.stem and record.task.id.isdecimal():
                    yield record.task, Call(record.task.verb, _arguments(record), record.names)


def _kept(call: Call) -> msgspec.Raw:
    """The arguments as they may be written, where they hold no secret and somebody could ask so again."""
    if call.arguments is None:
        return NOT_KEPT
    given = {name: _without_environment(value) for name, value in call.arguments.items()}
    if None in given.values() or any(map(_secret, given.values())):
        return NOT_KEPT
    return msgspec.Raw(msgspec.json.encode(given))


def _without_environment(value: Any) -> Any:
    """Of a plan what it was made from; of what brings an environment all but that."""
    if isinstance(value, Plan):
        return value.asked
    return replace(value, environ={}) if isinstance(value, BuildWant) else value


def _secret(value: Any) -> bool:
    """When in doubt yes: then it is not kept."""
    want = value.want if isinstance(value, Asked) else value
    said = _NOTHING.sub("", want.recipe if isinstance(want, Want) else msgspec.json.encode(want).decode())
    pairs = [item.partition("=")[::2] for item in want.overrides] if isinstance(want, Want | BuildWant) else []
    pairs += [(name, text or "") for name, text in want.args.items()] if isinstance(want, BuildWant) else []
    return masked(said) != said or any(text and is_secret(key.rpartition(".")[2], text) for key, text in pairs)


def _arguments(record: _Record) -> Mapping[str, Any] | None:
    if record.arguments == NOT_KEPT:
        return None
    takes = [(name, Asked if type_ is Plan else type_) for name, type_ in verb(record.task.verb).takes.items()]
    found = msgspec.json.decode(record.arguments, type=msgspec.defstruct("Arguments", takes))
    return {name: getattr(found, name) for name, _ in takes}
