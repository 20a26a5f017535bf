"""The table of Docker's options: each key in the create call, on the `docker run` line, and read back."""

from __future__ import annotations

import shlex
from dataclasses import fields, replace

import pytest
import yaml
from hypothesis import given, settings

from gpuws.engines.docker.existing import capture, compose, drift, expected
from gpuws.engines.docker.launch.create_call import create_call, docker_run
from gpuws.engines.docker.options.table import OPTIONS
from gpuws.engines.docker.options.unsupported import UNSUPPORTED
from gpuws.model.profile.captured import Captured
from gpuws.model.profile.profile import OF_THE_FILE, Healthcheck, HostDevice, Logging, Profile
from gpuws.model.secret import HIDDEN
from tests.config.strategies import rights
from tests.engines.docker.test_spec import PROFILE, made

NOT_DOCKERS = {
    "name", "description", "build", "pull_policy", "gpu_memory", "env_file", "jupyter", "tmux", "engine",
    "activate",
}  # fmt: skip
"""What gpuws does itself, or says by other options."""
IMAGE = {"Healthcheck": {"Test": ["CMD", "old"], "Interval": 5}, "StopSignal": "SIGQUIT"}


def spec_of(**keys):
    return made(replace(PROFILE, **keys))[0]


def captured(spec, image=None):
    return capture.read(expected.inspected(create_call(spec), image or {}), image or {}, spec.image)


def test_every_key_of_profiles_has_a_row_and_one_that_reads_it_back():
    assert {option.key for option in OPTIONS} == {one.name for one in fields(Profile)} - NOT_DOCKERS - OF_THE_FILE
    readers = [option.key for option in OPTIONS if option.read]
    assert len(readers) == len(set(readers)) == len({option.key for option in OPTIONS})


