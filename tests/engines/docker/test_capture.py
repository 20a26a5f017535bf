"""Any container as a profile: what it makes is captured as the same profile again."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
import yaml

from gpuws.engines.docker.existing import capture, compose, expected, image_reference, portable
from gpuws.engines.docker.options.mounts import odd_mounts
from gpuws.engines.docker.options.option import Inspected
from gpuws.engines.docker.options.own_values import own
from gpuws.fleet.local.recipes import written
from gpuws.model import secret
from gpuws.model.profile.captured import Captured
from gpuws.model.profile.profile import (
    Build,
    GpuMemoryCap,
    GpuWish,
    Healthcheck,
    HostDevice,
    JupyterWish,
    Logging,
    Profile,
    TmuxWish,
    Volume,
)
from tests.engines.docker import captives
from tests.engines.docker.captives import CASES, DOCKERFILE, DRESSED
from tests.engines.docker.conftest import IMAGE


@pytest.fixture(scope="module")
def dressed(bench):
    """An image that says everything an image can say."""
    from gpuws.engines.docker.build import builder

    builder.build(bench.engine._client, Build(dockerfile_inline=DOCKERFILE), DRESSED, lambda p: None, threading.Event())
    yield DRESSED
    bench.engine.images.remove(DRESSED, force=True)


@pytest.fixture
def make(clean, dressed):
    (clean.daemon.root / "home" / "gpuws-test-data").mkdir(exist_ok=True)
    return lambda case: captives.make(case, "captive", clean.engine, clean.site, clean.daemon.cli)


@pytest.mark.lab
@pytest.mark.parametrize("case", CASES)
def test_what_is_captured_is_what_is_launched(make, clean, tmp_path, case):
    captives.check_fixed_point(case, make(CASES[case]), "captive", clean.engine, clean.site, tmp_path)


def test_there_are_enough_different_containers():
    assert len(CASES) >= 20


@pytest.mark.lab
def test_what_is_the_image_s_is_not_repeated_and_what_is_lost_is_said(make, clean):
    captured = clean.engine.recipes.capture(make(CASES["the image's own command"]), clean.site)
    assert captured.profile == Profile(
        "captive", description="captured from here/captive", image=DRESSED, user="image", init=False
    )
    clean.engine.act(clean.engine.workspaces()[0].id, "remove", force=True)
    captured = clean.engine.recipes.capture(make(CASES["a service"]), clean.site)
    assert (captured.profile.hostname, captured.profile.cap_add) == ("box", ("SYS_PTRACE",))
    assert captured.notes == ("--domainname: lab.example",)


@pytest.mark.lab
def test_what_docker_was_told_is_captured_in_one_spelling(make, clean):
    rights = clean.engine.recipes.capture(make(CASES["rights"]), clean.site).profile
    assert (rights.cap_add, rights.cap_drop, rights.pid) == (("NET_RAW", "SYS_PTRACE"), ("MKNOD",), "host")
    assert rights.devices == (HostDevice("/dev/null", "/dev/x", "rw"),)
    assert rights.security_opt == ("label=disable", "no-new-privileges")
    assert rights.group_add == ("27", "4321")
    captives.discard(clean.engine, clean.engine.workspaces()[0].id)
    free = clean.daemon.cli("create", "--privileged", IMAGE, "true").splitlines()[-1]
    profile = clean.engine.recipes.capture(free, clean.site).profile
    assert (profile.privileged, profile.security_opt) == (True, ())
    captives.discard(clean.engine, free)
    sick = clean.engine.recipes.capture(make(CASES["a health check"]), clean.site).profile
    assert sick.healthcheck == Healthcheck(("CMD-SHELL", "test -e $HOME"), 1.5, None, 2, 120.0)
    assert (sick.stop_signal, sick.logging) == ("SIGINT", Logging("json-file", {"max-size": "1m"}))


@pytest.mark.lab
def test_secrets_are_named_and_never_written(make, clean):
    identity = make(CASES["an environment"])
    captured = clean.engine.recipes.capture(identity, clean.site)
    assert captured.secrets == {"WANDB_API_KEY": "hunter2", "DATABASE": "postgres://me:pw4711@db/x"}
    environment = captured.profile.environment
    assert environment["WANDB_API_KEY"] is None
    assert "CUDA_VERSION" not in environment
    assert environment["LINES"] == "one\ntwo\n"
    for text in (written(captured, "here"), clean.engine.recipes.compose_file(identity), repr(captured)):
        assert "hunter2" not in text
        assert "pw4711" not in text


@pytest.mark.lab
def test_wrapper_and_home_become_keys_again(make, clean):
    profile = clean.engine.recipes.capture(make(CASES["gpuws"]), clean.site).profile
    assert profile.tmux == TmuxWish("main")
    assert profile.jupyter == JupyterWish(8899)
    assert profile.command == ("sleep", "infinity")
    assert profile.user == "host"
    assert profile.gpus == GpuWish(count=2)
    assert profile.gpu_memory == GpuMemoryCap(20 << 30, "stop", "pytorch")
    assert profile.volumes == (Volume("/data", "~/gpuws-test-data"), Volume("/scratch", None, "tmpfs"))
    assert profile.environment == {"PLAIN": "x", "WANDB_API_KEY": None}
    assert profile.labels == {"team": "vision"}


@pytest.mark.lab
def test_an_image_known_by_its_id_gets_a_name(clean):
    identity = clean.engine._client.call("GET", f"/images/{IMAGE}/json")["Id"]
    for word in (identity, identity.removeprefix("sha256:")[:12]):
        container = clean.daemon.cli("run", "-d", word, "sleep", "infinity")
        assert clean.engine.recipes.capture(container, clean.site).profile.image == IMAGE


@pytest.mark.lab
def test_a_compose_file_says_the_same(make, clean):
    identity = make(CASES["Compose"])
    text = clean.engine.recipes.compose_file(identity)
    (service,) = yaml.safe_load(text)["services"].values()
    assert service["image"] == DRESSED
    assert service["container_name"] == "captive"
    assert service["command"] == ["sleep", "1003"]
    assert service["environment"] == {"MODE": "train", "HF_TOKEN": None}
    (device,) = service["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "device_ids": ["0", "2"], "capabilities": ["gpu"]}
    assert service["ports"] == [{"target": 6006, "published": "16008", "host_ip": "127.0.0.1"}]
    assert service["shm_size"] == 2 << 30
    assert service["restart"] == "unless-stopped"
    assert service["labels"] == {"tier": "gpu"}
    assert {"type": "volume", "source": "gpuws-test-named", "target": "/cache"} in service["volumes"]
    assert yaml.safe_load(text)["volumes"] == {"gpuws-test-named": {"external": True}}


# pure


def test_compose_doubles_dollars_and_names_cdi_devices():
    request = {"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=GPU-1"]}
    inspected = {
        "Name": "/x",
        "Config": {"Cmd": ["sh", "-c", "echo $HOME"], "Labels": {"gpuws.owner": "ada", "note": "token hf_" + "a" * 34}},
        "HostConfig": {"DeviceRequests": [request], "RestartPolicy": {"Name": "no"}, "CapAdd": ["SYS_PTRACE"],
                       "AutoRemove": True,
                       "LogConfig": {"Type": "splunk", "Config": {"tag": "{{.ID}}", "splunk-token": "x"}}},
    }  # fmt: skip
    text = compose.compose_file(inspected, {}, "i")
    (service,) = yaml.safe_load(text)["services"].values()
    assert service["command"] == ["sh", "-c", "echo $$HOME"]
    (device,) = service["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "cdi", "device_ids": ["nvidia.com/gpu=GPU-1"], "capabilities": ["gpu"]}
    assert "restart" not in service
    assert (service["network_mode"], service["cap_add"]) == ("bridge", ["SYS_PTRACE"])
    assert service["logging"] == {"driver": "splunk", "options": {"tag": "{{.ID}}"}}
    assert "labels" not in service
    assert [line.partition(": ")[2] for line in text.splitlines() if line.startswith("#")] == [
        "--rm", "labels of gpuws and Compose: whoever makes it anew writes their own",
        "the label note: it may hold a secret", "the option of its log splunk-token: it may hold a secret",
    ]  # fmt: skip


@pytest.mark.parametrize("broken", [{}, {"Config": 7, "HostConfig": [], "Mounts": {}}, {"Mounts": [None, 7, {}]}])
def test_answers_of_another_shape_are_no_end(broken):
    found = capture.read(broken, {}, "image")
    assert found.profile.image == "image"
    assert found.profile.name == "captured"
    assert isinstance([*odd_mounts(Inspected.of(broken, {}, "image"))], list)
    (service,) = yaml.safe_load(compose.compose_file(broken, {}, "image"))["services"].values()
    assert service["image"] == "image"


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("WANDB_API_KEY", "x", True),
        ("MYSQL_PASS", "x", True),
        ("GITHUB_PAT", "x", True),
        ("SPATIAL", "x", False),
        ("PATH", "/bin", False),
        ("MODEL", "hf_" + "a" * 34, True),
        ("URL", "https://me:pw@host/", True),
        ("URL", "https://host:8080/a@b", False),
        ("NOTE", "-----BEGIN OPENSSH PRIVATE KEY-----", True),
    ],
)
def test_what_looks_like_a_secret(name, value, is_secret):
    assert secret.is_secret(name, value) is is_secret


def test_names_for_profiles():
    assert capture.name_for("/torch dev") == "torch-dev"
    assert capture.name_for("/_x_") == "x"
    assert capture.name_for("/---") == "captured"


def test_an_image_by_its_id():
    digest = "sha256:" + "ab" * 32
    told = {"Image": digest, "Config": {"Image": "abab"}}
    assert (
        image_reference.reference_of(told, {"RepoTags": ["<none>:<none>"], "RepoDigests": ["x@sha256:1"]})
        == "x@sha256:1"
    )
    assert image_reference.reference_of(told, {}) == digest
    assert image_reference.reference_of({**told, "Config": {"Image": "torch:2.8"}}, {}) == "torch:2.8"


HERE = portable.Here("here", "/home/me", "1000:1000", 8)


def moved(profile, here=HERE, added=portable.Additions()):  # noqa: B008
    return portable.portable(Captured(profile), here, lambda one: added)


def test_what_belongs_to_that_one_container_is_taken_out():
    raw = Profile(
        "x",
        image="i",
        gpus=GpuWish(all=True),
        user="1000:1000",
        volumes=(
            Volume("/a", "/home/me"),
            Volume("/b", "/home/mena/x"),
            Volume("/c:d", "/x"),
            Volume("/e", "v", "volume"),
        ),
        environment={"HOME": "/tmp", "USER": "me", "TOKEN": "new", "BAD": "\x1b", "NVIDIA_VISIBLE_DEVICES": "all"},
        labels={"a": "b", "c": "\x07", "api_key": "x"},
    )
    found = moved(raw, added=portable.Additions({"HOME": "/tmp", "TOKEN": "old", "USER": "you"}, frozenset({"TOKEN"})))
    assert found.profile.gpus == GpuWish(count=8)
    assert found.profile.user == "host"
    assert found.profile.volumes == (Volume("/a", "~"), Volume("/b", "/home/mena/x"), Volume("/e", "v", "volume"))
    assert found.profile.environment == {"USER": "me"}
    assert found.profile.labels == {"a": "b"}
    assert len(found.notes) == 5


def test_groups_that_come_with_me_are_not_written_down():
    raw = Profile("x", user="1000:1000", group_add=("27", "4321", "users"))
    here = replace(HERE, groups=("4", "27"))
    assert moved(raw, here).profile.group_add == ("4321", "users")
    assert moved(replace(raw, user="77"), here).profile.group_add == raw.group_add


def test_root_is_me_on_a_rootless_engine():
    assert moved(Profile("x", user="root"), replace(HERE, user="0:0")).profile.user == "host"
    assert moved(Profile("x", user="root")).profile.user == "root"


def test_swap_that_is_not_counted_is_not_captured():
    raw = Profile("x", mem_limit=1 << 30, memswap_limit=-1)
    assert moved(raw).profile.memswap_limit == -1
    assert moved(raw, replace(HERE, swap_counted=False)).profile.memswap_limit is None


def test_a_wrapper_of_another_gpuws_stays_a_command():
    command = ("sh", "-c", 'tmux new-session -d -s main || true; exec "$@"', "gpuws", "sleep", "infinity")
    assert moved(Profile("x", command=command)).profile.command == command


def test_what_an_engine_would_say_of_a_body():
    image = {"Env": ["A=1", "B=2"], "Cmd": ["run"], "Entrypoint": ["tini"], "User": "7", "Labels": {"l": "i"}}
    told = expected.inspected({"Image": "i", "Env": ["B=3"], "Labels": {"m": "o"}, "HostConfig": {}}, image)
    assert own(told["Config"], image) == own({"Env": ["B=3"], "Labels": {"m": "o"}}, {})
    assert expected.inspected({"Entrypoint": ["x"]}, image)["Config"]["Cmd"] == []
    assert expected.inspected({"Entrypoint": [""], "Cmd": ["y"]}, image)["Config"]["Entrypoint"] == []
    assert json.dumps(told)


def test_what_an_env_file_held_stays_unsaid_whatever_its_names_look_like():
    config = {
        "Env": ["PLAIN=from a file"],
        "Cmd": ["serve", "--password", "pw", "--token=$JUPYTER_TOKEN"],
        "Labels": {secret.LABEL: "PLAIN"},
        "Healthcheck": {"Test": ["CMD-SHELL", "curl -H 'Authorization: Bearer pw' http://x"]},
    }
    literal = capture.read({"Name": "/x", "Config": config}, {}, "img")
    found = portable.portable(literal, HERE, lambda one: portable.Additions())
    assert found.profile.environment == {"PLAIN": None}
    assert found.secrets == {"PLAIN": "from a file"}
    assert found.profile.command == tuple(config["Cmd"])  # a clone runs it
    profile = written(found, "alpha")
    composed = compose.compose_file({"Name": "/x", "Config": config}, {}, "img")
    for text in (profile, composed):
        assert "from a file" not in text
        assert "pw" not in text
        assert "JUPYTER_TOKEN" in text
        assert "what in its command looks like a secret: *** stands there" in text
    assert "what in its healthcheck looks like a secret" in composed
