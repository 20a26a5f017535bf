"""The backend over the wire: found out on the way where the configuration does not tell, and never after a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from gpuws.link.connect import backends
from gpuws.link.connect.connector import Connector
from gpuws.link.paramiko.ssh import SshLink
from gpuws.link.resolve.backend import LoginNeedsOpenSsh, NeedsOpenSsh
from gpuws.model.errors import AuthFailed, Blocked
from gpuws.model.host.host import Host
from tests.link import sshd
from tests.link.backends.bench import ALIAS, Bench
from tests.link.backends.rows import ROWS
from tests.link.conftest import host_of as any_host
from tests.link.conftest import nobody
from tests.link.odd_server import Rules, odd_server
from tests.link.sshd import Keys, Server

CHACHA = "Ciphers chacha20-poly1305@openssh.com"


class Phases(list[str]):
    def __call__(self, phase: str) -> None:
        self.append(phase)

    @property
    def by_ssh(self) -> list[str]:
        return [phase for phase in self if phase.startswith("by the system's ssh")]


class Kerberos(Rules):
    """Offers Kerberos, and takes no key."""

    methods_offered = "gssapi-with-mic"

    def get_allowed_auths(self, username: str) -> str:
        return self.methods_offered

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.tried.append("publickey")
        return paramiko.AUTH_FAILED


class KeysToo(Kerberos):
    methods_offered = "gssapi-with-mic,publickey"


@pytest.fixture
def chacha(keys: Keys, tmp_path: Path) -> Iterator[Server]:
    """paramiko has not what it has."""
    with sshd.serve(tmp_path / "chacha", keys, CHACHA) as server:
        yield server


@pytest.fixture
def bench(keys: Keys, server: Server, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(tmp_path / "bench", keys, server, stack)


def host_of(server: Server) -> Host:
    return any_host(server, backend="auto")


def no_ticket() -> bool:
    return False


def facts(connector: Connector, host: Host) -> tuple[str, str]:
    link = connector.connect(host, nobody)
    assert isinstance(link, SshLink)
    assert link.run(["true"]).status == 0
    told = link.facts()
    return told.backend, told.why


def test_nothing_speaks_against_paramiko(server: Server, connector: Connector):
    assert facts(connector, host_of(server)) == ("paramiko", "")


@pytest.mark.parametrize("backend", ["paramiko", "openssh"])
def test_either_backend_can_be_forced(server: Server, connector: Connector, backend):
    assert facts(connector, replace(host_of(server), backend=backend)) == (backend, "hosts.yaml says so")


def test_a_server_without_a_common_algorithm_is_reached_by_ssh_and_remembered(chacha: Server, connector: Connector):
    first, second = Phases(), Phases()
    link = connector.connect(host_of(chacha), nobody, first)
    why = "no common cipher: it only has chacha20-poly1305@openssh.com"
    assert link.facts().why == why
    assert first.by_ssh == [f"by the system's ssh: {why}"]
    assert first.index("connecting") < first.index(first.by_ssh[0])
    connector.connect(host_of(chacha), nobody, second)
    assert second[:2] == ["resolving", first.by_ssh[0]]


def test_a_forced_backend_stays_whatever_the_server_has(chacha: Server, connector: Connector):
    with pytest.raises(NeedsOpenSsh, match=r"box: the server and gpuws share no cipher: it only has chacha20"):
        connector.connect(replace(host_of(chacha), backend="paramiko"), nobody)


def test_without_an_ssh_there_is_no_other_backend(chacha: Server, connector: Connector, monkeypatch):
    monkeypatch.setattr(backends, "has_ssh", lambda: False)
    with pytest.raises(NeedsOpenSsh):
        connector.connect(host_of(chacha), nobody)


def test_a_descriptor_can_only_be_taken_by_ssh(server: Server, connector: Connector):
    server.write_config("ProxyCommand false", "ProxyUseFdpass yes")
    with pytest.raises(Blocked, match="ProxyUseFdpass"):
        connector.connect(replace(host_of(server), backend="paramiko"), nobody)


def test_a_jump_host_has_a_backend_of_its_own(server: Server, chacha: Server, connector: Connector, bench: Bench):
    bench.alias(chacha.port, name="gate")
    bench.alias(server.port, "ProxyJump gate")
    assert facts(connector, Host(ALIAS, ssh_config=str(bench.config))) == ("paramiko", "")


def test_what_a_jump_host_lacks_changes_nothing_for_its_guests(server: Server, chacha: Server, bench: Bench):
    bench.alias(chacha.port, name="gate")
    bench.alias(server.port, "ProxyJump gate")
    gate = Host("gate", ssh_config=str(bench.config), backend="paramiko")
    connector, phases = Connector([gate]), Phases()
    with pytest.raises(NeedsOpenSsh, match=r"gate: the server and gpuws share no cipher"):
        connector.connect(Host(ALIAS, ssh_config=str(bench.config)), nobody, phases)
    connector.close()
    assert phases.by_ssh == []


# the login


def kerberos_host(bench: Bench, rules: Rules, *options: str) -> Host:
    port = bench.stack.enter_context(odd_server(rules, str(bench.keys.host)))
    bench.alias(port, "GSSAPIAuthentication yes", *options)
    return Host(ALIAS, ssh_config=str(bench.config))


def test_where_nothing_but_kerberos_is_offered_ssh_tries_it(bench: Bench, connector: Connector, monkeypatch):
    monkeypatch.setattr(backends, "has_ticket", no_ticket)
    phases = Phases()
    with pytest.raises(AuthFailed):  # there is no ticket for ssh either
        connector.connect(kerberos_host(bench, Kerberos([])), nobody, phases)
    assert phases.by_ssh == ["by the system's ssh: the server takes Kerberos, and nothing else could be offered"]


def test_a_refused_login_is_never_tried_again_by_ssh(bench: Bench, connector: Connector, monkeypatch):
    monkeypatch.setattr(backends, "has_ticket", no_ticket)
    phases, rules = Phases(), KeysToo([])
    with pytest.raises(AuthFailed) as refused:
        connector.connect(kerberos_host(bench, rules), nobody, phases)
    assert not isinstance(refused.value, LoginNeedsOpenSsh)
    assert (phases.by_ssh, rules.tried) == ([], ["publickey"])


def test_a_ticket_goes_before_any_key_as_with_ssh(bench: Bench, connector: Connector, tmp_path: Path, monkeypatch):
    """No key has been offered when ssh takes over, which is not told to offer one here."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "klist").write_text('#!/bin/sh\n[ "$*" = -s ]\n')
    (tools / "klist").chmod(0o700)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    phases, rules = Phases(), KeysToo([])
    host = kerberos_host(bench, rules, "PreferredAuthentications publickey,gssapi-with-mic")
    with pytest.raises(AuthFailed):
        connector.connect(host, nobody, phases)
    assert phases.by_ssh == ["by the system's ssh: a Kerberos ticket"]
    assert rules.tried == ["publickey"]  # by ssh


def test_an_option_that_paramiko_lacks_is_the_reason(bench: Bench, connector: Connector):
    (row,) = (row for row in ROWS if row.what == "`KnownHostsCommand`")
    row.build(bench)
    assert facts(connector, Host(ALIAS, ssh_config=str(bench.config))) == ("openssh", "KnownHostsCommand")
