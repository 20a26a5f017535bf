"""Compose files as profiles: what every key becomes, and what is lost."""

from __future__ import annotations

import pytest

from gpuws.config.imports.compose.keys import KEYS
from gpuws.config.imports.reading import read
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import read_text

USUAL = {"image": "x", "user": "image", "init": False}


def imported(text, environ=None, **more):
    return read(text, environ=environ or {}, **more)


def said(one):
    return to_data(read_text(one.text, "profile"))


def service(keys, environ=None, file="", **more):
    """What the profile of a service says beside the usual, and what is lost. `keys`: in flow style, beside the image;
    `file`: what stands beside the services."""
    (one,) = imported(f"services:\n  one: {{image: x, {keys}}}\n{file}", environ, **more)
    found = said(one)
    return {key: value for key, value in found.items() if USUAL.get(key) != value}, [str(lost) for lost in one.lost]


def test_what_compose_has_without_saying_is_said():
    (one,) = imported("services: {one: {image: x}}")
    assert (said(one), one.lost) == (USUAL, ())


def test_an_init_is_not_said_twice():
    (one,) = imported("services: {one: {image: x, init: true}}")
    assert "init" not in said(one)


def test_one_document_a_service_with_its_container():
    web, db = imported("services:\n  web: {image: a, container_name: w}\n  db: {image: b}\n")
    assert (web.name, web.container, said(web)["image"]) == ("web", "w", "a")
    assert (db.name, db.container, said(db)["image"]) == ("db", None, "b")


def test_the_specification_is_known():
    """Names of https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json"""
    names = (
        "annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name"
        " cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset"
        " credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname"
        " entrypoint env_file environment expose extends external_links extra_hosts gpus group_add healthcheck"
        " hostname image init ipc isolation label_file labels links logging mac_address mem_limit mem_reservation"
        " mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit"
        " platform ports post_start pre_stop privileged profiles provider pull_policy pull_refresh_after read_only"
        " restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt"
        " sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir"
    )
    assert not set(names.split()) - KEYS.keys()


