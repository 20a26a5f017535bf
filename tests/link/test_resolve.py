"""What `ssh -G` says and what it leaves to us."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gpuws.link.resolve import destination, remembered, resolve
from gpuws.link.resolve.options import parse
from gpuws.link.resolve.resolve import DEFAULT_KEYS
from gpuws.link.resolve.tokens import LocalUser, tokens
from gpuws.model.errors import UsageError
from gpuws.model.host.host import Host
from tests.link import sshd


@pytest.fixture(autouse=True)
def _needs_ssh(keys):
    assert sshd.missing() is None


def resolved(tmp_path: Path, config: str, host: Host | None = None, **fields):
    path = tmp_path / "ssh_config"
    path.write_text(config)
    base = host or Host("bravo", **fields)
    return resolve.resolve(Host(**{**{f: getattr(base, f) for f in base.__slots__}, "ssh_config": str(path)}))


def test_an_alias(tmp_path: Path):
    got = resolved(
        tmp_path,
        "Host bravo\n HostName b.example\n User alice\n Port 2222\n IdentityFile ~/.ssh/lab_%r_%h\n"
        " ProxyJump a,c@d:7\n IdentitiesOnly yes\n StrictHostKeyChecking accept-new\n HostKeyAlias bb\n"
        " ConnectTimeout 3\n HashKnownHosts yes\n UserKnownHostsFile ~/kh1 %d/kh_%n\n"
        " PreferredAuthentications password,publickey\n PasswordAuthentication no\n",
    )
    home = str(Path.home())
    assert (got.hostname, got.user, got.port, got.address) == ("b.example", "alice", 2222, "alice@b.example:2222")
    assert got.identity_files == (f"{home}/.ssh/lab_alice_b.example",)
    assert got.configured_keys
    assert got.jumps == ("a", "c@d:7")
    assert (got.identities_only, got.strict, got.host_key_alias) == (True, "accept-new", "bb")
    assert (got.connect_timeout, got.hash_known_hosts) == (3.0, True)
    assert got.known_hosts_files == (f"{home}/kh1", f"{home}/kh_bravo")
    assert got.methods == ("publickey",)


def test_what_the_host_itself_says_wins(tmp_path: Path):
    got = resolved(
        tmp_path,
        "Host *\n User bob\n Port 1\n ProxyCommand nc %h %p\n IdentityFile /from/config\n",
        hostname="10.0.0.9",
        user="alice",
        port=2222,
        identity_file="~/lab key",
        jump="gate",
        ssh_options={"ConnectTimeout": "2", "LocalCommand": "rm -rf /", "ForwardAgent": "yes"},
    )
    assert (got.name, got.typed, got.address) == ("bravo", "10.0.0.9", "alice@10.0.0.9:2222")
    assert got.identity_files[0] == f"{Path.home()}/lab key"
    assert got.jumps == ("gate",)
    assert got.proxy_command == ""
    assert got.connect_timeout == 2.0


def test_include_and_match_are_sshs_own(tmp_path: Path):
    (tmp_path / "more").write_text("Host bravo\n User included\n")
    got = resolved(tmp_path, f"Include {tmp_path}/more\nMatch host other\n User wrong\nMatch exec false\n Port 99\n")
    assert (got.user, got.port) == ("included", 22)


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("connect ${GATE} %h %p %r %n %%x", "connect ${GATE} h 22 u bravo %x"),
        ("sh -c 'd=%h; exec nc ${d} %p'", "sh -c 'd=h; exec nc ${d} 22'"),
        ("nc ${HOME:+%h} %p", "nc ${HOME:+h} 22"),
        ('ssh -q $(echo "${USER_THERE:-%r}")@gate -W %h:%p', 'ssh -q $(echo "${USER_THERE:-u}")@gate -W h:22'),
    ],
)
def test_of_a_proxy_command_the_tokens_are_ours_and_the_rest_is_the_shells(tmp_path: Path, written: str, run: str):
    got = resolved(tmp_path, f"Host bravo\n HostName h\n User u\n ProxyCommand {written}\n")
    assert got.proxy_command == run


def test_a_token_that_ssh_does_not_know_is_told(tmp_path: Path):
    with pytest.raises(UsageError, match="uses %Z, which has no value here"):
        resolved(tmp_path, "Host bravo\n ProxyCommand nc %Z\n")


def test_a_variable_that_is_not_set_is_told(tmp_path: Path):
    with pytest.raises(UsageError, match=r"\$\{NO_SUCH_VARIABLE\}|NO_SUCH_VARIABLE"):
        resolved(tmp_path, "Host bravo\n CertificateFile ${NO_SUCH_VARIABLE}\n")


def test_several_files_of_known_hosts_with_blanks_and_quotes(tmp_path: Path):
    written = r'"~/my keys/known hosts" "%d/b" /x/quo\"te\ d "/x/it\'s" /dev/null'
    got = resolved(tmp_path, f"Host bravo\n UserKnownHostsFile {written}\n GlobalKnownHostsFile none\n")
    home = str(Path.home())
    assert got.known_hosts_files == (f"{home}/my keys/known hosts", f"{home}/b", '/x/quo"te d', "/x/it's")
    assert got.global_known_hosts_files == ()


def test_none_is_nothing(tmp_path: Path):
    got = resolved(
        tmp_path,
        "Host bravo\n ProxyJump none\n ProxyCommand none\n IdentityFile none\n IdentityAgent none\n"
        " UserKnownHostsFile none\n GlobalKnownHostsFile /dev/null\n",
    )
    assert (got.jumps, got.proxy_command, got.identity_files, got.agent) == ((), "", (), None)
    assert (got.known_hosts_files, got.global_known_hosts_files) == ((), ())


@pytest.mark.parametrize(
    ("written", "expected"),
    [("SSH_AUTH_SOCK", "/from/env"), ("$OTHER", "/from/other"), ("~/agent", f"{Path.home()}/agent"), ("%d/a", None)],
)
def test_identity_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, expected: str | None):
    monkeypatch.setenv("SSH_AUTH_SOCK", "/from/env")
    monkeypatch.setenv("OTHER", "/from/other")
    got = resolved(tmp_path, f"Host bravo\n IdentityAgent {written}\n")
    assert got.agent == (expected or f"{Path.home()}/a")


def test_strict_no_means_ask(tmp_path: Path):
    assert resolved(tmp_path, "Host bravo\n StrictHostKeyChecking no\n").strict == "ask"
    assert resolved(tmp_path, "Host bravo\n StrictHostKeyChecking yes\n").strict == "yes"


def test_what_is_allowed_is_sshs_word(tmp_path: Path):
    got = resolved(
        tmp_path,
        "Host bravo\n Ciphers aes256-ctr,chacha20-poly1305@openssh.com\n MACs hmac-sha2-512\n RequiredRSASize 3072\n"
        " RevokedHostKeys ~/gone\n CASignatureAlgorithms -rsa-sha2-*\n",
        ssh_options={"BatchMode": "yes"},
    )
    assert got.policy.ciphers == ("aes256-ctr", "chacha20-poly1305@openssh.com")
    assert (got.policy.macs, got.policy.rsa_size) == (("hmac-sha2-512",), 3072)
    assert got.policy.revoked_files == (f"{Path.home()}/gone",)
    assert not [name for name in got.policy.authority_signatures if "rsa" in name]
    assert (got.policy.silent, got.methods) == (True, ("publickey",))
    assert "rsa-sha2-512" in got.policy.user_keys


def test_a_bad_configuration_is_quoted(tmp_path: Path):
    with pytest.raises(
        UsageError, match=r"ssh does not accept its configuration: .*line 2: Bad configuration option: bogus"
    ):
        resolved(tmp_path, "Host bravo\n Bogus yes\n")


def test_a_configuration_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resolve, "TIMEOUT", 0.3)
    begin = time.monotonic()
    with pytest.raises(UsageError, match=r"ssh did not end within 0\.3 s"):
        resolved(tmp_path, 'Match exec "sleep 20"\n User x\n')
    assert time.monotonic() - begin < 3


def test_without_ssh_only_the_host_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    got = resolve.resolve(Host("bravo", hostname="h", user="alice", port=7, jump="gate", identity_file="~/k"))
    assert (got.address, got.jumps) == ("alice@h:7", ("gate",))
    assert got.identity_files == (f"{Path.home()}/k", *(f"{Path.home()}{key[1:]}" for key in DEFAULT_KEYS))
    assert got.known_hosts_files[0] == f"{Path.home()}/.ssh/known_hosts"
    assert "no ssh program" in got.note


@pytest.mark.parametrize("options", [{"Port": "22\nHost x"}, {"-F": "x"}, {"Port 22 ": "1"}, {"": "x"}])
def test_options_that_are_none(options: dict[str, str]):
    with pytest.raises(UsageError, match="not an OpenSSH option"):
        resolve.resolve(Host("bravo", ssh_options=options))


def test_tokens():
    me = LocalUser("alice", 1000, "/home/alice", "ws.example")
    fill = tokens(me, {"V": "1"}, typed="b", hostname="b.lab", port=22, user="al", alias="", jump="j")
    assert fill.expand("%u %i %l %L %k %j %h%%${V}") == "alice 1000 ws.example ws b j b.lab%1"
    assert len(fill.expand("%C")) == 40
    assert fill.path("~/x") == "/home/alice/x"
    assert fill.path("~bob") == "~bob"
    with pytest.raises(UsageError):
        fill.expand("%Z")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("h", ("h", None, None)),
        ("u@h", ("h", "u", None)),
        ("u@h:22", ("h", "u", 22)),
        ("[::1]:7", ("::1", None, 7)),
        ("::1", ("::1", None, None)),
        ("ssh://u@h:3/", ("h", "u", 3)),
        ("a@b@h", ("h", "a@b", None)),
    ],
)
def test_destinations(written: str, expected: tuple[str, str | None, int | None]):
    got = destination.parse(written)
    assert (got.host, got.user, got.port) == expected


@pytest.mark.parametrize("written", ["", "-h", "h:0", "h:x", "h:99999", "u@", "-u@h", "h h", "$(x)", "u;x@h", "[::1"])
def test_what_is_no_destination(written: str):
    with pytest.raises(UsageError):
        destination.parse(written)


def test_environment_of_send_env_and_set_env():
    options = parse("sendenv LANG\nsendenv LC_* X?\nsetenv A=b c\nsetenv B=1")
    here = {"LANG": "C", "LC_ALL": "en", "XY": "1", "XYZ": "2", "PATH": os.defpath}
    assert dict(options.environment(here)) == {"LANG": "C", "LC_ALL": "en", "XY": "1", "A": "b c", "B": "1"}


def test_what_ssh_said_is_believed_for_a_while_where_it_is_tried_again(monkeypatch):
    asked = []
    monkeypatch.setattr(remembered, "resolve", lambda host: asked.append(host) or resolve.resolve(host))
    known, host = remembered.Remembered(), Host("box")
    first = known.resolve(host, again=True)
    assert known.resolve(host, again=True) is first
    assert len(asked) == 1
    known.resolve(host, again=False)
    known.resolve(Host("box", port=2222), again=True)  # configured anew meanwhile
    assert len(asked) == 3
    known.forget()
    known.resolve(Host("box", port=2222), again=True)
    assert len(asked) == 4
    monkeypatch.setattr(remembered, "HOLDS", 0.0)
    known.resolve(Host("box", port=2222), again=True)
    assert len(asked) == 5
