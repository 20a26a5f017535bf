"""What people write in Compose files holds in profiles, or is told with what to write instead."""

from __future__ import annotations

import pytest

from gpuws.config.profiles.profiles import ProfileStore, check_file
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import read_text
from gpuws.model.host.host import Host
from gpuws.model.profile.profile import Ulimit


@pytest.fixture
def load(write, paths, environ):
    def load(text, overrides=(), **mine):
        write("profiles/p.yaml", text)
        host = Host("bravo", vars={"scratch": "/scratch/me"})
        return ProfileStore([paths.profiles_dir]).load("p", host, overrides=overrides, environ=environ | mine)

    return load


@pytest.fixture
def problems(load):
    def problems(text, overrides=(), **mine):
        with pytest.raises(ConfigProblems) as caught:
            load(text, overrides, **mine)
        return [
            f"{one.line}:{one.column}: {one.key + ': ' if one.key else ''}{said(one)}" for one in caught.value.problems
        ]

    return problems


def said(one):
    return one.message + (f" (did you mean {one.suggestion}?)" if one.suggestion else "")


def test_merge_keys_take_over_what_an_anchor_has(load):
    found = load(
        """\
x-common: &common
  image: example/trainer:gpu
  ipc: host
  environment: &env {PYTHONUNBUFFERED: "1", LEVEL: low}
<<: *common
environment:
  <<: *env
  EXTRA: "1"
  LEVEL: high
"""
    )
    assert (found.image, found.ipc) == ("example/trainer:gpu", "host")
    assert found.environment == {"PYTHONUNBUFFERED": "1", "LEVEL": "high", "EXTRA": "1"}


def test_of_several_merged_maps_the_first_counts():
    tree = read_text("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\nd: {z: 4, <<: *b}", "f")
    data = to_data(tree)
    assert data["c"] == {"x": 1, "y": 1, "z": 3}
    assert data["d"] == {"y": 2, "z": 4}


def test_what_is_merged_keeps_its_place(problems):
    found = problems("x-a: &a\n  mem_limit: lots\nimage: i\n<<: *a")
    assert found == ["2:3: mem_limit: 'lots' is not a size such as 64g or 512m"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: i\n<<: x", "2:1: <<: expected a map or a list of maps, such as *common"),
        ("image: i\n<<: [{a: 1}, b]", "2:1: <<: expected a map or a list of maps, such as *common"),
        ("x-a: &a {ipc: host}\nimage: i\n<<: *a\n<<: *a", "4:1: <<: stands twice; write <<: [*first, *second]"),
        ("image: i\n<<: *nowhere", "2:5: the alias *nowhere has no anchor before it"),
    ],
)
def test_what_can_not_be_merged_is_told(problems, text, expected):
    assert problems(text) == [expected]


def test_a_merge_key_in_quotes_is_a_key():
    assert to_data(read_text("'<<': {a: 1}", "f")) == {"<<": {"a": 1}}


def test_keys_for_anchors_mean_nothing_wherever_they_stand(load):
    assert load("x-note: {a: [b]}\nimage: i\nhosts: {bravo: {x-more: 1, ipc: host}}").ipc == "host"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("cpus: '0.50'", "cpus", 0.5),
        ("pids_limit: '-1'", "pids_limit", -1),
        ("ulimits: {memlock: '-1:-1'}", "ulimits", (Ulimit("memlock", -1, -1),)),
        ("ulimits: {memlock: '-1'}", "ulimits", (Ulimit("memlock", -1, -1),)),
        ("ulimits: {nofile: {soft: '1024', hard: '4096'}}", "ulimits", (Ulimit("nofile", 1024, 4096),)),
        (
            "ulimits:\n - memlock=-1:-1\n - stack=67108864",
            "ulimits",
            (Ulimit("memlock", -1, -1), Ulimit("stack", 67108864, 67108864)),
        ),
        ("stop_grace_period: 1m30s", "stop_grace_period", 90),
        ("env_file: {path: a.env}", "env_file", ("a.env",)),
        ("env_file: [{path: a.env, required: true}, b.env]", "env_file", ("a.env", "b.env")),
    ],
)
def test_values_in_quotes_and_lists_hold(load, paths, text, key, value):
    found = getattr(load(f"image: i\n{text}"), key)
    assert (
        tuple(one.removeprefix(f"{paths.profiles_dir}/") for one in found) == value
        if key == "env_file"
        else (found == value)
    )


def test_ports_in_quotes_hold(load):
    found = load("image: i\nports: [{target: '80', published: '8081'}, '8888']").ports
    assert [(port.target, port.published) for port in found] == [(80, 8081), (8888, None)]


