"""A configuration that changes while the keeper lives: real files, and hosts where nothing listens."""

import threading
from dataclasses import replace

import pytest

from gpuws.config.hosts.shared_hosts import read_hosts_file
from gpuws.config.paths import find_paths
from gpuws.config.trust.acceptances import Acceptances
from gpuws.fleet.events import HostsChanged
from gpuws.keeper.home import find_home
from gpuws.keeper.server.backend import UserBackend
from gpuws.keeper.wire.messages import Describe
from gpuws.model.errors import GpuwsError, Refused, UsageError
from gpuws.model.host.host import Host, HostState
from gpuws.model.timeline import Subject
from gpuws.model.workspace.workspace import PlaceRef
from tests.keeper.serving import SOON, until

ADDRESS = "{address: '127.0.0.1:1'}"  # refuses connections


@pytest.fixture
def configured(serve, user):
    """A keeper of this user's files, served by this program."""

    def make(*, readonly=False):
        home = find_home(find_paths(None, user.env), readonly=readonly)
        return serve(make=lambda: UserBackend(home, user.env))

    hosts(user, "one")
    return make


def hosts(user, *names, more=""):
    lines = "".join(f"  {name}: {ADDRESS}\n" for name in names)
    (user.config / "hosts.yaml").write_text(f"hosts:\n{lines}local: false\n{more}")


def look(serving, names=None):
    """A program that looks, and what it was told of hosts."""
    client = serving.client(names, start=False)
    told = []
    changed = threading.Event()

    def take(event):
        if isinstance(event, HostsChanged):
            told.append(event.names)
            changed.set()

    client.subscribe(take)
    client.start()
    assert changed.wait(SOON)
    return client, told


def ask(serving):
    return [host.name for host in serving.dialer().ask(Describe()).hosts]


def test_hosts_that_come_and_go_reach_whoever_looks(configured, user):
    serving = configured()
    client, told = look(serving)
    until(lambda: client.snapshots()[0].state is HostState.DOWN, "the failure")
    hosts(user, "one", "two")
    assert ask(serving) == ["one", "two"]
    until(lambda: told[-1] == ("one", "two"), "the new host")
    assert [s.name for s in client.snapshots()] == ["one", "two"]
    until(lambda: client.snapshots()[1].error, "an attempt to connect to it")
    hosts(user, "two")
    ask(serving)
    until(lambda: told[-1] == ("two",), "its end")
    assert [s.name for s in client.snapshots()] == ["two"]
    with pytest.raises(GpuwsError, match="no host 'one'"):
        client.history("one", Subject(), "5m")


def test_what_is_not_looked_at_is_not_connected_to(configured, user):
    serving = configured()
    look(serving, ("one",))
    hosts(user, "one", "two")
    ask(serving)
    two = serving.server.backend.fleet._hosts.find("two")
    assert not two.started


def test_a_host_that_is_reached_in_the_same_way_stays_and_another_way_is_another(configured, user):
    serving = configured()
    look(serving)
    fleet = serving.server.backend.fleet
    before = fleet._hosts.find("one")
    (user.config / "hosts.yaml").write_text("hosts:\n  one: {address: '127.0.0.1:1', tags: [new]}\nlocal: false\n")
    ask(serving)
    assert fleet._hosts.find("one") is before
    assert before.host.tags == ("new",)
    (user.config / "hosts.yaml").write_text("hosts:\n  one: {address: '127.0.0.1:2'}\nlocal: false\n")
    ask(serving)
    assert fleet._hosts.find("one") is not before
    assert fleet._hosts.find("one").started


def test_a_broken_file_is_told_with_every_problem_and_the_old_fleet_goes_on(configured, user):
    serving = configured()
    client, told = look(serving)
    (user.config / "hosts.yaml").write_text("hosts:\n  one: {jmp: x}\n  two: {address: -evil}\n")
    for _ in range(2):
        with pytest.raises(UsageError) as caught:
            ask(serving)
        assert caught.value.message.count("hosts.yaml:") == 2
    assert [s.name for s in client.snapshots()] == ["one"]
    assert client.history("one", Subject(), "5m").series is None
    assert len(told) == 1
    hosts(user, "one", "three")
    assert ask(serving) == ["one", "three"]
    until(lambda: told[-1] == ("one", "three"), "the new host")


