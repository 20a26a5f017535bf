import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gpuws.model.ssh_alias import SshAlias
from gpuws.present.ssh_config import HOST_KEY_ALIAS, Means, fragment
from gpuws.sshserver.host_key import known_hosts_line, made_key

NAME = "gpuws.alpha.torch-dev"
ROOT = Path(__file__).parent.parent.parent


class Ssh:
    """A real OpenSSH client with the fragment as its only configuration, and one connection for all that it does."""

    def __init__(self, home, **env):
        self.home = home
        key = made_key(home / "host_key")
        (home / "known_hosts").write_text(known_hosts_line(HOST_KEY_ALIAS, key))
        settings = [f"PYTHONPATH={ROOT}", *(f"{name}={value}" for name, value in env.items())]
        alone = ["/usr/bin/env", "-u", "DISPLAY", "-u", "SSH_AUTH_SOCK", *settings]
        starts = [*alone, sys.executable, "-m", "tests.sshserver.machine", str(home / "host_key"), "--"]
        means = Means(starts, str(home / "config"), str(home / "known_hosts"))
        sharing = f"Host *\n  ControlMaster auto\n  ControlPath {home}/mux\n  ControlPersist 60\n  SendEnv LC_* EVIL\n"
        (home / "config").write_text(fragment([SshAlias(NAME, "alpha/torch-dev")], means) + sharing)

    def words(self, program, *args):
        return [program, "-F", str(self.home / "config"), *args]

    def run(self, *args, program="ssh", input=None, timeout=30, check=True, **env):  # noqa: A002
        words = self.words(program, *args)
        done = subprocess.run(words, input=input, capture_output=True, timeout=timeout, env={**os.environ, **env})
        assert not check or done.returncode == 0, (words, done)
        return done

    def close(self):
        subprocess.run(self.words("ssh", "-O", "exit", NAME), capture_output=True, timeout=10)


@pytest.fixture(scope="module")
def ssh(tmp_path_factory):
    if not shutil.which("ssh"):
        pytest.skip("there is no ssh here")
    client = Ssh(tmp_path_factory.mktemp("s"))
    yield client
    client.close()