ENVIRONMENTS = [
    ("[HF_TOKEN]", {"HF_TOKEN": None}, {}),
    ("['HF_TOKEN=${HF_TOKEN}']", {"HF_TOKEN": None}, {}),
    ("{HF_TOKEN: '${HF_TOKEN}'}", {"HF_TOKEN": None}, {}),
    ("{HUB_TOKEN: '${HF_TOKEN}'}", {"HUB_TOKEN": None}, {"HUB_TOKEN": "HF_TOKEN"}),
    ("['HUB_TOKEN=${HF_TOKEN}']", {"HUB_TOKEN": None}, {"HUB_TOKEN": "HF_TOKEN"}),
    ("{HF_TOKEN: '${HF_TOKEN:-none}'}", {"HF_TOKEN": None}, {}),
    ("{HF_TOKEN: '${HF_TOKEN:?set it}'}", {"HF_TOKEN": None}, {}),
    ("{MODEL: '${MODEL:-org/x:1}'}", {"MODEL": "org/x:1"}, {}),
    ("{MODEL: '${MODEL-}'}", {"MODEL": ""}, {}),
    ("{MODEL: '${EMPTY:-org/x}'}", {"MODEL": "org/x"}, {}),
    ("{EMPTY: '${EMPTY-org/x}'}", {"EMPTY": None}, {}),
    ("{FLAG: '${HF_TOKEN:+1}'}", {"FLAG": "1"}, {}),
    ("{FLAG: '${MODEL:+1}'}", {"FLAG": ""}, {}),
    ("{DIR: '${scratch}'}", {"DIR": "/scratch/me"}, {}),
    ("{DIR: '${scratch:-/tmp}'}", {"DIR": "/scratch/me"}, {}),
    ("{LETTERS: '$${HF_TOKEN}'}", {"LETTERS": "${HF_TOKEN}"}, {}),
    ("{PRICE: '${PRICE:-5$}'}", {"PRICE": "5$"}, {}),
]


@pytest.mark.parametrize(("text", "values", "named"), ENVIRONMENTS)
def test_whole_values_are_taken_from_my_environment(load, text, values, named):
    found = load(f"image: i\nenvironment: {text}", HF_TOKEN="hf_secret", EMPTY="")
    assert (dict(found.environment), dict(found.names_here)) == (values, named)
    assert "hf_secret" not in repr(found)


def test_a_variable_and_an_argument_of_one_name_are_each_their_own(load):
    text = "image: i\nbuild: {context: ., args: {A: '${X}'}}\nenvironment: {A: '${Y}', B: '${X}'}"
    found = load(text, X="1", Y="2")
    assert (found.build.args, dict(found.names_here)) == ({"A": "1"}, {"A": "Y", "B": "X"})


def test_build_arguments_are_taken_as_well(load):
    text = "build: {context: ., args: {A: '${HERE}', B: '${GONE:-2}', HERE: '${HERE}'}}"
    found = load(text, HERE="1").build
    assert (found.args, found.taken) == ({"A": "1", "B": "2", "HERE": "1"}, ("A", "HERE"))


@pytest.mark.parametrize("text", [text for text, _, _ in ENVIRONMENTS])
def test_a_check_needs_no_environment(write, environ, text):
    path = write("profiles/p.yaml", f"image: i\nenvironment: {text}")
    assert check_file(path, ProfileStore([path.parent]), (), environ) == ()


def test_letters_that_look_like_a_variable_are_noted(write, environ):
    path = write("profiles/p.yaml", "image: i\nenvironment: [HF_TOKEN=$HF_TOKEN]")
    (noted,) = check_file(path, ProfileStore([path.parent]), (), environ)
    assert noted.startswith(f"{path}:2:15: environment.HF_TOKEN: $HF_TOKEN: these letters are handed over; ")
    assert noted.endswith("for the value in your environment write ${HF_TOKEN}")


def test_variables_of_a_shell_are_noted_where_a_host_may_have_them(write, environ):
    text = "image: i\nuser: '${UID}'\nlabels: {a: '$${HOME}', b: '${scratch}'}\nenvironment: {HOME: '${HOME}'}"
    path = write("profiles/p.yaml", f"{text}\nhosts: {{bravo: {{working_dir: '${{PWD}}'}}}}")
    noted = check_file(path, ProfileStore([path.parent]), ["bravo"], environ)
    assert [one.removeprefix(f"{path}:").partition(" is the host's")[0] for one in noted] == [
        "2:7: user: ${UID}",
        "5:30: hosts.bravo.working_dir: ${PWD}",
    ]


