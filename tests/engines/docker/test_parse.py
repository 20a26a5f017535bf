from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.engines.docker.existing.condition import Condition, condition
from gpuws.engines.docker.existing.parse import container, name_of, ports_of, version_key
from gpuws.model.workspace.workspace import Port
from tests.engines.docker.test_gpus import JSON

LISTED = {
    "Id": "ab" * 32,
    "Names": ["/other/alias", "/torch-dev"],
    "Image": "sha256:aaaa",
    "Created": 1700000000,
    "State": "running",
    "Status": "Up 2 hours",
    "Labels": {"gpuws.owner": "alice", "gpuws.profile": "pytorch", "note": "\x1b[31mred"},
    "Mounts": [{"Type": "bind", "Source": "/home/bob/work"}, {"Type": "volume", "Source": "/var/lib/docker/x"}],
    "Ports": [
        {"IP": "127.0.0.1", "PrivatePort": 6006, "PublicPort": 16006, "Type": "tcp"},
        {"PrivatePort": 8888, "Type": "tcp"},
        {"PrivatePort": 53, "Type": "udp"},
    ],
}
INSPECTED = {
    "Config": {"Image": "pytorch:2.8", "Env": []},
    "HostConfig": {"Memory": 1 << 30, "DeviceRequests": [{"DeviceIDs": ["GPU-a"], "Capabilities": [["gpu"]]}]},
    "State": {"Status": "running"},
}


def test_a_running_container():
    one = container("alpha", LISTED, INSPECTED)
    assert one is not None
    assert (one.host, one.name, one.oci.image, one.status) == ("alpha", "torch-dev", "pytorch:2.8", "running")
    assert (one.owner, one.owner_is_label, one.profile, one.created) == ("alice", True, "pytorch", 1.7e9)
    assert (one.gpus, one.memory_limit, one.reason) == (("GPU-a",), 1 << 30, None)
    assert one.oci.ports == (Port(6006, "127.0.0.1", 16006), Port(8888))
    assert one.oci.mounts == ("/home/bob/work",)
    assert one.labels["note"] == "[31mred"


def test_without_details_the_row_must_do():
    one = container("alpha", LISTED, {})
    assert one is not None
    assert (one.name, one.gpus, one.memory_limit) == ("torch-dev", (), None)


def test_without_a_label_the_mounted_home_tells_the_owner():
    one = container("alpha", {**LISTED, "Labels": None}, INSPECTED)
    assert one is not None
    assert (one.owner, one.owner_is_label) == ("bob", False)


@pytest.mark.parametrize(
    ("state", "told", "reason", "failed"),
    [
        ("exited", {"ExitCode": 0}, "exited 0", False),
        ("exited", {"ExitCode": 1}, "exited 1", True),
        ("exited", {"ExitCode": 137}, "exited 137, SIGKILL", True),
        ("exited", {"ExitCode": 137, "OOMKilled": True}, "exited 137, out of memory", True),
        ("exited", {"ExitCode": 143}, "stopped, exited 143", False),
        ("exited", {"ExitCode": 143, "OOMKilled": True}, "stopped, exited 143, memory ran out in it before", False),
        ("exited", {"ExitCode": 0, "OOMKilled": True}, "exited 0", False),
        ("exited", {"ExitCode": 1, "OOMKilled": True}, "exited 1, memory ran out in it before", True),
        ("exited", {"ExitCode": 139, "OOMKilled": True}, "exited 139, SIGSEGV, memory ran out in it before", True),
        ("stopped", {"ExitCode": 143}, "stopped, exited 143", False),
        ("stopped", {"ExitCode": 3}, "exited 3", True),
        ("created", {"ExitCode": 127, "Error": "no\nsuch file"}, "no such file", True),
        ("dead", {}, None, True),
        ("paused", {"ExitCode": 0}, None, False),
        ("stopping", {"ExitCode": 0}, None, False),
        ("running", {"OOMKilled": True}, "out of memory inside", True),
    ],
)
def test_how_it_fares(state, told, reason, failed):
    found = condition(state, "", told)
    assert (found.reason, found.failed) == (reason, failed)


