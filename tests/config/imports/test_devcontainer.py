"""devcontainer.json as profiles: what every key becomes, and what is lost."""

from __future__ import annotations

import pytest

from gpuws.config.imports.devcontainer_keys import KEYS
from gpuws.config.imports.reading import read
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import read_text

ENVIRON = {"HOME": "/home/me", "WHO": "alice"}
USUAL = {
    "image": "x",
    "user": "image",
    "init": False,
    "entrypoint": ["sleep", "infinity"],
    "working_dir": "/workspaces/proj",
    "volumes": ["~/proj:/workspaces/proj"],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "proj/.devcontainer").mkdir(parents=True)
    return tmp_path / "proj/.devcontainer"


@pytest.fixture
def container(folder):
    """What the profile says beside the usual, and what is lost."""

    def imported(keys: str):
        environ = {**ENVIRON, "HOME": str(folder.parents[1])}
        (one,) = read(f'{{"image": "x", {keys}}}', environ=environ, directory=folder, source="devcontainer.json")
        found = to_data(read_text(one.text, "profile"))
        return {key: value for key, value in found.items() if USUAL.get(key) != value}, [str(lost) for lost in one.lost]

    return imported


SAID = [
    ("", {}),
    ('"containerEnv": {"A": "1"}, "remoteEnv": {"B": "${localEnv:WHO}2"}', {"environment": {"A": "1", "B": "alice2"}}),
    ('"containerEnv": {"WHO": "${localEnv:WHO}"}', {"environment": {"WHO": None}}),
    ('"containerEnv": {"A": "${localEnv:GONE:b}"}', {"environment": {"A": "b"}}),
    ('"containerUser": "dev"', {"user": "dev"}),
    ('"forwardPorts": [8888, "localhost:6006"]', {"ports": [8888, 6006]}),
    ('"privileged": true, "capAdd": ["SYS_PTRACE"]', {"privileged": True, "cap_add": ["SYS_PTRACE"]}),
    ('"securityOpt": ["seccomp=unconfined"]', {"security_opt": ["seccomp=unconfined"]}),
    ('"appPort": 3000', {"ports": ["0.0.0.0:3000:3000"]}),
    ('"hostRequirements": {"gpu": true}', {"gpus": "all"}),
    ('"hostRequirements": {"gpu": false}', {}),
    ('"hostRequirements": {"gpu": "optional"}, "runArgs": ["--gpus", "device=1"]', {"gpus": [1]}),
    ('"runArgs": ["--ipc=host", "--shm-size", "16g", "--rm"]', {"ipc": "host", "shm_size": "16g", "auto_remove": True}),
    ('"name": "GPU dev!", "portsAttributes": {"1": {}}, "$schema": "x"', {}),
]


@pytest.mark.parametrize(("keys", "wanted"), SAID, ids=[keys for keys, _ in SAID])
def test_a_key_is_said(container, keys, wanted):
    told = container(keys or '"name": "x"')
    assert told[0] == wanted
    assert [line for line in told[1] if "is written as it is in your environment" not in line] == []


@pytest.mark.parametrize(
    ("keys", "volumes"),
    [
        ('"mounts": ["source=${localWorkspaceFolder}/a.txt,target=/d,type=bind"]', ["~/proj/a.txt:/d"]),
        ('"mounts": [{"source": "v", "target": "/v", "type": "volume"}]', ["v:/v"]),
        ('"mounts": ["type=bind,src=/a,dst=/b,readonly"]', ["/a:/b:ro"]),
        ('"workspaceMount": "", "workspaceFolder": "/w"', None),
    ],
)
def test_mounts_in_both_forms(container, keys, volumes):
    found, _ = container(keys)
    expected = volumes and [
        {"source": one.partition(":")[0], "target": "/d", "check": "create"} if "data" in one else one
        for one in volumes
    ]
    assert found.get("volumes") == (expected and [*expected, "~/proj:/workspaces/proj"])


def test_a_workspace_elsewhere(container):
    keys = '"workspaceMount": "source=${localWorkspaceFolder},target=/w,type=bind", "workspaceFolder": "/w/src"'
    found, _ = container(keys)
    assert found["working_dir"] == "/w/src"
    assert found["volumes"] == [{"source": "~/proj", "target": "/w", "check": "create"}]