CALLERS = "your environment gives whole values of environment and build.args only"
TOLD = [
    ("environment: {T: '${T:?set a token}'}", "environment.T: T is not set in your environment: set a token"),
    (
        "environment: {U: 'http://${H}:80'}",
        f"environment.U: the variable H is not defined for this host: {{}}{CALLERS}",
    ),
    ("environment: {U: 'a${H:-b}'}", f"environment.U: a profile has no ${{H:-b}}: write the value, {{}}{CALLERS}"),
    ("environment: {U: '${A:-${B}}'}", f"environment.U: a profile has no ${{A:-${{B}}: write the value, {{}}{CALLERS}"),
    ("image: '${IMAGE:-i}'", f"image: a profile has no ${{IMAGE:-i}}: write the value, {{}}{CALLERS}"),
    ("user: '${UID}:1000'", "user: there is no ${UID} on a host: user: host, the default, is your uid and gid"),
    ("volumes: ['${HOME}/a:/a']", "volumes[0]: there is no ${HOME} on a host: write ~ for your home on that host"),
    ("volumes: ['./a:/a:z']", "volumes[0]: leave :z out: gpuws changes no SELinux labels"),
    ("volumes: ['./a:/a:ro,Z']", "volumes[0]: leave :Z out: gpuws changes no SELinux labels"),
    ("volumes: ['./a:/a:cached']", "volumes[0]: leave :cached out: it is for macOS only"),
    ("volumes: ['./a:/a:delegated']", "volumes[0]: leave :delegated out: it is for macOS only"),
    ("volumes: ['/a:/a:rslave']", "volumes[0]: leave :rslave out: a profile can't say how mounts are handed on"),
    ("volumes: ['a:/a:nocopy']", "volumes[0]: leave :nocopy out"),
    ("volumes: ['a:/a:ro,rw']", "volumes[0]: expected ro or rw after the target, not 'ro,rw'"),
    ("volumes: [{type: tmpfs, target: /s, tmpfs: {size: 1g}}]", "volumes[0].tmpfs: unknown key; write it as an entry"),
    (
        "volumes: [{source: ./d, target: /d, bind: {create_host_path: true}}]",
        "volumes[0].bind: unknown key; write check: create",
    ),
    ("volumes: {data: {}}", "volumes: expected a list, not a map"),
    ("ports: ['53:53/udp']", "ports[0]: expected a TCP port: udp is neither published nor tunnelled"),
    ("ports: ['8888-8890:8888-8890']", "ports[0]: expected one port: write each of a range by itself"),
    ("ports: ['127.0.0.1::80']", "ports[0]: expected a TCP port such as"),
    ("ports: [{target: 80, mode: host}]", "ports[0].mode: unknown key; leave it out"),
    ("ulimits: {memlock: unlimited}", "ulimits.memlock: expected a number, SOFT:HARD, or a map of soft and hard; -1"),
    ("ulimits: [memlock]", "ulimits[0]: expected NAME=VALUE: no value is given"),
    ("labels: [a]", "labels[0]: expected NAME=VALUE: no value is given"),
    ("env_file: [{path: a.env, required: false}]", "env_file: required: false: a file that is named must be there"),
    ("env_file: [{path: a.env, format: raw}]", "env_file: format: of an env_file only the path can be said"),
    ("gpus: [{driver: nvidia, count: 2, capabilities: [gpu]}]", "gpus: write gpus: 2 instead of Compose's list"),
    ("gpus: [{device_ids: ['0', '3']}]", "gpus: write gpus: [0, 3] instead of Compose's list"),
    ("deploy: {resources: {limits: {memory: 1g}}}", "deploy: unknown key; write gpus for its devices"),
    ("container_name: x", "container_name: unknown key; leave it out: a container gets its name when it is launched"),
    ("runtime: nvidia", "runtime: unknown key; leave it out: gpus alone gives GPUs"),
    ("networks: [a]", "networks: unknown key; write network_mode: NAME"),
    ("depends_on: [db]", "depends_on: unknown key; leave it out: a profile is one container"),
    ("links: [db]", "links: unknown key; leave it out: a profile is one container"),
    ("secrets: [t]", "secrets: unknown key; write NAME: null under environment"),
    ("configs: [t]", "configs: unknown key; write NAME: null under environment"),
    ("network: host", "network: unknown key; write network_mode: NAME"),
    ("device_requests: []", "device_requests: unknown key; write gpus"),
    ("mounts: []", "mounts: unknown key; write volumes: [SOURCE:TARGET]"),
    ("cmd: x", "cmd: unknown key; write command"),
    ("workdir: /x", "workdir: unknown key; write working_dir"),
    ("gpu: 1", "gpu: unknown key; write gpus: all, a count"),
    ("hosts: {h: {cmd: x}}", "cmd: unknown key; write command"),
    ("platform: linux/amd64", "platform: unknown key; leave it out: the image must be one for the host's own"),
    ("rm: true", "rm: unknown key; write auto_remove: true"),
    ("storage_opt: {a: 1}", "storage_opt: unknown key; leave it out: a profile has no such setting"),
    ("domainname: x", "domainname: unknown key; write hostname"),
    ("expose: [80]", "expose: unknown key; write ports"),
    ("healthcheck: {start_interval: 5s}", "healthcheck.start_interval: unknown key; leave it out"),
    ("logging: {max-size: 10m}", "logging.max-size: unknown key; write it under options"),
    ("runArgs: [--gpus=all]", "runArgs: unknown key; this is of a devcontainer.json: `gpuws profiles import FILE`"),
]


