"""The fragment as a real ssh reads it."""

import shutil
import subprocess

import pytest

from gpuws.model.errors import UsageError
from gpuws.model.ssh_alias import SshAlias
from gpuws.present.editor_words import editor_words
from gpuws.present.ssh_config import Means, fragment, quoted, written

FOUND = (SshAlias("gpuws.alpha", "alpha"), SshAlias("gpuws.alpha.torch-dev", "alpha/torch-dev"))
MEANS = Means(["/opt/my tools/100%/gpuws"], "/state dir/ssh/config", "/state dir/50%/known_hosts")


def test_what_was_written_is_read_again():
    assert written(fragment(FOUND, MEANS)) == FOUND
    assert written("") == written("Host gpuws.x\n  HostName evil\n") == ()


@pytest.mark.skipif(not shutil.which("ssh"), reason="there is no ssh here")
def test_ssh_means_by_it_what_we_do(tmp_path):
    mine = tmp_path / "config"
    (tmp_path / "fragment").write_text(fragment(FOUND, MEANS))
    mine.write_text(f"Include {quoted(str(tmp_path / 'fragment'))}\nHost *\n  User somebody\n  ProxyJump bastion\n")
    told = subprocess.run(
        ["ssh", "-F", mine, "-G", "gpuws.alpha.torch-dev"], capture_output=True, text=True, check=True
    )
    lines = told.stdout.splitlines()
    assert "proxycommand '/opt/my tools/100%%/gpuws' ssh-proxy alpha/torch-dev" in lines
    assert "user gpuws" in lines
    assert "hostkeyalias gpuws" in lines
    assert "userknownhostsfile /state dir/50%/known_hosts" in lines or (
        'userknownhostsfile "/state dir/50%/known_hosts"' in lines
    )
    assert "stricthostkeychecking true" in lines
    assert not [line for line in lines if line.startswith("proxyjump")]
    other = subprocess.run(["ssh", "-F", mine, "-G", "alpha"], capture_output=True, text=True, check=True)
    assert "user somebody" in other.stdout


def test_editors():
    assert editor_words("code", "gpuws.a.b", "/w") == ["code", "--remote", "ssh-remote+gpuws.a.b", "/w"]
    assert editor_words("'/my apps/cursor' -n", "g", "/w") == [
        "/my apps/cursor",
        "-n",
        "--remote",
        "ssh-remote+g",
        "/w",
    ]
    assert editor_words("zed ssh://{alias}{dir}", "g", "/a b") == ["zed", "ssh://g/a b"]
    for nonsense in ("  ", "code '"):
        with pytest.raises(UsageError):
            editor_words(nonsense, "g", "/")