SAME = [
    ("command: --model a 'b c'", {"command": ["--model", "a", "b c"]}),
    ("command: [a, 1]", {"command": ["a", "1"]}),
    ("entrypoint: ''", {"entrypoint": [""]}),
    ("tty: true, stdin_open: 'true'", {"tty": True, "stdin_open": True}),
    ("user: root", {"user": "root"}),
    ("user: 1000:1000", {"user": "1000:1000"}),
    ("user: dev", {"user": "dev"}),
    ("cpus: '2.5', pids_limit: 100", {"cpus": 2.5, "pids_limit": 100}),
    ("cpu_shares: 512, cpuset: 0-3", {"cpu_shares": 512, "cpuset": "0-3"}),
    ("mem_limit: 2g", {"mem_limit": "2g", "memswap_limit": "4g"}),
    ("mem_limit: 2g, memswap_limit: 2g", {"mem_limit": "2g"}),
    ("mem_limit: 2g, memswap_limit: -1", {"mem_limit": "2g", "memswap_limit": -1}),
    ("mem_reservation: 1g", {"mem_reservation": "1g"}),
    ("shm_size: 6gb, ipc: host, pid: host", {"shm_size": "6g", "ipc": "host", "pid": "host"}),
    ("ulimits: {memlock: -1}", {"ulimits": {"memlock": -1}}),
    ("ulimits: {nofile: {soft: 1, hard: 2}}", {"ulimits": {"nofile": {"soft": 1, "hard": 2}}}),
    ("ulimits: {memlock: '-1:-1'}", {"ulimits": {"memlock": -1}}),
    ("restart: always", {"restart": "always"}),
    ("restart: 'no'", {}),
    ("deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}", {"restart": "on-failure:3"}),
    ("deploy: {resources: {limits: {memory: 32g}}}", {"mem_limit": "32g", "memswap_limit": "64g"}),
    ("deploy: {resources: {limits: {cpus: '8', pids: 9}}}", {"cpus": 8, "pids_limit": 9}),
    ("deploy: {resources: {reservations: {memory: 1g}}}", {"mem_reservation": "1g"}),
    ("stop_grace_period: 0s, stop_signal: SIGINT", {"stop_grace_period": "0s", "stop_signal": "SIGINT"}),
    ("healthcheck: {test: curl x}", {"healthcheck": {"test": ["CMD-SHELL", "curl x"]}}),
    ("healthcheck: {interval: 10s, retries: '3'}", {"healthcheck": {"interval": "10s", "retries": 3}}),
    ("healthcheck: {disable: true}", {"healthcheck": {"test": ["NONE"]}}),
    ("logging: {driver: local}", {"logging": {"driver": "local"}}),
    ("logging: {options: {max-size: 10m}}", {"logging": {"options": {"max-size": "10m"}}}),
    ("labels: [a=b, c]", {"labels": {"a": "b", "c": ""}}),
    ("extra_hosts: ['a:192.0.2.1', 'b=host-gateway']", {"extra_hosts": ["a:192.0.2.1", "b:host-gateway"]}),
    ("extra_hosts: {a: [192.0.2.1, 192.0.2.2]}", {"extra_hosts": ["a:192.0.2.1", "a:192.0.2.2"]}),
    ("dns: 192.0.2.53, dns_search: [a.example]", {"dns": ["192.0.2.53"], "dns_search": ["a.example"]}),
    ("cap_add: [sys_ptrace, CAP_IPC_LOCK]", {"cap_add": ["SYS_PTRACE", "IPC_LOCK"]}),
    ("security_opt: ['label:disable']", {"security_opt": ["label=disable"]}),
    ("devices: [/dev/fuse, '/dev/a:/dev/b:r']", {"devices": ["/dev/fuse", "/dev/a:/dev/b:r"]}),
    ("group_add: [video, 44]", {"group_add": ["video", "44"]}),
    ("read_only: true, privileged: true", {"read_only": True, "privileged": True}),
    ("sysctls: [net.core.somaxconn=1024]", {"sysctls": {"net.core.somaxconn": "1024"}}),
    ("tmpfs: /run", {"tmpfs": ["/run"]}),
    ("network_mode: host", {"network_mode": "host"}),
    ("pull_policy: if_not_present", {}),
    ("pull_policy: always", {"pull_policy": "always"}),
    ("environment: {A: 1, B: true, C: 2.10, D: }", {"environment": {"A": "1", "B": "true", "C": "2.10", "D": None}}),
    ("environment: [A=1, B, 'C=']", {"environment": {"A": "1", "B": None, "C": ""}}),
    ("expose: ['80', 90-91]", {"ports": [80, 90, 91]}),
    ("ports: ['8000:8001', {target: 80, published: '90'}]", {"ports": ["0.0.0.0:8000:8001", "0.0.0.0:90:80"]}),
    ("ports: ['127.0.0.1:80:81', '[::1]:90:91/tcp']", {"ports": ["80:81", "[::1]:90:91"]}),
    ("ports: ['192.0.2.1:80-81:90-91']", {"ports": ["192.0.2.1:80:90", "192.0.2.1:81:91"]}),
    ("volumes: [/a:/b, '/c:/d:ro']", {"volumes": ["/a:/b", "/c:/d:ro"]}),
    ("volumes: [{type: bind, source: /a, target: /b, read_only: true}]", {"volumes": ["/a:/b:ro"]}),
    ("volumes: [/scratch]", {"volumes": [{"type": "volume", "target": "/scratch"}]}),
    ("volumes: [{type: tmpfs, target: /t}]", {"volumes": [{"type": "tmpfs", "target": "/t"}]}),
    ("volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1g, mode: 1777}}]", {"tmpfs": ["/t:size=1g,mode=3361"]}),
    ("volumes: ['~/a:/b']", {"volumes": [{"source": "~/a", "target": "/b", "check": "create"}]}),
    ("volumes: ['~/a.yaml:/b']", {"volumes": ["~/a.yaml:/b"]}),
    ("volumes: [{type: bind, source: ~/a, target: /b, bind: {create_host_path: false}}]", {"volumes": ["~/a:/b"]}),
    ("x-mine: 1, extends: null, attach: false", {}),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "wanted"), SAME, ids=[keys for keys, _ in SAME])
