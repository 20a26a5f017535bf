"""What Docker tells of one container that is looked at closely: details, events, statistics; hostile ones, too."""

import pytest

from gpuws.engines.docker.inspection import details, events, stats
from gpuws.model.workspace.details import Details, Happening, HealthCheck, MountPoint, Network
from gpuws.model.workspace.usage import Counters

EVIL = "x\x1b[2J\u202e"
TOLD = {
    "Image": "sha256:abc",
    "Path": "python",
    "Args": ["train.py", "--api-key", "sk-verysecretvalue"],
    "RestartCount": 3,
    "State": {
        "Running": True, "Pid": 42, "StartedAt": "2026-11-30T08:00:00.123456789Z",
        "Health": {"Status": "unhealthy", "FailingStreak": 2,
                   "Log": [{"End": "2026-11-30T08:01:00Z", "ExitCode": 1, "Output": f"refused {EVIL}"}]},
    },
    "Config": {"Env": ["HF_TOKEN=abc", "PATH=/bin", "MINE=quiet"], "Labels": {"gpuws.hidden": "MINE"}, "User": "1000"},
    "HostConfig": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5},
                   "Tmpfs": {"/scratch": "size=1g,ro"}},
    "Mounts": [{"Type": "volume", "Name": "data", "Source": "/var/lib/x", "Destination": "/data", "RW": False}],
    "NetworkSettings": {"Networks": {"lab": {"IPAddress": "172.18.0.2", "Aliases": ["web", "web"]}}},
}  # fmt: skip


def test_details_are_read_with_secrets_hidden_and_nothing_that_steers_a_terminal():
    told = details.parse(TOLD)
    assert told.command == ("python", "train.py", "--api-key", "***")
    assert told.variables == (("HF_TOKEN", "***"), ("PATH", "/bin"), ("MINE", "***"))
    assert told.mounts == (MountPoint("volume", "data", "/data", False), MountPoint("tmpfs", "", "/scratch", False))
    assert told.networks == (Network("lab", "172.18.0.2", ("web",)),)
    assert (told.restart, told.restarts, told.pid, told.user) == ("on-failure, 5 times", 3, 42, "1000")
    assert (told.started, told.ended, told.exit_code) == (1796025600.123456, None, None)
    assert (told.health, told.failures) == ("unhealthy", 2)
    assert told.checks == (HealthCheck(1796025660.0, 1, "refused x [2J"),)


@pytest.mark.parametrize("shape", [None, [], "text", 7, {"x": 1}])
def test_any_part_may_have_another_shape(shape):
    assert details.parse({}) == Details()
    for key in TOLD:
        assert isinstance(details.parse({**TOLD, key: shape}), Details)
    assert stats.parse("a", {"read": shape, "cpu_stats": shape, "memory_stats": shape}) is None
    assert events.parse({"time": shape, "Action": shape}) is None or shape == 7


def test_events_say_why_in_the_engines_words():
    died = {"time": 100, "Action": f"die{EVIL}", "Actor": {"Attributes": {"exitCode": "137"}}}
    assert events.parse(died) == Happening(100.0, "diex [2J , exit 137")
    assert events.parse({"time": 100, "status": "kill", "Actor": {"Attributes": {"signal": "15"}}}) == Happening(
        100.0, "kill, signal 15"
    )


@pytest.mark.parametrize("idle", ["total_inactive_file", "inactive_file"])
def test_memory_is_without_files_that_lie_in_it_only_because_there_is_room(idle):
    told = {
        "read": "2026-11-30T08:00:00Z",
        "cpu_stats": {"cpu_usage": {"total_usage": 2_500_000_000}},
        "memory_stats": {"usage": 1000, "stats": {idle: 400}},
    }
    assert stats.parse("a", told) == Counters("a", 1796025600.0, 2.5, 600)
    assert stats.parse("a", {**told, "read": "0001-01-01T00:00:00Z"}) is None  # it does not run
    assert stats.parse("a", {**told, "memory_stats": {}}) == Counters("a", 1796025600.0, 2.5, None)
