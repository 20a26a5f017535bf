"""A container made again: the same but for what its image says; back as it was where that fails."""

from __future__ import annotations

import shlex
import threading
from dataclasses import replace

import pytest

from gpuws.engines.docker.build import builder
from gpuws.engines.docker.engine import DockerEngine
from gpuws.engines.docker.existing import create_body
from gpuws.model.errors import Cancelled, GpuwsError, Refused
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.profile.profile import Build, Profile
from tests.engines.docker.conftest import IMAGE, UUIDS
from tests.engines.docker.test_launch import FULL, comparable

IMAGE_THAT_MOVES = "gpuws-test:again"


def recreate(bench, identity, report=lambda progress: None, cancel=None):
    return bench.engine.recipes.recreate(identity, report, cancel or threading.Event(), {}).id


def build(bench, text):
    spec = Build(dockerfile_inline=f"FROM {IMAGE}\n{text}")
    builder.build(bench.engine._client, spec, IMAGE_THAT_MOVES, lambda progress: None, threading.Event())


def named(bench, name):
    return [one for one in bench.engine.workspaces() if one.name == name]


def inside(bench, identity, script):
    return bench.engine.place(identity, user="0").run(["sh", "-c", script]).stdout.decode()


@pytest.mark.lab
def test_everything_it_was_asked_to_be_stays(clean):
    identity = clean.launch(FULL, Want(name="again"))
    before, passwd = clean.engine.inspect(identity), inside(clean, identity, "cat /etc/passwd")
    said: list[Progress] = []
    made = recreate(clean, identity, said.append)
    assert made != identity
    after = clean.engine.inspect(made)
    assert after["Name"] == "/again"
    assert after["State"]["Running"]
    assert [one.id for one in named(clean, "again")] == [made]
    assert identity not in clean.ids()
    assert comparable(after) == comparable(before)
    assert [one.stage for one in said] == ["checking", "creating", "stopping", "starting", "done"]
    assert inside(clean, made, "cat /etc/passwd") == passwd
    third = recreate(clean, made)
    assert comparable(clean.engine.inspect(third)) == comparable(before)


@pytest.mark.lab
def test_plain_containers_too(clean):
    words = shlex.split(
        "-v /anonymous -v gpuws-test-named:/named --mount type=volume,target=/mounted --tmpfs /fast -it"
        f" -p 127.0.0.1:18091:80 -e SECRET=hunter2 --gpus '\"device={UUIDS[2]}\"' --cap-add SYS_PTRACE"
        " --hostname box --add-host x:1.2.3.4 --ulimit nofile=500:600 --stop-timeout 0"
    )
    identity = clean.daemon.cli("run", "-d", "--init", "--name", "plain", *words, IMAGE, "bash")
    inside(clean, identity, "echo data >/anonymous/a; echo data >/mounted/m; echo data >/named/n; echo gone >/gone")
    before = clean.engine.inspect(identity)
    made = recreate(clean, identity)
    after = clean.engine.inspect(made)
    assert inside(clean, made, "cat /anonymous/a /mounted/m /named/n; cat /gone") == "data\n" * 3
    for part in ("Config", "HostConfig"):
        same = {key: value for key, value in before[part].items() if key not in ("Volumes", "Mounts", "Image")}
        assert {key: after[part][key] for key in same} == same
    volumes = {(one["Destination"], one["Name"]) for one in before["Mounts"] if one["Type"] == "volume"}
    assert {(one["Destination"], one["Name"]) for one in after["Mounts"] if one["Type"] == "volume"} == volumes


@pytest.mark.lab
def test_networks_and_names_in_them_stay(clean):
    docker = clean.daemon.cli
    nets = [docker("network", "create", "--internal", f"gpuws-test-{name}") for name in ("one", "two")]
    try:
        words = ["--network", "gpuws-test-one", "--network-alias", "trainer", "--ip-range"]
        identity = clean.daemon.cli("run", "-d", "--init", "--name", "netted", *words[:-1], IMAGE, "sleep", "infinity")
        clean.daemon.cli("network", "connect", "--alias", "second", "gpuws-test-two", identity)
        made = recreate(clean, identity)
        joined = clean.engine.inspect(made)["NetworkSettings"]["Networks"]
        assert set(joined) == {"gpuws-test-one", "gpuws-test-two"}
        assert "trainer" in joined["gpuws-test-one"]["Aliases"]
        assert "second" in joined["gpuws-test-two"]["Aliases"]
        assert not any(identity.startswith(alias) for net in joined.values() for alias in net["Aliases"])
        clean.engine.act(made, "remove", force=True)
    finally:
        for net in nets:
            docker("network", "rm", net)


@pytest.mark.lab
def test_what_the_image_says_is_the_new_image_s(clean):
    build(clean, 'ENV RELEASE=1 OLD=1\nLABEL from=first\nCMD ["sleep", "1000"]\nEXPOSE 1\n')
    identity = clean.daemon.cli("run", "-d", "--init", "--name", "moves", "-e", "MINE=1", IMAGE_THAT_MOVES)
    build(clean, 'ENV RELEASE=2\nCMD ["sleep", "2000"]\nEXPOSE 2\n')
    config = clean.engine.inspect(recreate(clean, identity))["Config"]
    assert config["Cmd"] == ["sleep", "2000"]
    assert {"RELEASE=2", "MINE=1"} <= set(config["Env"])
    assert "OLD=1" not in config["Env"]
    assert set(config["ExposedPorts"]) == {"2/tcp"}
    assert config["Labels"] == {}


