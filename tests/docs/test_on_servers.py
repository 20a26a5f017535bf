"""The table of what gpuws does on servers names all of it: every program that it has ready, and every call."""

from __future__ import annotations

import pytest

from gpuws.engines.docker.api import sockets
from gpuws.engines.docker.launch import gpu_mode, host_look, volumes
from gpuws.engines.docker.storage import usage
from gpuws.engines.podman import service, survey
from gpuws.engines.process import scripts as process
from gpuws.engines.shared import lock
from gpuws.files import scripts
from gpuws.fleet.local.host import signals
from gpuws.fleet.local.shared import bringing, mending
from gpuws.jupyter import ages, starting
from gpuws.jupyter import script as jupyter
from gpuws.link.relay import start
from gpuws.model.host.footprint import BY_NAME, DEEDS, deed_of
from gpuws.model.host.ran import Ran
from gpuws.model.host.told import request_told, words_told
from gpuws.model.session import gnu_screen
from gpuws.model.session.terminal import MyTerminal
from gpuws.probe import bootstrap, claims, examine, leftovers, ports
from gpuws.probe.amd import script as amd
from gpuws.probe.smi import facts, load
from gpuws.probe.smi import script as smi
from gpuws.tmux import listing, sessions, visiting
from gpuws.verify import verify


def sh(script, *words):
    return ["sh", "-c", script, "sh", *words]


COPYING = (
    *(scripts._LOOK, scripts._TREE, scripts._LIST, scripts._ARRIVED, scripts._SIZE, scripts._REST),
    *(scripts._UNPACK, scripts._APPEND, scripts._FINISH, scripts._DROP),
)
RUN = [
    ("probe", bootstrap.argv("0a1b", bootstrap.payload(bootstrap.AgentOptions()))),
    ("probe", bootstrap.argv("0a1b", bootstrap.payload(bootstrap.AgentOptions()), "/opt/python3")),
    ("nvidia-smi", smi.argv(2.0)),
    ("facts", sh(facts.SCRIPT)),
    ("processes", smi.describe_argv([1, 2])),
    ("load", load.argv()),
    ("instances", ["/usr/bin/nvidia-smi", "-L"]),
    ("relay", start.argv("0a1b")),
    ("process: look", process.argv("look", process.LIST)),
    ("process: begin", process.argv("begin", process.START, ["p-1", "{}", "conda activate x", "main", "/", "yes", ""])),
    ("process: end", process.argv("end", process.END, ["p-1", "10"])),
    ("process: inside", process.argv("inside", process.ENTER, ["p-1", "", "tmux", "ls"])),
    ("tmux list", sh(listing._STEPS, "0a1b")),
    ("tmux", sessions.attach_argv("main", "ada")),
    ("tmux", ["sh", "-c", sessions.GUARD + sessions.FIND, "sh", "main"]),
    ("tmux", visiting.look_argv("$1", "note", MyTerminal())),
    ("tmux", visiting.write_argv("$1", "note", MyTerminal())),
    ("tmux", sh(starting._LOG)),
    ("tmux", gnu_screen.kill_words("1.x")),
    ("socket", sh(sockets._SCRIPT, "/var/run/docker.sock")),
    ("docker program", ["sudo", "-n", "docker", "system", "dial-stdio"]),
    ("docker program", ["docker", "-H", "unix:///run/d.sock", "system", "dial-stdio"]),
    ("docker program", ["sudo", "-n", "docker", "version"]),
    ("docker program", ["podman", "--url", "unix:///run/p.sock", "system", "dial-stdio"]),
    ("socket", sh(survey._SCRIPT)),
    ("podman service", service.argv()),
    ("checkup", sh(examine._SCRIPT)),
    ("checkup", sh(leftovers._SCRIPT)),
    ("checkup", sh(claims._SCRIPT, "1F90", "--", "/data")),
    ("mend", ["sh", "-c", mending._END, "gpuws-mend", "1", "2"]),
    ("mend", ["rm", "-f", "--", "/dev/shm/a"]),
    ("mend", sh(mending._LINGER)),
    ("ports", sh(ports._SCRIPT, "")),
    ("launch lock", ["python3", "-ISc", lock._PROGRAM, "90.0", "20.0"]),
    ("volumes", sh(volumes._LOOK, "exists", "/data")),
    ("make volumes", sh(volumes._MAKE, "/data")),
    ("gpu mode", sh(gpu_mode._SCRIPT, gpu_mode.HOOK, "/etc/cdi")),
    ("room", sh(host_look._SCRIPT, "/var/lib/docker")),
    ("log sizes", sh(usage._SIZES, "/var/lib/docker/x.log")),
    ("empty or not", sh(bringing._FILLED, "/data")),
    ("jupyter", jupyter.argv(anyone=False)),
    ("end jupyter", sh(starting._STOP, "1")),
    ("kernel's age", sh(ages._SCRIPT, "[0]f6a0f7e")),
    ("signal", ["sh", "-c", signals.SCRIPT, "gpuws-signal", "1", "2", "TERM"]),
    ("amd-smi", amd.argv(first=True)),
    ("verify", sh(verify._FIND)),
    ("terminal type", ["infocmp", "xterm-kitty"]),
    *(("copy", scripts._sh(each)) for each in COPYING),
    ("yours", ["hostname"]),
    ("yours", ["/bin/sh", "-c", "cd /x && exec env A=b python train.py"]),
]


@pytest.mark.parametrize(("name", "argv"), RUN, ids=[f"{name}-{at}" for at, (name, _) in enumerate(RUN)])
def test_a_program_is_named_by_its_row(name, argv):
    assert deed_of(Ran(0.0, "", "", "command", words_told(argv))) == name


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("engine: look", "GET", "/v1.45/containers/json"),
        ("engine: look", "HEAD", "/v1.45/containers/x/archive"),
        ("engine: inside", "POST", "/v1.45/containers/x/exec"),
        ("engine: inside", "POST", "/v1.45/exec/x/start"),
        ("engine: change", "POST", "/v1.45/containers/create"),
        ("engine: change", "DELETE", "/v1.45/containers/x"),
        ("engine: change", "PUT", "/v1.45/containers/x/archive"),
    ],
)
def test_a_call_of_the_engine_is_named_by_its_row(name, method, path):
    argv = ["tmux", "ls"] if path.endswith("/exec") else []
    assert deed_of(Ran(0.0, "", "", "request", request_told(method, path, argv))) == name


def test_every_row_of_programs_is_of_one():
    tried = {name for name, _ in RUN}
    assert {deed.name for deed in DEEDS if "command" in deed.means} == tried - {"yours"}
    assert len(BY_NAME) == len(DEEDS) + 1
