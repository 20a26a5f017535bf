"""The byte road of attach and shell: into tmux of a host and of a container, into a container's shell, looked on, and
many times over."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.attached import KINDS, ME, Kind, gone, left, running
from tests.keeper.serving import until

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.usefixtures("scene"), pytest.mark.timeout(400)]
WRITTEN = {name: kind for name, kind in KINDS.items() if not kind.looks}
LOOKED_ON = {name: kind for name, kind in KINDS.items() if kind.looks}
NEWER_TMUX = {"tmux 3.5a": Kind("bravo", ("attach", f"bravo:{ME}"))}
PASTED = 10 << 20  # bytes
LINE = "0123456789abcdef" * 4 + "\r"
ROUNDS = 200
COLOUR = "printf '\\033[48;2;1;2;3m%s\\033[0m\\n' a-$((6*7))-colour"
COLOURED = re.compile(rb"\x1b\[48[:;]2[:;]+1[:;]2[:;]3m")
SIZED = "echo a-$((6*7))-waits; until stty size | grep -qE '^(29|30) 90$'; do sleep 0.1; done; echo a-$((6*7))-sized"
MOUSE = (
    r"printf '\033[?1000h\033[?1006h'; echo a-$((6*7))-mouse; stty -icanon -echo; dd bs=1 count=9 | od -c; stty sane"
)


@pytest.mark.parametrize("kind", [*WRITTEN.values(), *NEWER_TMUX.values()], ids=[*WRITTEN, *NEWER_TMUX])
def test_all_that_a_terminal_does_gets_there(gpuws, kind):
    with kind.made(gpuws), kind.opened(gpuws) as terminal:
        terminal.send(f"{COLOUR}\r")
        terminal.wait_for("a-42-colour")
        assert COLOURED.search(terminal.raw)
        terminal.send(f"{SIZED}\r")
        terminal.wait_for("a-42-waits")  # bash 5.2 loses a line that is typed while its window changes
        terminal.resize(90, 30)
        terminal.wait_for("a-42-sized")
        if not kind.shell:
            terminal.send("tmux set mouse on\r")
        terminal.send(f"{MOUSE}; echo a-$((6*7))-clicked\r")
        terminal.wait_for("a-42-mouse")
        until(lambda: b"\x1b[?1006h" in terminal.raw, "the mouse to be asked for")
        terminal.send("\x1b[<0;5;5M")
        terminal.wait_for(r"\\?033?\s+\[\s+<\s+0\s+;\s+5\s+;\s+5\s+M")
        terminal.wait_for("a-42-clicked")
        terminal.send("printf '\\033[?1000l\\033[?1006l'; echo a-$((6*7))-off\r")
        terminal.wait_for("a-42-off")  # tmux takes keys of the same millisecond for pasted
        assert kind.leave(terminal) == 0
        assert terminal.restored


@pytest.mark.parametrize("kind", WRITTEN.values(), ids=WRITTEN)
def test_ten_megabytes_are_pasted_whole(gpuws, kind):
    count = PASTED // len(LINE)
    wanted = hashlib.sha256((LINE[:-1] + "\n").encode() * count).hexdigest()
    with kind.made(gpuws), kind.opened(gpuws) as terminal:
        terminal.send(f"stty -echo; echo a-$((6*7))-ready; head -n {count} | sha256sum; stty echo\r")
        terminal.wait_for("a-42-ready")
        paste(terminal)
        terminal.wait_for(wanted, 120)
        assert kind.leave(terminal) == 0


@pytest.mark.parametrize("kind", LOOKED_ON.values(), ids=LOOKED_ON)
def test_who_looks_on_sees_all_and_changes_nothing(gpuws, kind):
    def state():
        asked = ("list-panes", "-t", f"={ME}:", "-F", "#{pane_width}x#{pane_height} #{pane_in_mode} #{mouse_any_flag}")
        return gpuws.ok("exec", kind.place, "--", "tmux", *asked, ";", "capture-pane", "-p", "-t", f"={ME}:")

    with kind.made(gpuws), kind.opened(gpuws, 100, 30) as terminal:
        kind.write(gpuws, terminal, COLOUR)
        terminal.wait_for("a-42-colour")
        assert COLOURED.search(terminal.raw)
        before = state()
        terminal.resize(90, 24)
        terminal.send("\x1b[<0;5;5M\x1b[<0;5;5m\x1b[<64;5;5M")
        paste(terminal)
        terminal.send("exit\r")
        kind.write(gpuws, terminal, "echo a-$((6*7))-after")
        terminal.wait_for("a-42-after", 60)
        assert state().startswith(before.rstrip())
        until(lambda: left(terminal), "its end", 60)  # tmux has still to drop what was pasted, and keys behind it
        assert terminal.wait_exit() == 0
        assert terminal.restored


def test_many_rounds_leave_nothing(gpuws):
    """All kinds at once, a terminal each."""

    def rounds(kind):
        for _ in range(ROUNDS // len(KINDS)):
            with kind.opened(gpuws) as terminal:
                assert kind.leave(terminal) == 0

    with KINDS["host tmux"].made(gpuws), KINDS["container tmux"].made(gpuws):
        before = running()
        with ThreadPoolExecutor(len(KINDS)) as pool:
            list(pool.map(rounds, KINDS.values()))
        gone({one for one in running() if one not in before}, f"{ROUNDS} rounds")


def paste(terminal):
    """PASTED bytes, a screen at a time."""
    for _ in range(PASTED // len(LINE) // 1024):
        terminal.send(LINE * 1024)
    terminal.send(LINE * (PASTED // len(LINE) % 1024))