@pytest.mark.parametrize(
    ("told", "heard", "reason"),
    [
        ({}, 0, None),
        ({}, 1, "out of memory inside"),  # as Docker 20.10 tells it
        ({"OOMKilled": True}, 0, "out of memory inside"),
        ({"OOMKilled": True}, 3, "out of memory inside, 3 times"),
    ],
)
def test_memory_that_ran_out_while_it_goes_on(told, heard, reason):
    found = condition("running", "", told, oom_kills=heard)
    assert (found.reason, found.out_of_memory) == (reason, "inside" if reason else None)


def test_an_end_that_somebody_asked_for_is_no_failure():
    assert condition("exited", "", {"ExitCode": 137}, stopped=True) == Condition("stopped, exited 137")
    late = condition("exited", "", {"ExitCode": 137, "OOMKilled": True}, stopped=True)
    assert late == Condition("stopped, exited 137, memory ran out in it before", out_of_memory="inside")
    assert condition("exited", "", {"ExitCode": 0}, stopped=True) == Condition("exited 0")
    assert condition("exited", "", {"ExitCode": 130}, "SIGINT") == Condition("stopped, exited 130")
    assert condition("exited", "", {"ExitCode": 143}, "SIGINT").failed
    assert condition("exited", "", {"ExitCode": 131}, "3") == Condition("stopped, exited 131")


@pytest.mark.parametrize(
    ("status", "told", "word"),
    [
        ("Up 2 hours (healthy)", {}, "healthy"),
        ("Up 2 hours (unhealthy)", {"Health": {"Status": "healthy"}}, "unhealthy"),  # the list is newer
        ("Up 2 seconds (health: starting)", {}, "starting"),
        ("Up 2 hours", {"Health": {"Status": "none"}}, None),
        ("Up 2 hours", {"Healthcheck": {"Status": "unhealthy"}}, "unhealthy"),
        ("Up 2 hours (Paused)", {}, None),
    ],
)
def test_what_it_finds_of_itself(status, told, word):
    one = container("alpha", {**LISTED, "Status": status}, {**INSPECTED, "State": told})
    assert one is not None
    assert one.oci.health == word


@pytest.mark.parametrize("word", ["stopping", "initialized", "stopped", "defrosting"])
def test_an_engines_own_words_stay(word):
    one = container("alpha", {**LISTED, "State": word}, INSPECTED)
    assert one is not None
    assert one.status == word


def test_ports_of_a_stopped_container_are_those_it_was_made_with():
    config = {"ExposedPorts": {"8888/tcp": {}, "6006/tcp": {}, "53/udp": {}}}
    bindings = {"PortBindings": {"6006/tcp": [{"HostIp": "127.0.0.1", "HostPort": "16006"}]}}
    assert ports_of([], config, bindings) == (Port(6006, "127.0.0.1", 16006), Port(8888))


def test_the_same_port_on_two_addresses_is_one():
    listed = [
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
    ]
    assert ports_of(listed, {}, {}) == (Port(80, "0.0.0.0", 8080),)


def test_details_are_read_anew_when_it_changed():
    exited = {**LISTED, "State": "exited", "Status": "Exited (137) 3 minutes ago"}
    assert version_key(exited) == version_key({**exited, "Status": "Exited (137) 2 hours ago"})
    assert version_key(exited) != version_key({**exited, "Status": "Exited (0) 3 minutes ago"})
    fresh = {**exited, "Status": "Exited (137) 3 seconds ago"}
    assert version_key(fresh) != version_key({**fresh, "Status": "Exited (137) 4 seconds ago"})
    assert version_key(exited) != version_key(LISTED)
    assert version_key({**LISTED, "Status": "Up 2 hours (unhealthy)"}) != version_key(LISTED)
    assert version_key({**LISTED, "Names": ["/renamed"]}) != version_key(LISTED)


def test_names():
    assert name_of(["/a/b", "/mine"]) == "mine"
    assert name_of(None) is None


FIELDS = st.dictionaries(st.sampled_from([*LISTED, *INSPECTED]), JSON)


@given(FIELDS, FIELDS, st.dictionaries(st.sampled_from(["Status", "ExitCode", "OOMKilled", "Error"]), JSON))
def test_no_answer_breaks_it(listed, inspected, state):
    container("alpha", {**listed, "Id": "x" * 64}, {**inspected, "State": state})
    version_key(listed)
    assert container("alpha", {**listed, "Id": 7}, inspected) is None
