"""A server's words, bounded before anybody sees them."""

from __future__ import annotations

import random

from gpuws.cli.toolkit.tables import columns
from gpuws.model.host.question import SAID_COLUMNS, SAID_ROWS, said


def test_lines_stay_lines_and_what_asks_stays_last():
    duo = "Enter a passcode or select:\r\n\r\n 1. Push to XXX-1234\n 2. SMS\n\nPasscode or option (1-2): "
    assert said("Duo", "", duo) == (
        "Duo", "Enter a passcode or select:", "1. Push to XXX-1234", "2. SMS", "Passcode or option (1-2):",
    )  # fmt: skip
    assert said("", "\x1b[2J\u202e\n", "") == ("[2J",)


def test_however_much_a_server_says_its_frame_stays_small():
    random.seed(3)
    letters = "a b-Zé宽\n\r\t\x1b\x9b\u202e\u2028\U000e0041🙂"
    for length in (0, 1, 70, 500, 9000):
        for _ in range(20):
            parts = ["".join(random.choices(letters, k=length)) for _ in range(3)]
            rows = said(*parts, "last words")
            assert len(rows) <= SAID_ROWS
            assert all(0 < columns(row) <= SAID_COLUMNS and row.isprintable() for row in rows)
            assert rows[-1] == "last words"