def test_a_key_is_said(keys, wanted):
    assert service(keys) == (wanted, [])


GPUS = [
    ("deploy: {resources: {reservations: {devices: [{driver: nvidia, count: all, capabilities: [gpu]}]}}}", "all"),
    ("deploy: {resources: {reservations: {devices: [{count: 2, capabilities: [gpu]}]}}}", 2),
    ("deploy: {resources: {reservations: {devices: [{capabilities: [gpu, utility]}]}}}", "all"),
    ("deploy: {resources: {reservations: {devices: [{device_ids: ['0', '3'], capabilities: [gpu]}]}}}", [0, 3]),
    ("gpus: all", "all"),
    ("gpus: [{driver: nvidia, count: 2}]", 2),
    ("runtime: nvidia, environment: {NVIDIA_VISIBLE_DEVICES: all}", "all"),
    ("runtime: nvidia, environment: ['NVIDIA_VISIBLE_DEVICES=1,2']", [1, 2]),
    ("runtime: nvidia, environment: {NVIDIA_VISIBLE_DEVICES: none}", None),
    ("devices: [nvidia.com/gpu=all]", "all"),
    ("devices: [nvidia.com/gpu=0]", [0]),
    ("environment: {NVIDIA_VISIBLE_DEVICES: 1}, runtime: nvidia, gpus: all", "all"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "gpus"), GPUS, ids=[keys for keys, _ in GPUS])
def test_every_way_to_ask_for_gpus(keys, gpus):
    assert service(keys) == ({} if gpus is None else {"gpus": gpus}, [])


def test_nvidia_s_runtime_alone_gives_what_the_image_says():
    found, (lost,) = service("runtime: nvidia")
    assert found == {"gpus": "all"}
    assert "runtime: nvidia" in lost


LOST = [
    ("container_name: a, depends_on: [b]", "line 2: depends_on", "launch those first"),
    ("ports: ['53:53/udp']", "53:53/udp: a profile publishes TCP ports only", ""),
    ("ports: [80]", "80: Compose publishes it on a port that it chooses", ""),
    ("volumes: ['/a:/b:z']", "z of /a:/b:z", "security_opt: [label=disable]"),
    ("volumes: ['/a:/b:cached']", "Docker Desktop", ""),
    ("volumes: ['./a:/b']", "./a:/b: it is relative to the file, and pasted text lies nowhere", ""),
    ("volumes: ['C:\\\\a:/b']", "a path of Windows", ""),
    ("volumes: [{type: npipe, source: a, target: b}]", "no mounts of type npipe", ""),
    ("gpus: [{driver: amd.com, count: 1}]", "a profile knows NVIDIA's GPUs only", ""),
    ("gpus: [{device_ids: ['0:1']}]", "0:1: a profile names GPUs by index or by whole UUID", ""),
    ("runtime: sysbox-runc", "runtime: sysbox-runc", ""),
    ("network_mode: 'service:vpn'", "network_mode: service:vpn", "network_mode: container:NAME"),
    ("networks: [inner]", "networks: inner: containers reach each other by name", "docker network create"),
    ("platform: linux/arm64", "platform: linux/arm64", ""),
    ("pull_policy: daily", "pull_policy: daily", "always"),
    ("deploy: {replicas: 2, placement: {}}", "deploy.replicas: 2: a profile is one container", ""),
    ("security_opt: ['seccomp:./a.json']", "a profile takes no files", ""),
    ("cap_add: [EVERYTHING]", "Linux has no such capability", ""),
    ("ulimits: {files: 1}", "ulimits.files: Linux has no such limit", ""),
    ("labels: {gpuws.owner: me}", "labels: gpuws.owner", ""),
    ("labels: {api_key: abc}", "the label api_key: it may hold a secret", ""),
    ("command: [--api-key, abc]", "command: something in it looks like a secret", ""),
    ("environment: {API_KEY: abc}", "API_KEY: it looks like a secret", ""),
    ("env_file: .env", "env_file: .env", "env_file: [PATH]"),
    ("post_start: [{command: a}]", "post_start: nothing is run by itself", "gpuws exec"),
    ("pid: 'service:a'", "pid: service:a", "pid: container:NAME"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "what", "instead"), LOST, ids=[keys for keys, _, _ in LOST])
