"""What a terminal's pump looks for in the bytes: the way back, and modes that were left on."""

from __future__ import annotations

import pytest

from gpuws.cli.terminal.escape import Escape
from gpuws.cli.terminal.modes import Modes

# the escape


@pytest.mark.parametrize(
    ("chunks", "sent", "left"),
    [
        ([b"abc"], b"abc", False),
        ([b"~."], b"", True),
        ([b"ls\r~."], b"ls\r", True),
        ([b"ls\r", b"~", b"."], b"ls\r", True),
        ([b"a~."], b"a~.", False),
        ([b"~~."], b"~.", False),
        ([b"~x"], b"~x", False),
        ([b"\n~."], b"\n", True),
        ([b"~", b"\r~."], b"~\r", True),
        ([b"echo ~/x\r"], b"echo ~/x\r", False),
        ([bytes(range(256))], bytes(range(256)), False),
    ],
)
def test_the_way_back(chunks: list[bytes], sent: bytes, left: bool):
    escape, out, gone = Escape(), b"", False
    for chunk in chunks:
        data, gone = escape.feed(chunk)
        out += data
    assert (out, gone) == (sent, left)


# the modes

PLAIN = b"\x1b[0m"


def left_on(*chunks: bytes) -> bytes:
    modes = Modes()
    for chunk in chunks:
        modes.feed(chunk)
    return modes.undo()


def test_what_was_switched_on_is_switched_off():
    assert left_on(b"\x1b[?1049h\x1b[?1000;1006hx\x1b[?2004h") == (
        b"\x1b[?1000l\x1b[?1006l\x1b[?1049l\x1b[?2004l" + PLAIN
    )
    assert left_on(b"\x1b[?25l\x1b=\x1b[>1u\x1b[>5u\x1b[<u") == b"\x1b[<u\x1b>\x1b[?25h" + PLAIN


def test_what_was_never_on_or_is_off_again_is_left_alone():
    assert left_on(b"text \x1b[31m") == PLAIN
    assert left_on(b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l") == PLAIN
    assert left_on(b"\x1b[?1049h\x1bc") == PLAIN
    assert left_on(b"\x1b[<9999999u\x1b[?99999999h\x1b[?;;h\x1b[?h") == PLAIN


def test_sequences_cut_anywhere():
    data = b"a\x1b[?1049h\x1b[?1000;1002hb"
    for cut in range(len(data)):
        assert left_on(data[:cut], data[cut:]) == left_on(data)
