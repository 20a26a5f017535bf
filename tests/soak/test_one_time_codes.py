"""Eight hosts behind a bastion that takes each code once, through the installed program: a screen and five commands."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

import pytest

from tests.e2e.gpuws import COMMAND
from tests.keeper.process import User, new_user
from tests.keeper.serving import until
from tests.link import sshd
from tests.link.bastion import Bastion, bastion
from tests.link.sshd import Keys
from tests.terminal import ScreenTerminal

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]
GUESTS = tuple(f"gpu-{number}" for number in range(1, 9))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Bastion, User]]:
    """The bastion before eight servers, and a user who has them all."""
    if reason := sshd.missing():
        pytest.skip(reason)
    keys = Keys(tmp_path)
    home = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home)
        gate = stack.enter_context(bastion(str(keys.host), "111111", "222222"))
        ports = {name: stack.enter_context(sshd.serve(tmp_path / name, keys)).port for name in GUESTS}
        ports = {"gate": gate.port, **ports}
        kind, blob = keys.host.with_suffix(".pub").read_text().split()[:2]
        known, config = tmp_path / "known_hosts", tmp_path / "ssh_config"
        known.write_text("".join(f"[127.0.0.1]:{port} {kind} {blob}\n" for port in ports.values()))
        blocks = [f"Host {name}\n HostName 127.0.0.1\n Port {port}\n" for name, port in ports.items()]
        shared = f" User {sshd.ME}\n IdentityFile {keys.user}\n IdentityAgent none\n UserKnownHostsFile {known}\n"
        config.write_text("".join(blocks) + f"Host *\n{shared} GlobalKnownHostsFile none\n")
        ways = zip(GUESTS, cycle(("paramiko", "openssh")), strict=False)  # whichever they go by
        guests = "".join(f"  {name}: {{jump: gate, backend: {backend}}}\n" for name, backend in ways)
        user = new_user(home / "h", f"ssh_config: {config}\nlocal: false\nhosts:\n  gate: {{}}\n{guests}")
        stack.callback(user.end)
        yield gate, user


def test_one_prompt_for_a_screen_and_five_commands_and_one_key_after_a_cut(place: tuple[Bastion, User]):
    gate, user = place
    with ExitStack() as stack:

        def gpuws(*words: str) -> ScreenTerminal:
            return stack.enter_context(ScreenTerminal([COMMAND, *words], user.env))

        screen = gpuws()
        screen.wait_for("One-time code", 60)
        commands = [gpuws("gpus", "-H", name, "--timeout", "15") for name in ("gate", *GUESTS[:4])]
        asked = until(lambda: [one for one in commands if "One-time code" in one.text], "the prompt in a command", 60)
        assert len(asked) == 1  # of the host that logs in for all; the screen takes keys by now
        screen.send("111111\r")
        for command in commands:
            command.wait_exit(90)
        screen.wait_for(lambda text: "One-time code" not in text)
        assert (gate.accepted, gate.prompts, gate.logins) == (1, 1, 1)

        gate.cut()
        command = gpuws("gpus", "-H", "gpu-1", "--timeout", "15")
        assert "gate: the link was lost" in command.wait_for("Press Enter to log in now", 60)
        command.send("n\r")
        command.wait_exit(60)
        assert (gate.accepted, gate.prompts) == (1, 1)

        command = gpuws("gpus", "-H", "gpu-1", "--timeout", "15")
        command.wait_for("Press Enter to log in now", 60)
        command.send("\r")
        command.wait_for("One-time code", 60)
        screen.wait_for("One-time code", 60)
        command.send("222222\r")
        command.wait_exit(90)
        listed = gpuws("gpus", "--timeout", "15")
        listed.wait_exit(90)
        assert "needs you" not in listed.text
        screen.wait_for(lambda text: "One-time code" not in text)
        assert (gate.accepted, gate.prompts, gate.logins) == (2, 2, 2)