def test_what_is_lost_has_a_line(keys, what, instead):
    lost = " | ".join(service(keys)[1])
    assert what in lost
    assert instead in lost
    assert "abc" not in lost


def test_no_secret_stands_in_what_is_printed():
    found, _ = service("environment: {A_TOKEN: abcdef, URL: 'https://me:abcdef@x'}, command: run --password abcdef")
    assert found["environment"] == {"A_TOKEN": None, "URL": None}
    assert "abcdef" not in str(found)


def test_a_secret_s_value_goes_nowhere(tmp_path):
    (tmp_path / ".env").write_text("DB_PASSWORD=hunter2\n")
    text = """
services:
  one:
    image: x
    command: [serve, "${API_KEY}", "a${DB_PASSWORD}b"]
    hostname: h
    environment: {URL: "db:${DB_PASSWORD}", OPTIONS: "key=${API_KEY:-none}", MINE: "${API_KEY}"}
    labels: {a: "${API_KEY}"}
"""
    (one,) = imported(text, {"API_KEY": "hunter1"}, directory=tmp_path)
    lost = " | ".join(map(str, one.lost))
    assert "hunter" not in one.text + lost
    assert said(one)["environment"] == {"URL": None, "OPTIONS": None, "MINE": "${API_KEY}"}
    assert said(one)["command"] == ["serve", "***", "a***b"]
    assert "line 5: ${API_KEY}: it looks like a secret: *** stands there" in lost


VARIABLES = [
    ("hostname: $A", {"hostname": "one"}),
    ("hostname: '${A}-${B:-two}-${C-three}'", {"hostname": "one-two-three"}),
    ("hostname: 'a${EMPTY:-b}${EMPTY-c}'", {"hostname": "ab"}),
    ("hostname: 'a${A:+b}${C:+d}'", {"hostname": "ab"}),
    ("hostname: '${B:-${A}}'", {"hostname": "one"}),
    ("command: 'echo $$HOME'", {"command": ["echo", "$HOME"]}),
    ("cpus: '${N:-8}'", {"cpus": 8}),
    ("tty: '${YES:-true}'", {"tty": True}),
    ("environment: ['A=${A}', 'B=${B}']", {"environment": {"A": None, "B": None}}),
    ("environment: {A: '${A:?set it}', X: '${A}1'}", {"environment": {"A": None, "X": "one1"}}),
    ("environment: {TOKEN: '${MINE:?set it}'}", {"environment": {"TOKEN": "${MINE}"}}),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "wanted"), VARIABLES, ids=[keys for keys, _ in VARIABLES])
def test_variables_are_compose_s(keys, wanted):
    assert service(keys, {"A": "one", "EMPTY": ""})[0] == wanted


def test_what_a_variable_was_is_told():
    _, lost = service("hostname: 'a${A}${GONE}'", {"A": "1"})
    assert lost == [
        "line 2: ${A}: is written as it is in your environment now",
        "line 2: ${GONE}: your environment does not have it: nothing stands there",
    ]


def test_a_variable_that_must_be_there_is_a_problem():
    with pytest.raises(ConfigProblems, match=r"pasted text:2:.*hostname: the variable A must have a value: set it"):
        service("hostname: '${A:?set it}'")


def test_merge_keys_and_anchors():
    text = """
x-common: &common {image: x, ipc: host, environment: &env {A: "1", B: "1"}}
services:
  train: {<<: *common, environment: {<<: *env, B: "2"}}
"""
    (one,) = imported(text)
    assert said(one)["environment"] == {"A": "1", "B": "2"}
    assert said(one)["ipc"] == "host"