@pytest.mark.lab
def test_a_stopped_one_stays_stopped(clean):
    identity = clean.launch(Profile("rests", image=IMAGE, command=("sleep", "infinity")), Want(name="rests"))
    clean.engine.act(identity, "stop", grace=0)
    made = recreate(clean, identity)
    assert clean.engine.inspect(made)["State"]["Status"] == "created"


@pytest.mark.lab
@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ('ENTRYPOINT ["/no/such"]\n', "exited 127, its command is not there"),
        ('ENTRYPOINT ["sh", "-c", "echo no luck; exit 3"]\n', "exited 3 .*\n  no luck"),
        ("USER nobody-knows\n", "does not know the user"),
    ],
)
def test_one_that_does_not_start_leaves_the_old_one_running(clean, image, reason):
    build(clean, "")
    identity = clean.daemon.cli(
        "run", "-d", "--init", "--name", "fails", "-p", "127.0.0.1:18092:80", IMAGE_THAT_MOVES, "sleep", "infinity"
    )
    before = clean.ids()
    build(clean, image)
    with pytest.raises(GpuwsError, match=reason):
        recreate(clean, identity)
    assert clean.ids() == before
    (there,) = named(clean, "fails")
    assert there.id == identity
    assert there.enterable
    assert [port.published for port in there.oci.ports if port.published] == [18092]


@pytest.mark.lab
def test_an_image_that_is_gone_leaves_the_old_one_untouched(clean):
    build(clean, "ENV GONE=1\n")
    identity = clean.daemon.cli("run", "-d", "--init", "--name", "kept", IMAGE_THAT_MOVES, "sleep", "infinity")
    started = clean.engine.inspect(identity)["State"]["StartedAt"]
    clean.daemon.cli("rmi", "-f", IMAGE_THAT_MOVES)
    with pytest.raises(GpuwsError, match="no image"):
        recreate(clean, identity)
    told = clean.engine.inspect(identity)
    assert told["Name"] == "/kept"
    assert told["State"]["StartedAt"] == started


@pytest.mark.lab
@pytest.mark.parametrize("stage", ["creating", "stopping"])
def test_cancelled_it_is_as_it_was(clean, stage):
    identity = clean.daemon.cli("run", "-d", "--init", "--name", "cancelled", IMAGE, "sleep", "infinity")
    before, cancel = clean.ids(), threading.Event()

    def report(progress):
        if progress.stage == stage:
            cancel.set()

    with pytest.raises(Cancelled):
        recreate(clean, identity, report, cancel)
    assert clean.ids() == before
    (there,) = named(clean, "cancelled")
    assert (there.id, there.enterable) == (identity, True)


@pytest.mark.lab
def test_what_can_t_come_back_is_refused(clean):
    identity = clean.daemon.cli("run", "-d", "--rm", "--name", "fleeting", IMAGE, "sleep", "infinity")
    with pytest.raises(Refused, match="made with --rm"):
        recreate(clean, identity)
    readonly = DockerEngine(clean.engine._client, replace(clean.host, readonly=True), {})
    with pytest.raises(Refused, match="read-only"):
        readonly.recipes.recreate(identity, lambda progress: None, threading.Event(), {})
    assert named(clean, "fleeting")[0].enterable


# pure


def test_links_are_asked_for_as_they_were():
    body = create_body.body_of({"Id": "1" * 64, "HostConfig": {"Links": ["/db:/web/database"]}}, {}, "i")
    assert body["HostConfig"]["Links"] == ["db:database"]


def test_a_borrowed_network_brings_its_hostname():
    told = {
        "Id": "1" * 64,
        "Config": {"Hostname": "other", "ExposedPorts": {"80/tcp": {}}},
        "HostConfig": {"NetworkMode": "container:abc"},
    }
    body = create_body.body_of(told, {}, "i")
    assert "Hostname" not in body
    assert "ExposedPorts" not in body
    assert body["NetworkingConfig"] == {"EndpointsConfig": {}}


def test_the_first_network_is_the_one_it_was_created_with():
    told = {
        "Id": "1" * 64,
        "HostConfig": {"NetworkMode": "b-id"},
        "NetworkSettings": {
            "Networks": {
                "a": {"NetworkID": "a-id", "Aliases": ["x", "1" * 12]},
                "b": {"NetworkID": "b-id", "IPAMConfig": {"IPv4Address": "10.1.1.1"}},
                "bridge": {},
            }
        },
    }
    assert create_body.networks(told) == [("b", {"IPAMConfig": {"IPv4Address": "10.1.1.1"}}), ("a", {"Aliases": ["x"]})]


@pytest.mark.parametrize(
    "broken", [{}, {"Config": [], "HostConfig": 7, "Mounts": "x", "NetworkSettings": {"Networks": 1}}]
)
def test_answers_of_another_shape_are_no_end(broken):
    assert create_body.body_of(broken, {}, "i")["Image"] == "i"
