"""Broken recipes: one clear report each, with the place of the fault. None is half read."""

from __future__ import annotations

import re

import pytest

from gpuws.config.imports.reading import read
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.errors import UsageError

PLACE = re.compile(r"file:[1-9]\d*:[1-9]\d*: ")

YAML = [
    ("services: {one: {image: x\n", None, "is not YAML"),
    ("services:\n  one:\n\timage: x\n", "3:1", "is not YAML"),
    ("services:\n  one:\n    image: x\n   ports: []\n", "4:4", "is not YAML"),
    ("services:\n  one: {image: 'x}\n", None, "is not YAML"),
    ("services:\n  one: {image: x, image: y}\n", "2:19", "image: stands twice"),
    ("services:\n  one: {<<: *gone, image: x}\n", "2:13", "has no anchor before it"),
    ("services: &a\n  one: {<<: *a}\n", None, "refers to itself"),
    ("services:\n  one: {<<: 3, image: x}\n", "2:", "<<"),
    ("services:\n  one: !reset {image: x}\n", "2:8", "the tag !reset can't be used here"),
    ("services:\n  one: {image: !!binary x}\n", "2:16", "the tag tag:yaml.org,2002:binary"),
    ("services:\n  one: {image: x, [a]: b}\n", None, "expected a plain word as key"),
    ("services:\n  one: {image: \"\x07\"}\n", "2:17", "character U+0007"),
    ("services: {a: {image: x}}\n---\nservices: {b: {image: x}}\n", "2:1", "a second document"),
    ("services: []\n", "1:1", "services: expected a map, not a list"),
    ("services: {}\n", "1:1", "services: expected at least one service"),
    ("services:\n", "1:1", "services: expected a map"),
    ("services: {one: x}\n", "1:12", "services.one: expected a map, not text"),
    ("services: {one: }\n", "1:12", "services.one: expected a map"),
    ("services: {one: {}}\n", "1:12", "has neither image nor build"),
    ("services: {one: {ports: ['80:80']}}\n", "1:12", "has neither image nor build"),
    ("services:\n  one: " + "[" * 60 + "]" * 60, "2:", "nested deeper"),
]  # fmt: skip