def test_extends_merges_as_compose_does(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/base.yaml").write_text(
        "services:\n  base:\n    image: b\n    command: [a]\n    environment: [A=1, B=1]\n"
        "    volumes: [./x:/x, /y:/y]\n    ports: ['127.0.0.1:1:1']\n    depends_on: [db]\n"
    )
    text = """
services:
  one:
    extends: {service: two}
    image: x
  two:
    extends: {file: sub/base.yaml, service: base}
    environment: {B: "2"}
    command: [c]
    volumes: [/z:/y]
    ports: ["127.0.0.1:2:2"]
"""
    one, _ = imported(text, {"HOME": str(tmp_path)}, directory=tmp_path, source="compose.yaml")
    found = said(one)
    assert (found["image"], found["command"], found["environment"]) == ("x", ["c"], {"A": "1", "B": "2"})
    assert found["volumes"] == [{"source": "~/sub/x", "target": "/x", "check": "create"}, "/z:/y"]
    assert found["ports"] == ["1:1", "2:2"]
    assert not any("depends_on" in str(lost) for lost in one.lost)


@pytest.mark.parametrize(
    ("extends", "problem"),
    [
        ("{file: ../a.yaml, service: a}", "lies outside"),
        ("{file: /etc/passwd, service: a}", "lies outside"),
        ("{file: link.yaml, service: a}", "lies outside"),
        ("{file: none.yaml, service: a}", "can't be read"),
        ("nobody", "there is no service 'nobody'"),
        ("one", "goes in a circle: one → one"),
        ("[a]", "expected a service's name"),
    ],
)
def test_an_extends_that_leads_nowhere_is_told(tmp_path, extends, problem):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "a.yaml").write_text("services: {a: {image: x}}")
    (home / "link.yaml").symlink_to(tmp_path / "a.yaml")
    with pytest.raises(ConfigProblems, match=problem):
        imported(f"services:\n  one: {{extends: {extends}}}\n", directory=home, source="compose.yaml")


def test_files_beside_it(tmp_path):
    (tmp_path / ".env").write_text("TAG=7\nA_TOKEN=hush\nEXTRA=1\n")
    (tmp_path / "compose.override.yaml").write_text("")
    text = """
services:
  one:
    image: x:${TAG}
    env_file: [.env, {path: gone.env, required: false}]
    environment: ["A_TOKEN=${A_TOKEN}"]
    volumes: [data:/data, ./work:/work]
    secrets: [key]
    build: {context: ., args: {A: "${EXTRA}"}}
volumes: {data: }
secrets: {key: {file: ./key}}
"""
    (one,) = imported(text, {"HOME": "/home/me"}, directory=tmp_path, source=str(tmp_path / "compose.yaml"))
    found, lost = said(one), "\n".join(map(str, one.lost))
    assert found["image"] == "x:7"
    assert found["env_file"] == [f"{tmp_path}/.env"]
    assert found["environment"] == {"A_TOKEN": None}
    project = "".join(letter for letter in tmp_path.name.lower() if letter.isalnum() or letter in "_-")
    assert found["volumes"] == [
        f"{project}_data:/data",
        {"source": f"{tmp_path}/work", "target": "/work", "check": "create"},
        f"{tmp_path}/key:/run/secrets/key:ro",
    ]
    assert found["build"] == {"context": str(tmp_path), "args": {"A": "1"}}
    assert "hush" not in one.text + lost
    assert "A_TOKEN: its value stands in .env" in lost
    assert "compose.override.yaml: Compose would lay it over" in lost
    assert "gone.env: it is not there" in lost


def test_volumes_and_networks_of_others():
    file = (
        "volumes: {a: {external: true}, b: {name: bee}, c: }\nnetworks: {n: {external: true, name: lab}}\nname: mine\n"
    )
    found, lost = service("volumes: ['a:/a', 'b:/b', 'c:/c'], networks: [n]", file=file)
    assert found == {"volumes": ["a:/a", "bee:/b", "mine_c:/c"], "network_mode": "lab"}
    assert lost == []


def test_the_first_version_had_no_services():
    (one,) = imported("web:\n  image: x\n  ports: ['127.0.0.1:80:80']\n")
    assert (one.name, said(one)["ports"]) == ("web", ["80:80"])
