"""A real ssh, by the fragment that `gpuws ssh-config` writes, in a container that has no sshd."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.e2e.gpuws import COMMAND
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
NAME = "gpuws.alpha.torch-dev"
ODD = '/tmp/odd dir/ü 100% "it\'s" #1?.d'
EDITOR = f"""\
#!{sys.executable}
# What VS Code's Remote-SSH does with the URI that it is given, up to the shell that would install its server.
import json, re, shlex, socket, subprocess, sys
from urllib.parse import unquote
flag, uri = sys.argv[1:]
assert flag == "--folder-uri"
name, path = re.fullmatch("vscode-remote://ssh-remote[+]([^/?#]+)(/[^?#]*)", uri).groups()
name = json.loads(bytes.fromhex(name))["hostName"] if re.fullmatch("7b(?:[0-9a-f]{{2}})+", name) else name
known = subprocess.run(["ssh", "-G", name], capture_output=True, text=True, check=True).stdout
assert "\\nproxycommand " in known
with socket.create_server(("127.0.0.1", 0)) as free:
    port = str(free.getsockname()[1])
script = ["ssh", "-T", "-D", port, "-o", "ConnectTimeout=30", name, "sh"]
done = subprocess.run(script, input="cd " + shlex.quote(unquote(path)) + " && pwd\\n", text=True)
sys.exit(done.returncode)
"""


class Client:
    """OpenSSH's programs, as a user has them who included the fragment."""

    def __init__(self, gpuws):
        self.user = gpuws
        self.config = gpuws.home / "state" / "gpuws" / "ssh" / "config"

    def write(self):
        return self.user.ok("ssh-config", "--timeout", "30")

    def words(self, program, *args):
        return [program, "-F", str(self.config), *args]

    @contextlib.contextmanager
    def sharing(self):
        """For a while with one connection for all, as `ControlMaster` makes it. Its socket has a short path."""
        with tempfile.TemporaryDirectory(prefix="gpuws-mux-") as directory:
            usual, shared = self.config, self.config.with_name("sharing")
            path = f"ControlPath {directory}/%C"
            shared.write_text(f"Include {usual}\nHost *\n  ControlMaster auto\n  {path}\n  ControlPersist 60\n")
            self.config = shared
            try:
                yield
            finally:
                for socket in Path(directory).iterdir():
                    subprocess.run(["ssh", "-S", str(socket), "-O", "exit", NAME], capture_output=True, check=False)
                self.config = usual

    def run(self, *args, program="ssh", check=True, timeout=60, **more):
        done = subprocess.run(
            self.words(program, *args), env=self.user.env, capture_output=True, timeout=timeout, **more
        )
        assert not check or done.returncode == 0, (args, done)
        return done

    def said(self, *args, **more):
        return self.run(*args, **more).stdout.decode()


@pytest.fixture
def client(gpuws):
    return Client(gpuws)


def logins(host):
    """The connections that its sshd serves."""
    return sorted(one.pid for one in faults.processes(host) if one.args.startswith("sshd: ") and "@" in one.args)


def test_a_container_is_reached_over_the_link_that_the_keeper_holds(client):
    told = dict(line.split() for line in client.write().splitlines())
    assert told[NAME] == "alpha/torch-dev"
    assert "alpha/bert" not in told.values()  # it is bob's
    assert client.run(NAME, "command -v sshd", check=False).returncode == 1
    before = logins("alpha")
    assert client.said(NAME, "pwd; id -u; cat", input=b"given").split() == ["/workspace", "1000", "given"]
    assert client.said(f"root@{NAME}", "id -u").strip() == "0"
    assert client.said("-tt", NAME, "stty size").split() == ["24", "80"]  # from its first moment
    assert client.said("gpuws.charlie", "id -un").strip() == "as1204"  # a host, which may have no engine
    data = os.urandom(3 << 20)
    (client.user.home / "data").write_bytes(data)
    client.run("-p", str(client.user.home / "data"), f"{NAME}:/tmp/data", program="scp")
    assert client.run(NAME, "cat /tmp/data; rm /tmp/data").stdout == data
    desktop = {"PATH": client.user.env["PATH"], "HOME": client.user.env["HOME"]}  # what an editor or cron may have
    subprocess.run(client.words("ssh", NAME, "true"), env=desktop, timeout=60, check=True)
    assert logins("alpha") == before
    refused = client.user.run("ssh-proxy", "alpha/bert", input="")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "it is not yours" in refused.stderr


def test_an_editor_opens_a_directory_of_any_name(client, tmp_path):
    """A stand-in for the editor, and a `~/.ssh/config` that ssh itself looks for in the home that passwd names."""
    programs = tmp_path / "programs"
    programs.mkdir()
    config = tmp_path / "config"
    config.touch()
    for name, text in (("code", EDITOR), ("ssh", f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    env = {**client.user.env, "PATH": f"{programs}:{client.user.env['PATH']}"}

    def code(word):
        return subprocess.run([COMMAND, "code", word], env=env, capture_output=True, text=True, timeout=60, check=False)

    client.user.ok("exec", "alpha/torch-dev", "--", "mkdir", "-p", ODD)
    missing = code(f"alpha/torch-dev:{ODD}")
    assert missing.returncode == 2
    line = f"Include {client.config}"
    assert (
        f"gpuws: ssh does not know {NAME} — put this line before any `Host` of ~/.ssh/config: {line}" in missing.stderr
    )
    config.write_text(f"{line}\nHost *\n  ForwardAgent yes\n")
    opened = code(f"alpha/torch-dev:{ODD}")
    assert (opened.returncode, opened.stdout) == (0, f"{ODD}\n"), opened
    assert code("alpha/torch-dev:nowhere").stderr.startswith(
        "gpuws: there is no directory /workspace/nowhere in alpha/torch-dev"
    )
