"""The `docker run` line that gpuws prints is read back to what it was printed of, for whatever a file can say."""

from __future__ import annotations

import shlex
from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gpuws.config.imports.run.line import read_run_lines
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.engines.docker.launch.create_call import create_call, docker_run
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish
from tests.config.strategies import profiles
from tests.engines.docker.test_spec import CDI, HOOK, made

STORE = ProfileStore([])
GPUS = st.sampled_from([GpuWish(), GpuWish(count=2), GpuWish(indices=(3, 1)), GpuWish(all=True)])


def comparable(spec):
    """The create call less gpuws' own labels, what says nothing to the engine, and what no command line can keep apart:
    a program's entry point and its words, the test of a health check without a shell."""
    body = create_call(spec)
    labels = {name: text for name, text in body.pop("Labels").items() if not name.startswith("gpuws.")}
    test = body.get("Healthcheck", {}).get("Test", [])
    if test == ["NONE"]:
        body["Healthcheck"] = {"Test": test}
    if test[:1] == ["CMD"]:
        body["Healthcheck"]["Test"] = ["CMD-SHELL", shlex.join(test[1:])]
    entrypoint, command = body.pop("Entrypoint", []), body.pop("Cmd", [])
    program = [*(entrypoint if entrypoint[:1] != [""] else entrypoint[1:]), *command]  # --entrypoint '' is none
    body["HostConfig"] = {key: value for key, value in body["HostConfig"].items() if value not in (0, [], {})}
    environment = sorted(body.pop("Env", []))
    return body.pop("HostConfig") | body | {"labels": labels, "program": program, "environment": environment}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(profiles(), GPUS, st.sampled_from([HOOK, CDI]))
def test_what_is_printed_is_read_back(profile, gpus, mode):
    asked = replace(profile, image="i", build=None, gpus=gpus, env_file=(), name="p")
    environ = {name: "taken" for name, value in asked.environment.items() if value is None}
    spec, _ = made(asked, Want("box"), mode=mode, environ=environ)
    line = docker_run(spec)
    assume("***" not in line and not any("=" in name for name in asked.labels))  # docker's program splits there
    (found,) = read_run_lines(line, "", "pasted")
    assert found.container == "box"
    assert [str(one) for one in found.lost] == []
    again = STORE.load("", Host("alpha"), environ={**environ, **spec.environment}, text=found.text)
    read, _ = made(again, Want("box"), mode=mode, environ={**environ, **spec.environment})
    ours, theirs = comparable(spec), comparable(read)
    assert [(key, ours.get(key), theirs.get(key)) for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)] == []