@pytest.mark.parametrize(("text", "expected"), TOLD)
def test_what_does_not_hold_is_told_once_with_what_to_write(write, environ, problems, text, expected):
    host = text.startswith("hosts")
    told = "" if "image" in text.partition(":")[0] else "image: i\n"
    text = told + (text.replace("h: {cmd", "bravo: {cmd") if host else text)
    found = problems(text)
    assert len(found) == 1, found
    start, _, end = expected.partition("{}")
    assert found[0].partition(": ")[2].startswith(start)
    assert found[0].endswith(end) or not end


SET = [
    ("command=[a, 'b c']", "command", ("a", "b c")),
    ('command=["sh", "-c", "echo x"]', "command", ("sh", "-c", "echo x")),
    ("command=[]", "command", ()),
    ("command=sleep 5", "command", ("sleep", "5")),
    ("gpus.model=[AH]100", "gpus.model", "[AH]100"),
    ("healthcheck.test=[CMD, true]", "", None),
    ("environment={A: 1, B: null}", "environment", {"A": "1", "B": None}),
    ("environment=[A=1]", "environment", {"A": "1"}),
    ('environment.JSON={"a": [1]}', "environment", {"JSON": '{"a": [1]}'}),
    ("environment.T=${HOME}", "environment", {"T": None}),
    ("labels.a.b=[x]", "labels", {"a.b": "[x]"}),
    ("gpus={count: 2, memory: 40g}", "gpus.count", 2),
    ("gpus=[0, 1]", "gpus.indices", (0, 1)),
    ("ulimits={memlock: -1}", "ulimits", (Ulimit("memlock", -1, -1),)),
    ("dns=[192.0.2.1, 192.0.2.2]", "dns", ("192.0.2.1", "192.0.2.2")),
]


@pytest.mark.parametrize(("setting", "key", "value"), SET)
def test_lists_and_maps_are_set(load, problems, setting, key, value):
    if not key:
        (found,) = problems("image: i", [setting])
        assert found.startswith("0:0: healthcheck.test[1]: expected text, not true")
        return
    found = load("image: i", [setting])
    for part in key.split("."):
        found = getattr(found, part)
    assert found == value


def test_a_list_is_appended_item_by_item(load):
    found = load("image: i\nvolumes: ['/a:/a']", ["volumes+=[/b:/b, {source: /c, target: /c}]", "volumes+=/d:/d"])
    assert [volume.target for volume in found.volumes] == ["/a", "/b", "/c", "/d"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("command=[a, b", "command: [ is never closed; write command=[a, b], in quotes for the shell: --set"),
        ("gpus={count: 2", "gpus: { is never closed; write gpus={a: 1, b: 2}, in quotes"),
        ("command=[a: ]b]", "command: expected command="),
        ("ports[0]=80", "ports[0]: a list is set as a whole, ports=[a, b], or appended to, ports+=[c]"),
        ("command={a: 1}", "command: expected a list, not a map"),
        ("mem_limit=[1g]", "mem_limit: expected a size such as 64g or 512m"),
        ("env.A=1", "env: unknown key; write environment"),
        ("shm-size=1g", "shm-size: unknown key (did you mean shm_size?)"),
    ],
)
def test_what_can_not_be_set_is_told_with_the_option(problems, setting, expected):
    (found,) = problems("image: i", [setting])
    assert found.startswith(f"0:0: {expected}")
