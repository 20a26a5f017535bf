"""What Podman answers otherwise than Docker: replies recorded of Podman 5.4.2 on Debian 13, rootful and rootless."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpuws.engines.docker.api.errors import from_status
from gpuws.engines.docker.api.server import DOCKER, PODMAN, Server, greet
from gpuws.engines.docker.checks.hosts import engine_of
from gpuws.engines.docker.existing.parse import container
from gpuws.engines.docker.launch import gpu_mode
from gpuws.engines.docker.launch.create_call import create_call, docker_run
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.docker.launch.spec import make_spec
from gpuws.engines.podman.caps import CAPS
from gpuws.engines.podman.checks import rows
from gpuws.engines.podman.survey import Survey, parse
from gpuws.link.local.local import LocalLink
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish, Profile
from tests.engines.docker.conftest import UUIDS
from tests.engines.docker.test_spec import SITE
from tests.engines.docker.wire import serving
from tests.engines.podman.recorded import INFO, INSPECTED, LISTED, VERSION

UUID = UUIDS[1]
ROOTLESS = Mode("cdi", frozenset({UUID}), rootless=True, secluded=True, keeps_ids=True)


def server(version="5.4.2"):
    return Server(version, "1.41", "linux/amd64", PODMAN)


def test_it_is_known_by_its_components(tmp_path):
    link = LocalLink()
    with serving(tmp_path / "p.sock", lambda peer, head: None, json.dumps(VERSION).encode()) as path:
        assert greet(lambda: link.dial_unix(str(path)), "alpha") == server()
    link.close()
    assert server().release == (5, 4)
    assert Server("26.1.5", "1.45").name == DOCKER


@pytest.mark.parametrize(
    ("version", "devices", "how"),
    [("5.4.2", (UUID,), "cdi"), ("5.4.2", (), None), ("4.9.3", (UUID,), None), ("10.0", ("all",), "cdi")],
)
def test_gpus_go_in_by_cdi_alone(monkeypatch, version, devices, how):
    """It drops a request of another form, or of before 5.4, without a word; and tells of no specifications."""
    asked = []
    monkeypatch.setattr(gpu_mode, "_look", lambda client, where: asked.append(where) or gpu_mode.Found(True, devices))
    found = gpu_mode.detect(Answers(server(version), {**INFO, "Runtimes": {"nvidia": {}}}))
    assert (found.name, asked) == (how, [["/etc/cdi", "/var/run/cdi"]])


class Answers:
    """A client of which only `info` is asked."""

    def __init__(self, server, info):
        self.server, self.info, self.link = server, info, None

    def errors(self):
        return memoryview(b"")  # enters and leaves, and changes nothing

    def call(self, method, path):
        return self.info


@pytest.mark.parametrize(("info", "held"), [({}, False), ({"CgroupVersion": "2"}, True)])
def test_a_rootless_one_keeps_ids_and_holds_no_limits_on_cgroup_v1(monkeypatch, info, held):
    monkeypatch.setattr(gpu_mode, "_look", lambda client, where: gpu_mode.Found())
    found = gpu_mode.detect(Answers(server(), {**INFO, **info}))
    assert (found.rootless, found.keeps_ids, found.unlimited, found.live_restore) == (True, True, not held, None)


def test_why_it_gives_no_gpus():
    old = engine_of("alpha", server("4.9.3"), Mode(None), wanted=True)
    assert old.detail.endswith("can't hand out GPUs: its API takes none before Podman 5.4")
    assert "nvidia-ctk cdi generate" in engine_of("alpha", server(), Mode(None), wanted=True).remedy
    assert engine_of("alpha", server(), Mode("cdi"), wanted=True).detail.startswith("Podman 5.4.2, API 1.41")


@pytest.mark.parametrize(
    ("wish", "user", "userns"),
    [("host", "1000:1001", "keep-id"), ("root", "0:0", None), ("image", None, None), ("7:8", "7:8", None)],
)
def test_user_host_is_me_with_what_i_own(wish, user, userns):
    profile = Profile("w", image="pytorch", user=wish, gpus=GpuWish(uuids=(UUID,)))
    spec, *_ = make_spec(profile, Want(name="w"), SITE, ROOTLESS, {}, ())
    body = create_call(spec)
    assert (body.get("User"), body["HostConfig"].get("UsernsMode")) == (user, userns)
    assert body["HostConfig"]["DeviceRequests"][0]["DeviceIDs"] == [f"nvidia.com/gpu={UUID}"]
    line = docker_run(spec, "podman")
    assert line.startswith("podman run -d --name w")
    assert ("--userns keep-id" in line) == (userns is not None)


def test_what_a_launch_asked_for_its_label_says():
    """`inspect` shows no device requests, so nobody else could see that the GPU is taken."""
    inspected = {**INSPECTED, "Config": {**INSPECTED["Config"], "Labels": {"gpuws.gpus": UUID}}}
    listed = {**LISTED, "Labels": {"gpuws.gpus": UUID}}
    assert container("alpha", listed, inspected, labelled=True).gpus == (UUID,)
    assert container("alpha", listed, inspected).gpus == ()
    devices = {**INSPECTED["HostConfig"], "Devices": [{"PathOnHost": "/dev/nvidia3"}]}
    assert container("alpha", LISTED, {**INSPECTED, "HostConfig": devices}, labelled=True).gpus == ("3",)


def test_a_stop_that_was_asked_for_is_no_failure():
    """It tells of no `stop`: that it ended by the signal that stops it, which it writes as a number, says the same."""
    ended = {**INSPECTED["State"], "Status": "exited", "Running": False, "ExitCode": 143}
    listed = {**LISTED, "State": "exited", "Status": "Exited (143) 2 seconds ago"}
    found = container("alpha", listed, {**INSPECTED, "State": ended})
    assert (found.state, found.reason, found.failed) == ("exited", "stopped, exited 143", False)


NO_PROGRAM = "OCI runtime attempted to invoke a command that was not found"
IN_USE = "You have to remove that container to be able to reuse that name: that name is already in use"
NO_PAUSE = "can not pause containers on rootless containers with cgroup V1"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "no such image: docker.io/nowhere/x:1: image not known",
            "there is no image docker.io/nowhere/x:1 that alpha can get",
        ),
        (
            f"crun: executable file `/nope` not found: No such file or directory: {NO_PROGRAM}",
            "the container has no program /nope",
        ),
        (
            f'container create: creating container storage: the container name "d2" is already in use by 2. {IN_USE}',
            "the name d2 is in use on alpha",
        ),
        (NO_PAUSE, f"Podman on alpha refuses: {NO_PAUSE}"),
    ],
)
def test_its_errors_in_our_words(said, sentence):
    assert from_status(500, said, "alpha", PODMAN).message == sentence


def test_what_people_type_for_it():
    assert (CAPS.commands.stop, CAPS.commands.on_tty) == ("podman stop {name}", "podman exec -it {name}")
    assert CAPS.commands.recreate == ""
    assert "does not tell" in CAPS.recipes


def test_what_a_host_says_of_it():
    sockets = "usable /run/user/1000/podman/podman.sock\nforbidden /run/podman/podman.sock"
    found = parse(f"login alice\n{sockets}\nprogram podman\nused\nlogind\n")
    assert found == Survey(
        "alice", ["/run/user/1000/podman/podman.sock"], ["/run/podman/podman.sock"], {"podman"}, used=True, logind=True
    )
    check = next(row for row in rows("alpha", ROOTLESS, found) if row.name == "linger")
    assert (check.status, check.remedy) == ("warn", "there: loginctl enable-linger alice")
    assert [row.status for row in rows("alpha", ROOTLESS, replace(found, linger=True))] == ["ok"]
    assert not [*rows("alpha", replace(ROOTLESS, rootless=False), found)]
    assert [row.name for row in rows("alpha", replace(ROOTLESS, unlimited=True), None)] == ["limits"]