LOST = [
    (
        '"postCreateCommand": "pip install -e ."',
        "line 1: postCreateCommand: pip install -e .: nothing of an imported text is run",
    ),
    ('"initializeCommand": ["rm", "-rf", "/"]', "initializeCommand: nothing of an imported text is run"),
    ('"features": {"ghcr.io/x/y:1": {}}', "features: gpuws builds no features"),
    ('"remoteUser": "dev"', "remoteUser: dev: the container runs as its image says"),
    ('"remoteEnv": {"PATH": "${containerEnv:PATH}:/x"}', "remoteEnv.PATH"),
    ('"customizations": {"vscode": {}}', "customizations: it is for the editor"),
    ('"hostRequirements": {"cpus": 8}', "hostRequirements.cpus: 8"),
    ('"containerEnv": {"A": "${localEnv:GONE}"}', "${GONE}: your environment does not have it"),
    ('"containerEnv": {"A_KEY": "abc"}', "A_KEY: it looks like a secret"),
    ('"forwardPorts": ["db:5432"]', "forwardPorts: db:5432: it is another container's"),
    ('"runArgs": ["--cgroup-parent=x"]', "--cgroup-parent x: a profile has no key for it"),
]


@pytest.mark.parametrize(("keys", "what"), LOST, ids=[keys for keys, _ in LOST])
def test_what_is_lost_has_a_line(container, keys, what):
    assert what in " | ".join(container(keys)[1])


def test_the_reference_is_known():
    """Names of https://containers.dev/implementors/json_reference/"""
    names = (
        "name forwardPorts portsAttributes otherPortsAttributes containerEnv remoteEnv remoteUser containerUser"
        " updateRemoteUserUID userEnvProbe overrideCommand shutdownAction init privileged capAdd securityOpt mounts"
        " features overrideFeatureInstallOrder customizations image build appPort workspaceMount workspaceFolder"
        " runArgs dockerComposeFile service runServices initializeCommand onCreateCommand updateContentCommand"
        " postCreateCommand postStartCommand postAttachCommand waitFor hostRequirements secrets"
    )
    assert not set(names.split()) - KEYS.keys()


def test_a_dockerfile_is_found_from_its_context(folder):
    build = '"dockerfile": "Dockerfile.gpu", "context": "..", "args": {"WHO": "${localEnv:WHO}"}, "target": "t"'
    text = f'{{"build": {{{build}}}}}'
    (one,) = read(text, environ=ENVIRON, directory=folder)
    found = to_data(read_text(one.text, "profile"))["build"]
    assert found == {
        "context": str(folder.parent),
        "dockerfile": ".devcontainer/Dockerfile.gpu",
        "args": {"WHO": None},
        "target": "t",
    }


def test_the_service_of_a_compose_file(folder):
    (folder.parent / "compose.yaml").write_text(
        "services:\n  app: {image: y, command: serve, environment: {A: '1'}, volumes: ['.:/src']}\n  db: {image: z}\n"
    )
    keys = '"dockerComposeFile": "../compose.yaml", "service": "app", "workspaceFolder": "/src"'
    text = f'{{{keys}, "containerEnv": {{"B": "2"}}, "forwardPorts": [80]}}'
    (one,) = read(text, environ=ENVIRON, directory=folder, source="devcontainer.json")
    found = to_data(read_text(one.text, "profile"))
    assert (found["image"], found["command"], found["ports"]) == ("y", ["serve"], [80])
    assert found["environment"] == {"A": "1", "B": "2"}
    assert found["volumes"] == [{"source": str(folder.parent), "target": "/src", "check": "create"}]
    assert "entrypoint" not in found


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ('"dockerComposeFile": "../../c.yaml", "service": "a"', "lies outside"),
        ('"dockerComposeFile": "c.yaml"', "expected a file, and service beside it"),
        ('"dockerComposeFile": "c.yaml", "service": "a"', "can't be read"),
        ('"imagee": "x"', "devcontainer.json has no such key .did you mean image"),
        ('"name": "x"', "has neither image nor build"),
        ('"image": "x", "mounts": ["target"]', "expected a mount such as"),
        ('"image": "x", "mounts": {"a": 1}', "expected a list, not a map"),
        ('"image": "x", "forwardPorts": [{}]', "expected text, not a map"),
        ('"image": "x", "runArgs": ["--gpu", "all"]', "docker run has no such flag"),
    ],
)
def test_what_is_wrong_has_a_place(folder, keys, problem):
    with pytest.raises(ConfigProblems, match=problem) as raised:
        read(
            f'{{"name": "x",\n {keys}}}'.replace('"name": "x",\n "name"', '\n "name"'),
            environ=ENVIRON,
            directory=folder,
        )
    assert "1:1" in str(raised.value) or ":2:" in str(raised.value) or "c.yaml" in str(raised.value)


def test_pasted_text_lies_nowhere():
    (one,) = read('{"image": "x", "mounts": ["source=${localWorkspaceFolder}/d,target=/d,type=bind"]}', environ={})
    lost = " | ".join(map(str, one.lost))
    assert "${localWorkspaceFolder}: pasted text lies nowhere" in lost
    assert "workspaceFolder: pasted text lies nowhere: the workspace is not bound" in lost
    assert "~/d" in one.text
