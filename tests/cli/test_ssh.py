"""ssh-config and code on the demo, and what they refuse."""

import pytest

from gpuws.cli.ssh.config import not_led
from gpuws.cli.ssh.proxy import Lookup, exactly
from gpuws.cli.toolkit.options import Options
from gpuws.model.errors import Refused, TargetError
from gpuws.model.query.target import parse, resolve
from gpuws.model.ssh_alias import SshAlias
from tests.factories import container, snapshot


def test_what_is_mine_has_a_name_and_nothing_else_and_the_line_to_add_is_told(gpuws):
    done = gpuws("ssh-config")
    assert done.returncode == 0, done.stderr
    told = dict(line.split() for line in done.stdout.splitlines())
    assert (told["gpuws.alpha"], told["gpuws.alpha.torch-dev"]) == ("alpha", "alpha/torch-dev")
    rows = [line.split()[:2] for line in gpuws("ps", "-a", "--mine").stdout.splitlines()[1:]]
    assert {one for one in told.values() if "/" in one} == {f"{host}/{name}" for host, name in rows if name != "–"}
    assert "put this line before any `Host` of ~/.ssh/config: Include " in done.stderr


def test_the_proxy_has_the_directories_of_who_wrote_its_line(gpuws):
    """An editor that a desktop started has others."""
    done = gpuws("ssh-config", "--dry-run", "alpha", XDG_RUNTIME_DIR="/run/user/1 2", XDG_STATE_HOME="relative")
    assert "  ProxyCommand env 'XDG_RUNTIME_DIR=/run/user/1 2' /" in done.stdout
    assert "XDG_STATE_HOME" not in done.stdout


def test_an_editor_is_told_the_alias_and_a_directory_in_full(gpuws):
    told = gpuws("code", "alpha/torch-dev:src").stdout
    assert told == "code --folder-uri vscode-remote://ssh-remote+gpuws.alpha.torch-dev/workspace/src\n"


def test_what_is_not_mine_or_read_only_is_refused(gpuws):
    theirs = gpuws("code", "bravo/eval")
    assert (theirs.returncode, theirs.stdout) == (5, "")
    assert "bravo/eval has no name for ssh — it is not yours" in theirs.stderr
    assert gpuws("ssh-config", "--readonly").returncode == 5  # it would have left all names out
    assert gpuws("code", "alpha/torch-dev", "--readonly").returncode == 5
    assert gpuws("ssh-proxy", "alpha/torch-dev", "--readonly").returncode == 5


class Fleet:
    """What `snapshots` says next is `there`, on alpha."""

    def __init__(self, *there):
        self.there = there

    def snapshots(self):
        return [snapshot(workspaces=self.there)]


def test_a_connection_follows_the_name_as_long_as_it_is_mine():
    fleet, target = Fleet(container()), parse("alpha/torch-dev")
    look = Lookup(fleet, target, exactly("alpha/torch-dev", resolve(target, fleet.snapshots())), Options())
    fleet.there = (container(id="anew"),)
    assert look().place.workspace == "anew"
    fleet.there = (container(id="theirs", mine=False, owner="bob"),)
    with pytest.raises(Refused):
        look()
    with pytest.raises(Refused):  # nor the next time
        look()
    fleet.there = (container("other", id="torch-dev-and-so-on"),)
    with pytest.raises(TargetError, match="alpha/torch-dev is there no more"):
        look()


@pytest.mark.parametrize("word", ["torch-dev", "/torch-dev", "alpha/beef"])
def test_only_the_whole_of_a_name_leads_anywhere(word):
    """An alias that is left over from a host `torch-dev`, or a container `beef`, leads to no other place."""
    there = snapshot(workspaces=(container(), container("jax", id="beefcafe")))
    with pytest.raises(TargetError, match="is there no more"):
        exactly(word, resolve(parse(word), [there]))


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("echo proxycommand gpuws ssh-proxy alpha/torch-dev", ""),
        ("echo proxycommand gpuws ssh-proxy alpha/torch-dev-2", "ssh does not know gpuws.alpha.torch-dev"),
        ("echo hostname gpuws.alpha.torch-dev", "ssh does not know gpuws.alpha.torch-dev"),
        ("echo 'config: line 3: Bad' >&2; exit 255", "ssh does not read its configuration: config: line 3: Bad"),
        (None, "there is no program ssh here"),
    ],
)
def test_it_is_told_why_ssh_does_not_lead_there(tmp_path, monkeypatch, program, reason):
    monkeypatch.setenv("PATH", str(tmp_path))
    if program is not None:
        (tmp_path / "ssh").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "ssh").chmod(0o755)
    assert not_led(SshAlias("gpuws.alpha.torch-dev", "alpha/torch-dev")) == reason