def test_no_option_stands_twice():
    paths = [each.path for each in (*OPTIONS, *UNSUPPORTED)]
    assert len(paths) == len(set(paths))
    keys = [*(each.compose or each.key for each in OPTIONS), *(each.compose for each in UNSUPPORTED if each.compose)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("keys", "body", "words"),
    [
        ({"tty": True}, {"Tty": True}, "--tty"),
        ({"stdin_open": True}, {"OpenStdin": True}, "--interactive"),
        ({"privileged": True}, {"HostConfig.Privileged": True}, "--privileged"),
        ({"pid": "host"}, {"HostConfig.PidMode": "host"}, "--pid host"),
        ({"hostname": "box"}, {"Hostname": "box"}, "--hostname box"),
        ({"dns": ("192.0.2.1", "::1")}, {"HostConfig.Dns": ["192.0.2.1", "::1"]}, "--dns 192.0.2.1 --dns ::1"),
        ({"extra_hosts": ("a:::1",)}, {"HostConfig.ExtraHosts": ["a:::1"]}, "--add-host a:::1"),
        ({"group_add": ("4", "users")}, {"HostConfig.GroupAdd": ["4", "users"]}, "--group-add 4 --group-add users"),
        (
            {"cap_add": ("SYS_NICE", "IPC_LOCK"), "cap_drop": ("IPC_LOCK", "MKNOD")},
            {"HostConfig.CapAdd": ["CAP_IPC_LOCK", "CAP_SYS_NICE"], "HostConfig.CapDrop": ["CAP_MKNOD"]},
            "--cap-add CAP_IPC_LOCK --cap-add CAP_SYS_NICE --cap-drop CAP_MKNOD",
        ),
        ({"cap_drop": ("MKNOD", "ALL")}, {"HostConfig.CapDrop": ["ALL"]}, "--cap-drop ALL"),
        (
            {"security_opt": ("seccomp=unconfined",)},
            {"HostConfig.SecurityOpt": ["seccomp=unconfined"]},
            "--security-opt seccomp=unconfined",
        ),
        (
            {"tmpfs": ("/run", "/mem:size=1m,ro")},
            {"HostConfig.Tmpfs": {"/run": "", "/mem": "size=1m,ro"}},
            "--tmpfs /run --tmpfs /mem:size=1m,ro",
        ),
        (
            {"devices": (HostDevice("/dev/fuse", "/dev/fuse", "r"),)},
            {
                "HostConfig.Devices": [
                    {"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "r"}
                ]
            },
            "--device /dev/fuse:/dev/fuse:r",
        ),
        (
            {"mem_reservation": 8 << 20, "oom_score_adj": -5, "oom_kill_disable": True},
            {"HostConfig.MemoryReservation": 8 << 20, "HostConfig.OomScoreAdj": -5, "HostConfig.OomKillDisable": True},
            "--memory-reservation 8m --oom-kill-disable --oom-score-adj -5",
        ),
        (
            {"cpu_shares": 512, "cpuset": "0-3,8"},
            {"HostConfig.CpuShares": 512, "HostConfig.CpusetCpus": "0-3,8"},
            "--cpu-shares 512 --cpuset-cpus 0-3,8",
        ),
        (
            {"uts": "host", "userns_mode": "host"},
            {"HostConfig.UTSMode": "host", "HostConfig.UsernsMode": "host"},
            "--uts host --userns host",
        ),
        (
            {"dns_search": ("lab.example",), "dns_opt": ("ndots:2",)},
            {"HostConfig.DnsSearch": ["lab.example"], "HostConfig.DnsOptions": ["ndots:2"]},
            "--dns-search lab.example --dns-option ndots:2",
        ),
        ({"auto_remove": True}, {"HostConfig.AutoRemove": True}, "--rm"),
        (
            {"sysctls": {"net.core.somaxconn": "1024"}},
            {"HostConfig.Sysctls": {"net.core.somaxconn": "1024"}},
            "--sysctl net.core.somaxconn=1024",
        ),
        (
            {"device_cgroup_rules": ("c 81:* rmw",)},
            {"HostConfig.DeviceCgroupRules": ["c 81:* rmw"]},
            "--device-cgroup-rule 'c 81:* rmw'",
        ),
        ({"read_only": True}, {"HostConfig.ReadonlyRootfs": True}, "--read-only"),
        ({"stop_signal": "SIGINT"}, {"StopSignal": "SIGINT"}, "--stop-signal SIGINT"),
        (
            {"healthcheck": Healthcheck(("CMD-SHELL", "up $X"), 1.5, 60.0, 3, 1.0)},
            {
                "Healthcheck": {
                    "Test": ["CMD-SHELL", "up $X"],
                    "Interval": 1_500_000_000,
                    "Timeout": 60_000_000_000,
                    "StartPeriod": 1_000_000_000,
                    "Retries": 3,
                }
            },
            "--health-cmd 'up $X' --health-interval 1500000000ns --health-timeout 60s --health-start-period 1s",
        ),
        ({"healthcheck": Healthcheck(retries=2)}, {"Healthcheck": {"Retries": 2}}, "--health-retries 2"),
        ({"healthcheck": Healthcheck(("NONE",))}, {"Healthcheck": {"Test": ["NONE"]}}, "--no-healthcheck"),
        ({"healthcheck": Healthcheck(("CMD", "a", "b c"))}, {}, "--health-cmd 'a '\"'\"'b c'\"'\"''"),
        (
            {"logging": Logging("syslog", {"tag": "x"})},
            {"HostConfig.LogConfig": {"Type": "syslog", "Config": {"tag": "x"}}},
            "--log-driver syslog --log-opt tag=x",
        ),
        (
            {},
            {"HostConfig.LogConfig": {"Type": "json-file", "Config": {"max-size": "20m", "max-file": "5"}}},
            "--log-opt max-size=20m --log-opt max-file=5",
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_what_a_key_becomes(keys, body, words):
    spec = spec_of(**keys)
    made_of = create_call(spec)
    for path, value in body.items():
        where, _, name = path.rpartition(".")
        assert (made_of["HostConfig"] if where else made_of)[name] == value
    assert words in docker_run(spec)


@settings(max_examples=30)
@given(rights())
def test_what_is_created_is_read_back(keys):
    """Whatever spelling and order it had: what is read makes the same container."""
    spec = spec_of(**keys)
    read = captured(spec).profile
    again = spec_of(**{key: getattr(read, key) for key in keys})
    assert captured(again).profile == read
    assert drift.differences(read, captured(again).profile, ()) == ()
    (service,) = yaml.safe_load(
        compose.compose_file({**expected.inspected(create_call(spec), {}), "Name": "/x"}, {}, "i")
    )["services"].values()
    assert service.get("tty", False) is keys["tty"]
    for option in OPTIONS:
        if option.key in keys:
            assert option.on_line(again) == [] or option.on_line(spec) != []


def test_what_is_not_said_is_the_image_s():
    nothing = captured(spec_of(), IMAGE).profile
    assert (nothing.healthcheck, nothing.stop_signal) == (None, None)
    times = captured(spec_of(healthcheck=Healthcheck(interval=2.0)), IMAGE).profile
    assert times.healthcheck == Healthcheck(("CMD", "old"), 2.0)
    off = captured(spec_of(healthcheck=Healthcheck(("NONE",)), stop_signal="SIGTERM"), IMAGE).profile
    assert off.healthcheck is not None
    assert (off.healthcheck.test, off.stop_signal) == (("NONE",), "SIGTERM")


def test_what_an_engine_adds_by_itself_is_nobody_s_wish():
    """SELinux' label goes from whatever shares namespaces with the host; old engines write SIGTERM everywhere."""
    for host_config in ({"Privileged": True}, {"PidMode": "host"}, {"IpcMode": "host"}):
        told = {"HostConfig": {**host_config, "SecurityOpt": ["label=disable"]}, "Config": {"StopSignal": "SIGTERM"}}
        profile = capture.read(told, {}, "i").profile
        assert (profile.security_opt, profile.stop_signal) == ((), None)
    profile = capture.read({"HostConfig": {"SecurityOpt": ["label=disable"]}}, {}, "i").profile
    assert profile.security_opt == ("label=disable",)


def test_what_no_profile_can_say_is_told():
    told = {
        "Config": {"Healthcheck": {"Test": ["CMD", "x"], "StartInterval": 5}, "Hostname": "my box"},
        "HostConfig": {"SecurityOpt": ['seccomp={"defaultAction":1}'], "CpusetMems": "0-1", "Devices": [
            {"PathOnHost": "/dev/nvidia0", "PathInContainer": "/dev/nvidia0", "CgroupPermissions": "rwm"}]},
    }  # fmt: skip
    found = capture.read(told, {}, "i")
    assert found.notes == (
        "--cpuset-mems: 0-1",
        "--hostname: my box",
        "--health-start-interval",
        '--security-opt: seccomp={"defaultAction":1}',
    )
    assert found.profile.hostname is None
    assert (found.profile.security_opt, found.profile.devices, found.profile.gpus.indices) == ((), (), (0,))


def test_secrets_in_a_health_check_and_among_a_log_s_options_are_not_shown():
    check = Healthcheck(("CMD-SHELL", "curl --token=hunter2 x"))
    spec = spec_of(healthcheck=check, logging=Logging("splunk", {"splunk-token": "hunter2", "tag": "x"}))
    literal = captured(spec)
    shared = literal.shareable()
    other = replace(literal.profile, logging=Logging("splunk", {"splunk-token": "other", "tag": "y"}), healthcheck=None)
    found = drift.differences(literal.profile, other, ())
    assert [one.key for one in found] == ["healthcheck", "logging.options.tag"]
    for text in (docker_run(spec), repr(shared), repr(found)):
        assert "hunter2" not in text
    words = shlex.split(docker_run(spec))
    assert f"splunk-token={HIDDEN}" in words
    assert f"curl --token={HIDDEN} x" in words
    assert [note.partition(" looks")[0] for note in shared.notes] == [
        "what in its health check", "what in its log's options",
    ]  # fmt: skip
    assert literal.profile.healthcheck == check  # a clone runs it
    plain = Captured(PROFILE)
    assert plain.shareable() == plain
