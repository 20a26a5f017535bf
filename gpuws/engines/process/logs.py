"""What a workspace printed, as a stream. No line has a time: its programs wrote into a file."""

from __future__ import annotations

from gpuws.engines.shared.process_stream import ProcessStream
from gpuws.link.place import Process
from gpuws.model.workspace.log_messages import Message, framed


class LogStream(ProcessStream):
    """`framed`: in the frames of `log_messages`."""

    def __init__(self, process: Process, *, framed: bool) -> None:
        super().__init__(process)
        self._framed = framed

    def recv(self, limit: int = 65536) -> bytes:
        data = super().recv(limit)
        return framed(Message("stdout", "", data)) if self._framed and data else data