KEYS = [
    ("imagee: x", "Compose knows no such key .did you mean image"),
    ("mem-limit: 1g", "Compose knows no such key .did you mean mem_limit"),
    ("image: [x]", "image: expected text, not a list"),
    ("command: {a: b}", "command: expected text, not a map"),
    ("command: [[a]]", r"command\[0\]: expected text, not a list"),
    ("command: \"a 'b\"", "command: expected a command line: no closing quotation"),
    ("ports: 80", "ports: expected a list, not a number"),
    ("ports: [abc]", r"ports\[0\]: expected a port such as"),
    ("ports: ['80:']", r"ports\[0\]: expected a port such as"),
    ("ports: ['1-3:1-2']", r"ports\[0\]: expected two ranges of the same length"),
    ("ports: ['3-1:3-1']", r"ports\[0\]: expected ports between 1 and 65535"),
    ("ports: ['70000:80']", r"ports\[0\]: expected ports between 1 and 65535"),
    ("ports: ['0:80']", r"ports\[0\]: expected ports between 1 and 65535"),
    ("ports: [{published: 80}]", r"ports\[0\].target: expected the port in the container"),
    ("ports: [{target: [80]}]", "target: expected text, not a list"),
    ("ports: ['1.2.3.4.5:80:80']", "expected an IP address"),
    ("ports: ['127.0.0.1:80:80', '127.0.0.1:80:81']", "port 80 stands twice"),
    ("volumes: /a:/b", "volumes: expected a list, not text"),
    ("volumes: ['/a:']", r"volumes\[0\]: expected SOURCE:TARGET"),
    ("volumes: ['/a:/b:rx']", "rx is none"),
    ("volumes: ['/a:/b:ro:z']", r"volumes\[0\]: expected SOURCE:TARGET"),
    ("volumes: ['data:/b']", "among the file's volumes"),
    ("volumes: ['/a:b']", "expected an absolute path inside the container"),
    ("volumes: ['/a:/b', '/c:/b']", "/b stands twice"),
    ("volumes: [{type: bind, target: /b}]", r"volumes\[0\].source: expected the path on the host"),
    ("volumes: [{type: bind, source: /a}]", r"volumes\[0\].target: expected the path in the container"),
    ("volumes: [{type: bind, source: /a, target: /b, read_only: perhaps}]", "read_only: expected true or false"),
    ("volumes: [{type: tmpfs, target: /b, tmpfs: {size: lots}}]", "tmpfs.size: 'lots' is not a size such as"),
    ("volumes: [{type: bind, source: /a, target: /b, bind: 3}]", r"volumes\[0\].bind: expected a map"),
    ("tmpfs: {a: b}", "tmpfs: expected text, not a map"),
    ("tmpfs: run", "tmpfs.0.: expected an absolute path"),
    ("environment: A", "environment: expected a map, or a list"),
    ("environment: [[A]]", "environment: expected a map, or a list"),
    ("environment: {A: [b]}", "environment.A: expected text or nothing, not a list"),
    ("environment: {'A B': c}", "expected a variable's name"),
    ("environment: ['=x']", "expected a variable's name"),
    ("env_file: {a: b}", "env_file: expected a file's path"),
    ("env_file: [[a]]", "env_file: expected text, not a list"),
    ("ulimits: 3", "ulimits: expected a map, not a number"),
    ("ulimits: {nofile: many}", "ulimits.nofile: expected a number"),
    ("ulimits: {nofile: -2}", "ulimits.nofile: expected a number"),
    ("ulimits: {nofile: {soft: 2, hard: 1}}", "the soft limit is above the hard one"),
    ("mem_limit: lots", "mem_limit: 'lots' is not a size such as"),
    ("mem_limit: [1]", "mem_limit: expected a size"),
    ("mem_limit: 2g, memswap_limit: 1g", "memswap_limit: expected at least mem_limit"),
    ("shm_size: -1", "shm_size: expected a size"),
    ("cpus: many", "cpus: expected a number, not text"),
    ("cpus: -1", "cpus: expected a number above 0"),
    ("pids_limit: few", "pids_limit: expected a whole number"),
    ("cpu_shares: 1", "cpu_shares: expected a number of at least 2"),
    ("oom_score_adj: 2000", "oom_score_adj: expected a number of at most 1000"),
    ("cpuset: all", "cpuset: expected CPUs such as"),
    ("privileged: perhaps", "privileged: expected true or false"),
    ("tty: [true]", "tty: expected text, not a list"),
    ("init: 3", "init: expected true or false"),
    ("restart: sometimes", "restart: expected no, always, unless-stopped"),
    ("restart: 'on-failure:x'", "restart: expected no, always, unless-stopped"),
    ("stop_grace_period: soon", "stop_grace_period: expected a duration"),
    ("stop_signal: SIGNOT", "stop_signal: expected a signal"),
    ("healthcheck: curl", "healthcheck: expected a map, not text"),
    ("healthcheck: {test: [curl]}", "healthcheck.test: expected a command line"),
    ("healthcheck: {interval: often}", "healthcheck.interval: expected a duration"),
    ("healthcheck: {retries: few}", "healthcheck.retries: expected a whole number"),
    ("healthcheck: {tests: x}", "healthcheck.tests: unknown key .did you mean test"),
    ("logging: local", "logging: expected a map, not text"),
    ("logging: {driver: [a]}", "driver: expected text, not a list"),
    ("logging: {options: [a]}", "logging.options: expected a map, not a list"),
    ("labels: 3", "labels: expected a map, or a list"),
    ("labels: {a: {b: c}}", "labels.a: expected text, not a map"),
    ("sysctls: 3", "sysctls: expected a map, or a list"),
    ("sysctls: {'a b': 1}", "a setting such as net.core.somaxconn"),
    ("extra_hosts: 3", "extra_hosts: expected a list, not a number"),
    ("extra_hosts: ['a']", "expected NAME:IP"),
    ("extra_hosts: ['a:nowhere']", "expected an IP address"),
    ("dns: nowhere", "expected an IP address"),
    ("cap_add: SYS_ADMIN", "cap_add: expected a list, not text"),
    ("security_opt: [what]", "security_opt.0.: expected no-new-privileges"),
    ("devices: /dev/fuse", "devices: expected a list, not text"),
    ("devices: ['/dev/a:/dev/b:x']", "expected permissions of r, w and m"),
    ("device_cgroup_rules: [x]", "expected a rule such as"),
    ("group_add: [a b]", "expected a group's number or name"),
    ("user: 'a b'", "user: expected host, image, root"),
    ("working_dir: here", "working_dir: expected an absolute path"),
    ("ipc: what", "ipc: expected none, private, host"),
    ("pid: what", "pid: expected host or container:NAME"),
    ("networks: 3", "networks: expected a list, not a number"),
    ("secrets: [none]", "one of secrets at the end of the file: none is not there"),
    ("configs: none", "configs: expected a list, not text"),
    ("gpus: some", "count: expected a number of GPUs, or all"),
    ("gpus: {count: 1}", "gpus: expected a list, not a map"),
    ("gpus: [{count: 1, device_ids: ['0']}]", "count: expected either count or device_ids"),
    ("deploy: 3", "deploy: expected a map, not a number"),
    ("deploy: {resources: []}", "deploy.resources: expected a map, not a list"),
    ("deploy: {resources: {reservations: {devices: {a: b}}}}", "devices: expected a list, not a map"),
    ("deploy: {resources: {reservations: {devices: [{capabilities: gpu}]}}}", "capabilities: expected a list"),
    ("deploy: {restart_policy: {condition: never}}", "condition: expected none, on-failure or any"),
    ("runtime: [nvidia]", "runtime: expected text, not a list"),
    ("build: {context: [a]}", "build.context: expected text, not a list"),
    ("build: 3.5, image: null, args: x", "Compose knows no such key"),
    ("build: {args: 3}", "build.args: expected a map, or a list"),
    ("extends: {file: a.yaml}", "extends: expected a service's name"),
    ("extends: nobody", "there is no service 'nobody'"),
    ("hostname: '${'", "has no }"),
    ("hostname: '${A:?say which}'", "the variable A must have a value: say which"),
    ("hostname: '${1A}'", "expected .{NAME}"),
    ("hostname: 'a$'", "expected a variable's name after"),
    ("hostname: '${A!b}'", "expected .{NAME}"),
    ("pull_policy: [always]", "pull_policy: expected text, not a list"),
    ("scale: [2]", "scale: expected text, not a list"),
    ("container_name: {a: b}", "container_name: expected text, not a map"),
]  # fmt: skip


