"""Notes in which files of gpuws code runs, and when: one file of notes a process, in the folder `GPUWS_CROSSING` names.

Python loads a module `sitecustomize` by itself in every process that it starts; `scripts.journeys` lays this file there
under that name. So it stands alone, and does nothing where the variable is not set."""

from __future__ import annotations

import os
import sys
import threading
import time
from types import CodeType, FrameType

MARK = f"{os.sep}gpuws{os.sep}"
CO_OPTIMIZED = 1  # bodies of functions; those of modules and classes run when a file is loaded, which crosses nothing


class Notes:
    """`TIME FILE FUNCTION` a line, time as of time.monotonic(). A forked process goes on in a file of its own."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._pid = 0
        self._file = -1
        self._names: dict[CodeType, bytes] = {}
        self._loading: dict[int, int] = {}  # thread → modules that it is loading

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event not in ("call", "return"):
            return
        code = frame.f_code
        if code.co_name == "<module>" and MARK in code.co_filename and not code.co_filename.endswith("__main__.py"):
            thread = threading.get_ident()
            self._loading[thread] = self._loading.get(thread, 0) + (1 if event == "call" else -1)
        elif event == "call" and (name := self._name(code)) and not self._loading.get(threading.get_ident()):
            self._write(b"%.6f %s\n" % (time.monotonic(), name))

    def _name(self, code: CodeType) -> bytes:
        """Empty: not ours."""
        if code not in self._names:
            path = code.co_filename
            ours = code.co_flags & CO_OPTIMIZED and MARK in path and "site-packages" not in path
            short = path[path.rindex(MARK) + 1 :] if ours else ""
            self._names[code] = f"{short} {code.co_name}".encode() if ours else b""
        return self._names[code]

    def _write(self, line: bytes) -> None:
        if os.getpid() != self._pid:
            self._pid = os.getpid()
            self._file = os.open(f"{self._folder}/{self._pid}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self._file, line)


if _folder := os.environ.get("GPUWS_CROSSING"):
    _notes = Notes(_folder)
    threading.setprofile(_notes)
    sys.setprofile(_notes)