def test_files_that_are_the_same_are_not_read_again(configured, user):
    serving = configured()
    _, told = look(serving)
    configuration = serving.server.backend._configuration
    ask(serving)
    assert serving.server.backend._configuration is configuration
    assert len(told) == 1


def test_files_that_come_and_go_are_noticed(configured, user):
    serving = configured()
    ask(serving)
    (user.config / "config.yaml").write_text("keeper: {idle: 90s}\n")
    ask(serving)
    assert serving.server.backend.keeping.idle == 90
    (user.config / "config.yaml").unlink()
    ask(serving)
    assert serving.server.backend.keeping.idle == 600


def test_added_hosts_are_there_for_everybody(configured, user):
    (user.home / "ssh_config").write_text("Host fresh\n  HostName 127.0.0.1\n  Port 1\n")
    serving = configured()
    hosts(user, "one", more=f"ssh_config: {user.home}/ssh_config\n")
    client, _ = look(serving)
    other, _ = look(serving)
    assert "fresh" in [alias.name for alias in client.configured().aliases]
    client.add_hosts(["fresh"])
    until(lambda: [s.name for s in other.snapshots()] == ["one", "fresh"], "the new host")
    assert ask(serving) == ["one", "fresh"]
    until(lambda: other.snapshots()[1].error, "an attempt to connect to it")


def test_a_host_that_is_changed_or_removed_here_is_so_for_everybody(configured, user):
    serving = configured()
    hosts(user, "one", "two")
    client, told = look(serving)
    until(lambda: told and told[-1] == ("one", "two"), "both hosts")
    two = next(one.host for one in client.configured().hosts if one.host.name == "two")
    client.save_host(replace(two, name="three", jump="one"), "two")
    until(lambda: told[-1] == ("one", "three"), "its new name")
    client.remove_host("three")
    until(lambda: told[-1] == ("one",), "its end")
    assert ask(serving) == ["one"]
    assert client.addresses(["one"])[0].endswith("@127.0.0.1:1")


def test_a_host_that_is_tried_is_in_nobodys_list(configured, user):
    serving = configured()
    client, _ = look(serving)
    steps = []
    found = client.try_host(Host("new", hostname="127.0.0.1", port=1), None, steps.append, threading.Event())
    assert (found.state, found.error) == (HostState.DOWN, "127.0.0.1 port 1 refuses connections")
    assert "connecting" in [step.phase for step in steps]
    assert ask(serving) == ["one"]
    with pytest.raises(UsageError, match="one is configured already"):
        client.try_host(Host("one", hostname="127.0.0.1", port=1), None, steps.append, threading.Event())


def test_a_readonly_keeper_changes_nothing(configured, user):
    serving = configured(readonly=True)
    client, _ = look(serving)
    until(lambda: client.snapshots()[0].readonly, "read-only hosts")
    assert all(host.readonly for host in serving.dialer().ask(Describe()).hosts)
    with pytest.raises(Refused, match="read-only"):
        client.run(PlaceRef("one"), ["true"])
    client.save_host(Host("two", hostname="127.0.0.1", port=1), None)
    until(lambda: [s.readonly for s in client.snapshots()] == [True, True], "a new host that is read-only, too")


def test_a_shared_file_counts_from_its_acceptance_on_and_as_it_was_then(configured, user):
    theirs = user.config.parent / "lab.yaml"
    theirs.write_text("hosts: {theirs: {address: '127.0.0.1:1'}}\n")
    (user.config / "config.yaml").write_text(f"hosts_files: [{theirs}]\n")
    serving = configured()
    assert ask(serving) == ["one"]
    (note,) = serving.dialer().ask(Describe()).notes
    assert f"gpuws trust {theirs}" in note
    Acceptances(find_paths(None, user.env).accepted_dir, user.env).keep(read_hosts_file(theirs, user.env))
    assert ask(serving) == ["theirs", "one"]
    theirs.write_text("hosts: {theirs: {address: '127.0.0.1:2'}}\n")
    assert serving.dialer().ask(Describe()).hosts[0].port == 1
    (note,) = serving.dialer().ask(Describe()).notes
    assert "stays in use" in note


def test_the_log_of_what_runs_is_switched_as_the_configuration_says(configured, user):
    serving = configured()
    log = find_paths(None, user.env).command_log
    look(serving, ["one"])
    until(log.exists)
    assert '"means":"login"' in log.read_text()
    (user.config / "config.yaml").write_text("command_log: false\n")
    ask(serving)
    assert not serving.server.backend._log.on