def report(text: str) -> ConfigProblems:
    with pytest.raises(ConfigProblems) as raised:
        read(text, environ={}, source="file")
    return raised.value


@pytest.mark.parametrize(("text", "place", "what"), YAML, ids=range(len(YAML)))
def test_broken_yaml_is_told_with_its_place(text, place, what):
    told = str(report(text))
    assert what in told
    assert told.startswith(f"file:{place or ''}")


@pytest.mark.parametrize(("keys", "what"), KEYS, ids=[keys for keys, _ in KEYS])
def test_a_wrong_key_is_told_with_its_place(keys, what):
    found = report(
        f"services:\n  one: {{image: x, {keys}}}\n" if "image" not in keys else f"services:\n  one: {{{keys}}}\n"
    )
    assert re.search(what, str(found))
    assert len(found.problems) == 1, str(found)
    assert all(PLACE.match(line) for line in str(found).splitlines())
    assert all(one.line == 2 for one in found.problems)


def test_all_services_are_told_at_once():
    found = report("services:\n  a: {image: x, cpus: many}\n  b: {image: x, ports: [z]}\n  c: {image: x}\n")
    assert [one.line for one in found.problems] == [2, 3]


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing", "hello", "[]", "{}", "3", "a: b", "<html></html>", "\x00", "FROM x"]
)
def test_what_is_no_recipe_is_told(text):
    with pytest.raises(UsageError, match="is no recipe that gpuws knows"):
        read(text, environ={}, source="file")
