"""The first five minutes of somebody who has an SSH configuration and a colleague's profile, by keys that the screen
shows. (No built-in one: the lab's engines can't raise limits as those do.)

Six aliases, one of which leads to a host that lives: ticked, its key confirmed, a workspace launched on a free GPU,
entered, its notebook opened in the browser, stopped. A key that stands nowhere on the screen is not pressed."""

import html
import re
import time
import urllib.request

import pytest

from tests.e2e.gpuws import COMMAND, PROFILE, Gpuws, users
from tests.lab import docker_api
from tests.terminal import ScreenTerminal

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
HOST, NAME = "alpha", "lab-alice"
SIGNS = {"⏎": "enter"}
MOST_KEYS, MOST_SECONDS = 60, 40.0


class Newcomer:
    """Presses what the screen shows, and counts."""

    def __init__(self, screen: ScreenTerminal) -> None:
        self.screen, self.keys, self.began, self.marks = screen, 0, time.monotonic(), []

    def press(self, key: str, word: str) -> None:
        """`key` as the screen names it, right before the `word` that says what it does."""
        shown = rf"(^|[\s│]){re.escape(key)}\s{{1,2}}{word}"
        self.screen.wait_for(lambda text: re.search(shown, text, re.MULTILINE) is not None)
        self.keys += 1
        self.screen.press(SIGNS.get(key, key))

    def type(self, words: str) -> None:
        self.keys += len(words)
        self.screen.send(words)

    def reached(self, what: str) -> None:
        self.marks.append(f"{what}: {self.keys} keys, {time.monotonic() - self.began:.1f} s")


@pytest.fixture
def home(tmp_path, lab):
    """Empty but for the two. What `ssh -G` reads is in the home that the user's account names: here
    an `ssh` before the real one leads it to this one."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / "run").mkdir(mode=0o700)
    alive = lab.hosts[HOST]
    dead = "".join(f"Host gone-{n}\n  HostName 127.0.0.19\n  Port 2022\n" for n in range(5))
    key = lab.state_dir / "keys" / f"{alive.user}_ed25519"
    living = (
        f"Host {HOST}\n  HostName {alive.address}\n  Port {alive.port}\n  User {alive.user}\n  IdentityFile {key}\n"
    )
    known = f"Host *\n  IdentitiesOnly yes\n  UserKnownHostsFile {home}/.ssh/known_hosts\n"
    (home / ".ssh/config").write_text(f"{dead}{living}{known}  GlobalKnownHostsFile /dev/null\n")
    (home / ".config/gpuws/profiles").mkdir(parents=True)
    (home / ".config/gpuws/profiles/lab.yaml").write_text(PROFILE)
    program(home / "bin/ssh", f'exec /usr/bin/ssh -F "{home}/.ssh/config" "$@"')
    program(home / "bin/browser", f'cp "${{1#file://}}" "{home}/opened"')
    return home


def program(path, line):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


@pytest.fixture
def screen(home):
    user = Gpuws(home, home / ".config/gpuws")
    users.append(user)
    env = user.env | {"PATH": f"{home}/bin:{user.env['PATH']}", "BROWSER": f"{home}/bin/browser %s"}
    del env["GPUWS_CONFIG_DIR"]
    with ScreenTerminal([COMMAND], env, columns=80, rows=24) as screen:
        yield screen
    user.run("rm", "-f", "--yes", f"{HOST}/{NAME}")


def state():
    found = docker_api.call(HOST, "GET", f"/containers/{NAME}/json")
    return found["State"]["Status"] if found else None


def opened(home):
    """The address that the browser was given."""
    deadline = time.monotonic() + 20
    while not (home / "opened").exists():
        assert time.monotonic() < deadline, "no browser was opened"
        time.sleep(0.05)
    return html.unescape(re.search(r"url=([^\"]+)", (home / "opened").read_text())[1])


def test_from_nothing_to_a_notebook_by_what_the_screen_says(screen, home):
    me = Newcomer(screen)

    # a host of one's own
    screen.wait_for("6 hosts in your SSH configuration")
    me.press("a", "all or none")
    screen.wait_for(lambda text: "☑" not in text)
    me.press("/", "filter")
    me.type(HOST)
    screen.wait_for(lambda text: "gone-1" not in text)
    me.press("⏎", "keeps it")
    me.press("space", "tick")
    screen.wait_for(f"☑ {HOST}")
    me.press("⏎", "add")
    screen.wait_for("SHA256:")
    me.press("y", "yes")
    screen.wait_for("A100")
    screen.wait_for(r"3 .*free")
    me.reached("first GPU of an own host")

    # a workspace
    me.press("/", "filter")
    me.type("free")
    me.press("⏎", "keeps it")
    me.press("n", "launch")
    screen.wait_for("ready")
    me.press("⏎", "choose")
    me.type("lab")
    me.press("⏎", "choose")
    screen.wait_for(rf"{NAME} on(.|\n)*ready")
    me.press("ctrl+l", "launch")
    screen.wait_for(lambda _: state() == "running", timeout=30)
    me.press("a", f"enter {NAME}")
    me.reached("launched")
    screen.wait_for(r"\[main\]")
    assert b"detach with ctrl-b d" in screen.raw
    me.keys += 2
    screen.press("ctrl+b", "d")
    me.reached("attached and back")

    # its notebook: what is free was looked for, and this is not any more
    me.press("/", "filter")
    me.type(NAME)
    me.press("⏎", "keeps it")
    me.press("o", "notebook")
    with urllib.request.urlopen(opened(home), timeout=20) as reply:
        assert reply.status == 200
    me.reached("notebook")

    # its end
    me.press("S", "stop")
    screen.wait_for(f"Stop {NAME} on {HOST}")
    me.press("y", "yes")
    screen.wait_for(lambda _: state() == "exited", timeout=30)
    me.reached("stopped")
    print("\n".join(me.marks))
    assert me.keys <= MOST_KEYS
    assert time.monotonic() - me.began < MOST_SECONDS
