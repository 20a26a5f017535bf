from __future__ import annotations

import os
import subprocess

import pytest

from gpuws.config.hosts import ssh_aliases
from gpuws.config.hosts.ssh_aliases import read_aliases
from gpuws.model.host.configured import Alias, LeftOut


@pytest.fixture(autouse=True)
def no_system_config(monkeypatch, tmp_path):
    monkeypatch.setattr(ssh_aliases, "SYSTEM_CONFIG", tmp_path / "system/ssh_config")


@pytest.fixture
def ssh(home):
    directory = home / ".ssh"
    directory.mkdir()
    return directory


def names(environ, config=None):
    return [alias.name for alias in read_aliases(config, environ)[0]]


def test_only_names_written_in_full_count(ssh, environ):
    (ssh / "config").write_text(
        "# Host commented\n"
        "host alpha bravo *.lab gpu-? !charlie local -x\n"
        "  HostName 10.0.0.1\n"
        'Host = "delta"\n'
        "HOST=echo   # trailing\n"
        "Match host foxtrot\n"
        "  HostName nobody\n"
        "Host alpha\n"
        "  HostName later\n"
        'Host "unclosed\n'
        "Host $(reboot) a;b\n"
        "Hostname x\n"
    )
    found, left_out = read_aliases(None, environ)
    assert found == (Alias("alpha", "10.0.0.1"), Alias("bravo", "10.0.0.1"), Alias("delta"), Alias("echo"))
    assert left_out == (
        LeftOut("*.lab", "it is a pattern"),
        LeftOut("gpu-?", "it is a pattern"),
        LeftOut("!charlie", "it begins with !, which is a negation"),
        LeftOut("local", "local is this machine here"),
        LeftOut("-x", "it begins with a dash: ssh takes it for an option"),
        LeftOut("$(reboot)", "it holds $ ( ), which ssh refuses in a name"),
        LeftOut("a;b", "it holds ;, which ssh refuses in a name"),
    )


def test_every_name_that_ssh_takes_is_an_alias(ssh, environ):
    """And ssh itself takes each of them, on this machine."""
    (ssh / "config").write_text(
        "Host 办公 work\n  HostName 192.0.2.50\n"
        "Host lab/rack/gpu\n  HostName 192.0.2.5\n"
        'Host "Quoted-Name"\n  HostName 192.0.2.1\n'
        "Host gpu+1\n  HostName 192.0.2.9\n"
        "Host here1 here2\n  HostName ::1\n"
        "Host 2001:db8::10\n  User x\n"
        "Host my_gpu my-gpu my.gpu\n  HostName 192.0.2.12\n"
        "Host ad\n  User me@corp.example\n"
        "Host *\n  Compression yes\n"
    )
    found, left_out = read_aliases(None, environ)
    assert left_out == ()
    assert [one.name for one in found] == [
        *("办公", "work", "lab/rack/gpu", "Quoted-Name", "gpu+1", "here1", "here2", "2001:db8::10"),
        *("my_gpu", "my-gpu", "my.gpu", "ad"),
    ]
    for one in found:
        done = subprocess.run(
            ["ssh", "-G", "-F", ssh / "config", "--", one.name], capture_output=True, check=True, text=True
        )
        assert f"hostname {one.hostname or one.name.lower()}\n" in done.stdout


def test_includes_are_followed_as_ssh_does(ssh, environ, home, tmp_path):
    (ssh / "conf.d").mkdir()
    (ssh / "conf.d/b").write_text("Host b\n")
    (ssh / "conf.d/a").write_text("Host a\nInclude ~/more ${EXTRA}/x nowhere\n")
    (home / "more").write_text("Host m\n")
    (tmp_path / "x").write_text("Host x\n")
    (ssh / "config").write_text("Include conf.d/*\nHost last\n")
    environ["EXTRA"] = str(tmp_path)
    assert names(environ) == ["a", "m", "x", "b", "last"]


def test_circles_end(ssh, environ):
    (ssh / "config").write_text("Host a\nInclude config\nInclude config\n")
    assert names(environ) == ["a"]


def test_the_systems_configuration_counts_unless_a_file_is_named(ssh, environ, tmp_path):
    (tmp_path / "system/ssh_config.d").mkdir(parents=True)
    (tmp_path / "system/ssh_config").write_text("Include ssh_config.d/*.conf\nHost *\n")
    (tmp_path / "system/ssh_config.d/lab.conf").write_text("Host lab1\n")
    (ssh / "config").write_text("Host mine\n")
    assert names(environ) == ["mine", "lab1"]
    (tmp_path / "own").write_text("Host own\nInclude inner\n")
    (ssh / "inner").write_text("Host inner\n")
    assert names(environ, tmp_path / "own") == ["own", "inner"]


def test_what_can_not_be_read_has_no_aliases(ssh, environ):
    assert names(environ) == []
    os.mkfifo(ssh / "config")
    assert names(environ) == []
    (ssh / "config").unlink()
    (ssh / "config").write_bytes(b"Host a\xff b\n\x00Host c\nHost d\n")
    assert names(environ) == ["b", "d"]
