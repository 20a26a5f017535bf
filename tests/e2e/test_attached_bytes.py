"""The byte road of an attach: on a host, in its tmux and in a container's, looked on, cut off, and many times over."""

import hashlib
import re
import time

import pytest

from tests.e2e.gpuws import COMMAND
from tests.keeper.serving import until
from tests.lab import faults
from tests.terminal import ScreenTerminal

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.usefixtures("scene"), pytest.mark.timeout(400)]
ME = f"p{time.time_ns() % 10**5}"
TARGETS = [f"alpha:{ME}", f"alpha/torch-dev:{ME}", f"bravo:{ME}"]
PASTED = 10 << 20  # bytes
ROUNDS = 20
COLOUR = "printf '\\033[48;2;1;2;3m%s\\033[0m\\n' a-$((6*7))-colour\r"
MOUSE = (
    r"printf '\033[?1000h\033[?1006h'; echo a-$((6*7))-mouse; stty -icanon -echo; dd bs=1 count=9 | od -c; stty sane"
)


@pytest.mark.parametrize("target", TARGETS)
def test_all_that_a_terminal_does_gets_there(gpuws, target):
    argv, env = [COMMAND, "attach", "--new", target], {**gpuws.env, "COLORTERM": "truecolor"}
    with ScreenTerminal(argv, env) as terminal:
        terminal.wait_for("leaves ·")
        terminal.send(COLOUR)
        terminal.wait_for("a-42-colour")
        assert re.search(rb"\x1b\[48[:;]2[:;]+1[:;]2[:;]3m", terminal.raw)
        terminal.resize(90, 30)
        terminal.send("until stty size | grep -qE '^(29|30) 90$'; do sleep 0.1; done; echo a-$((6*7))-sized\r")
        terminal.wait_for("a-42-sized")
        terminal.send("tmux set mouse on\r")
        terminal.send(f"{MOUSE}; echo a-$((6*7))-clicked\r")
        terminal.wait_for("a-42-mouse")
        until(lambda: b"\x1b[?1006h" in terminal.raw, "the mouse to be asked for")
        terminal.send("\x1b[<0;5;5M")
        terminal.wait_for(r"\\?033?\s+\[\s+<\s+0\s+;\s+5\s+;\s+5\s+M")
        terminal.wait_for("a-42-clicked")
        terminal.send("printf '\\033[?1000l\\033[?1006l'; tmux kill-session\r")
        assert terminal.wait_exit(20) == 0
        assert terminal.restored


@pytest.mark.parametrize("target", TARGETS[:2])
def test_ten_megabytes_are_pasted_whole(gpuws, target):
    line = "0123456789abcdef" * 4 + "\r"
    count = PASTED // len(line)
    wanted = hashlib.sha256((line[:-1] + "\n").encode() * count).hexdigest()
    with gpuws.terminal("attach", "--new", target) as terminal:
        terminal.wait_for("leaves ·")
        terminal.send(f"stty -echo; echo a-$((6*7))-ready; head -n {count} | sha256sum; stty echo\r")
        terminal.wait_for("a-42-ready")
        for _ in range(0, count, 1024):
            terminal.send(line * min(1024, count))
            count -= 1024
        terminal.wait_for(wanted, 120)
        terminal.send("tmux kill-session\r")
        assert terminal.wait_exit(20) == 0


def test_many_rounds_leave_nothing(gpuws):
    def left():
        return sum("attach-session" in one.args for one in faults.processes("alpha"))

    gpuws.ok("ps", "alpha")
    before = left()
    for number in range(ROUNDS):
        with gpuws.terminal("attach", ("alpha/torch-dev:main", "alpha/torch-dev")[number % 2]) as terminal:
            terminal.wait_for("leaves ·")
            terminal.press("ctrl+b", "d")
            assert terminal.wait_exit(20) == 0
    until(lambda: left() == before, "the end of all clients", 35)
