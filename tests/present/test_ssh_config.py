"""The fragment as a real ssh reads it."""

import shutil
import subprocess

import pytest

from gpuws.model.errors import UsageError
from gpuws.model.ssh_alias import SshAlias
from gpuws.present.editor_words import editor_words
from gpuws.present.ssh_config import Means, fragment, quoted, written

FOUND = (SshAlias("gpuws.alpha", "alpha"), SshAlias("gpuws.alpha.torch-dev", "alpha/torch-dev"))
OTHERS = """\
Host *
  User somebody
  ProxyJump bastion
  ForwardAgent yes
  Compression yes
  ProxyUseFdpass yes
  CanonicalizeHostname always
  KexAlgorithms sntrup761x25519-sha512@openssh.com
"""
"""Of a user, for all hosts."""
MEANS = Means(["/opt/my tools/100%/gpuws"], "/state dir/ssh/config", "/state dir/50%/known_hosts")


def test_what_was_written_is_read_again():
    assert written(fragment(FOUND, MEANS)) == FOUND
    assert written("") == written("Host gpuws.x\n  HostName evil\n") == ()


@pytest.mark.skipif(not shutil.which("ssh"), reason="there is no ssh here")
def test_ssh_means_by_it_what_we_do(tmp_path):
    mine = tmp_path / "config"
    (tmp_path / "fragment").write_text(fragment(FOUND, MEANS))
    mine.write_text(f"Include {quoted(str(tmp_path / 'fragment'))}\n{OTHERS}")
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
    assert {"forwardagent no", "compression no", "proxyusefdpass no", "canonicalizehostname false"} <= set(lines)
    kex = next(line for line in lines if line.startswith("kexalgorithms"))
    assert "curve25519-sha256" in kex
    gone = subprocess.run(["ssh", "-F", mine, "gpuws.alpha.gone"], capture_output=True, text=True, check=False)
    assert "gpuws: no host or workspace has this name; gpuws ssh-config writes them anew\n" in gone.stderr
    other = subprocess.run(["ssh", "-F", mine, "-G", "alpha"], capture_output=True, text=True, check=True)
    assert "user somebody" in other.stdout


@pytest.mark.parametrize(
    ("editor", "directory", "words"),
    [
        ("code", "/w/v1.2", ["code", "--folder-uri", "vscode-remote://ssh-remote+g.a/w/v1.2"]),
        ("'/my apps/cursor' -n", "/w", ["/my apps/cursor", "-n", "--folder-uri", "vscode-remote://ssh-remote+g.a/w"]),
        ("code", "/a b/ü/100%/#?\"'", ["code", "--folder-uri",
         "vscode-remote://ssh-remote+g.a/a%20b/%C3%BC/100%25/%23%3F%22%27"]),
        ("zed ssh://{alias}{dir}", "/a b", ["zed", "ssh://g.a/a%20b"]),
        ("emacs /ssh:{alias}:{dir}", "/a b", ["emacs", "/ssh:g.a:/a b"]),
    ],
)  # fmt: skip
def test_an_editor_is_told_a_directory(editor, directory, words):
    assert editor_words(editor, "g.a", directory) == words


def test_an_editor_that_folds_case_is_told_the_name_in_hex():
    told = editor_words("code", "gpuws.A", "/w")[-1]
    coded = told.removeprefix("vscode-remote://ssh-remote+").removesuffix("/w")
    assert bytes.fromhex(coded) == b'{"hostName":"gpuws.A"}'


@pytest.mark.parametrize("nonsense", ["  ", "code '"])
def test_an_editor_that_is_no_command(nonsense):
    with pytest.raises(UsageError):
        editor_words(nonsense, "g", "/")
