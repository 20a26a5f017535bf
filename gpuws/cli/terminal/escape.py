"""The way back from a dead terminal: `~.` at the start of a line, as in ssh; `~~` types one `~`. Pure."""

from __future__ import annotations

NEWLINES = b"\r\n"


class Escape:
    def __init__(self) -> None:
        self._line_start = True
        self._held = False  # a `~` that may begin an escape

    def feed(self, typed: bytes) -> tuple[bytes, bool]:
        """What to send, and whether the user leaves."""
        out = bytearray()
        for byte in typed:
            if self._held:
                self._held = False
                if byte == ord("."):
                    return bytes(out), True
                if byte != ord("~"):
                    out += b"~"
            elif self._line_start and byte == ord("~"):
                self._held = True
                continue
            out.append(byte)
            self._line_start = byte in NEWLINES
        return bytes(out), False
