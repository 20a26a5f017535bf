from __future__ import annotations

import time

import pytest

from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.host.host import Host


@pytest.fixture
def problems(write, paths, environ):
    def problems(text):
        path = write("profiles/p.yaml", text)
        with pytest.raises(ConfigProblems) as caught:
            ProfileStore([paths.profiles_dir]).load("p", Host("h"), environ=environ)
        return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]

    return problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "1:1: expected image or build: there is nothing to run"),
        ("engine: proces", "1:1: engine: proces needs image or build; an engine that needs neither: process"),
        ("imgae: x\nimage: i", "1:1: imgae: unknown key (did you mean image?)"),
        ("image: i\nenv: {A: 1}", "2:1: env: unknown key; write environment"),
        ("image: i\nread_olny: true", "2:1: read_olny: unknown key (did you mean read_only?)"),
        ("image: [i]", "1:1: image: expected text"),
        ("image: true", '1:1: image: expected text, not true; write "true" in quotes if it is meant'),
        ("image: ' '", "1:1: image: expected text, not nothing"),
        ('image: "a\\nb"', "1:1: image: expected one line without control characters"),
        ('image: "a\\0b"', "1:1: image: expected text without control characters"),
        (
            "image: i\npull_policy: allways",
            "2:1: pull_policy: expected missing, always or never (did you mean always?)",
        ),
        ('image: i\ncommand: "sh -c \'x"', "2:1: command: expected a command line: no closing quotation"),
        ("image: i\ncommand: {a: 1}", "2:1: command: expected a list, not a map"),
        ("image: i\ncommand: [a, [b]]", "2:14: command[1]: expected text"),
        ("image: i\ngpus: two", "2:1: gpus: expected all, none, a count"),
        ("image: i\ngpus: true", "2:1: gpus: expected all, none, a count"),
        ("image: i\ngpus: -1", "2:1: gpus: expected all, none, a count"),
        ("image: i\ngpus: 1.5", "2:1: gpus: expected all, none, a count"),
        ("image: i\ngpus: []", "2:1: gpus: the list names no GPU; write none for no GPU"),
        ("image: i\ngpus: [0, GPU-x]", "2:1: gpus: expected indices (0, 1) or UUIDs (GPU-…, MIG-…), not both"),
        ("image: i\ngpus: [0, 0]", "2:1: gpus: a GPU stands twice"),
        ("image: i\ngpus: {cuont: 1}", "2:8: gpus.cuont: unknown key (did you mean count?)"),
        ("image: i\ngpus: {count: all}", "2:8: gpus.count: expected all, none"),
        ("image: i\ngpus: {memory: big}", "2:8: gpus.memory: 'big' is not a size such as 64g or 512m"),
        ("image: i\ngpus: {model: '('}", "2:8: gpus.model: not a regular expression"),
        ("image: i\ngpus: {policy: any}", "2:8: gpus.policy: expected free"),
        ("image: i\nmem_limit: 64 giga", "2:1: mem_limit: '64 giga' is not a size such as 64g or 512m"),
        ("image: i\nmem_limit: true", "2:1: mem_limit: expected a size such as 64g or 512m"),
        ("image: i\nmem_limit: -5", "2:1: mem_limit: expected a size such as 64g or 512m"),
        ("image: i\nmem_limit: 2g\nmemswap_limit: 1g", "3:1: memswap_limit: expected at least mem_limit"),
        ("image: i\ncpus: many", "2:1: cpus: expected a number, not text"),
        ("image: i\ncpus: 0", "2:1: cpus: expected a number above 0"),
        ("image: i\ncpus: true", "2:1: cpus: expected a number, not true"),
        ("image: i\npids_limit: 1.5", "2:1: pids_limit: expected a whole number, not a number"),
        ("image: i\nipc: hots", "2:1: ipc: expected none, private, host, shareable or container:NAME"),
        ("image: i\nulimits: {nofiles: 1}", "2:11: ulimits.nofiles: expected one of core, cpu"),
        ("image: i\nulimits: {nofile: 1k}", "2:11: ulimits.nofile: expected a number, SOFT:HARD, or a map"),
        ("image: i\nulimits: {nofile: {soft: 1}}", "2:11: ulimits.nofile: hard is missing"),
        (
            "image: i\nulimits: {nofile: {soft: 2, hard: 1}}",
            "2:11: ulimits.nofile: the soft limit is above the hard one",
        ),
        ("image: i\nulimits: {nofile: -2}", "2:11: ulimits.nofile: expected a number of at least -1"),
        ("image: i\nuser: a b", '2:1: user: expected host, image, root, "UID:GID" or a name'),
        ("image: i\nworking_dir: work", "2:1: working_dir: expected an absolute path inside the container"),
        ("image: i\nvolumes: ~/a:/a", "2:1: volumes: expected a list, not text"),
        ("image: i\nvolumes: ['~/a:/a:rx']", "2:11: volumes[0]: expected ro or rw after the target, not 'rx'"),
        ("image: i\nvolumes: ['a:b:c:d']", "2:11: volumes[0]: expected SOURCE:TARGET or SOURCE:TARGET:ro"),
        ("image: i\nvolumes: ['/a:a']", "2:11: volumes[0]: expected an absolute path inside the container"),
        ("image: i\nvolumes: ['~bob/a:/a']", "2:11: volumes[0]: ~ means my own home only"),
        ("image: i\nvolumes: ['../a:/a']", "2:11: volumes[0]: leads out of my home; write an absolute path"),
        ("image: i\nvolumes: ['/a:/x', '/b:/x/']", "2:20: volumes[1]: /x stands twice"),
        ("image: i\nvolumes: [{target: /x}]", "2:11: volumes[0]: source is missing: the path on the host"),
        (
            "image: i\nvolumes:\n - source: /a\n   target: /x\n   chekc: exists",
            "5:4: volumes[0].chekc: unknown key (did you mean check?)",
        ),
        (
            "image: i\nvolumes: [{source: /a, target: /x, check: there}]",
            "2:36: volumes[0].check: expected exists, mounted,",
        ),
        (
            "image: i\nvolumes: [{type: tmpfs, source: /a, target: /x}]",
            "2:25: volumes[0].source: a tmpfs has no source",
        ),
        (
            "image: i\nvolumes: [{type: volume, source: 'a b', target: /x}]",
            "2:26: volumes[0].source: 'a b' is neither a path",
        ),
        ("image: i\nvolumes: [5]", "2:11: volumes[0]: expected a map, not a number"),
        ("image: i\nports: [http]", "2:9: ports[0]: expected a TCP port"),
        ("image: i\nports: [70000]", "2:9: ports[0]: expected a number of at most 65535"),
        ("image: i\nports: ['53:53/udp']", "2:9: ports[0]: expected a TCP port"),
        ("image: i\nports: [8000-8010]", "2:9: ports[0]: expected one port: write each of a range by itself"),
        ("image: i\nports: [true]", "2:9: ports[0]: expected a port"),
        ("image: i\nports: ['1:2', '1:3']", "2:16: ports[1]: port 1 stands twice"),
        ("image: i\nports: [{published: 1}]", "2:9: ports[0]: target is missing"),
        ("image: i\nports: [{target: 1, host_ip: lo}]", "2:21: ports[0].host_ip: expected an IP address of the host"),
        ("image: i\nenvironment: {A: [1]}", "2:15: environment.A: expected text"),
        ("image: i\nenvironment: {A: true}", '2:15: environment.A: expected text, not true; write "true" in quotes'),
        ("image: i\nenvironment: {'A B': 1}", "2:15: environment.A B: expected a variable's name"),
        ("image: i\nenvironment: [A=1, A=2]", "2:20: environment[1]: A stands twice"),
        ("image: i\nenvironment: [{A: 1}]", "2:15: environment[0]: expected NAME=VALUE"),
        ("image: i\nenvironment: text", "2:1: environment: expected a map, not text"),
        ("image: i\nenv_file: {a: 1}", "2:1: env_file: expected a list, not a map"),
        ("image: i\njupyter: {prot: 1}", "2:11: jupyter.prot: unknown key (did you mean port?)"),
        (
            "image: i\njupyter: {start: yes}",
            "2:11: jupyter.start: expected true or false, not text (did you mean true?)",
        ),
        ("image: i\njupyter: {token: tok3n}", "2:11: jupyter.token: expected auto: none is handed in"),
        ("image: i\njupyter: {bind: 0.0.0.0}", "2:11: jupyter.bind: "),
        ("image: i\njupyter: {restart: always}", "2:11: jupyter.restart: "),
        ("image: i\njupyter: maybe", "2:1: jupyter: expected a map, not text"),
        ("image: i\ntmux: {session: 'a:b'}", "2:8: tmux.session: expected a session's name without : and ."),
        ("image: i\nrestart: sometimes", "2:1: restart: expected no, always, unless-stopped or on-failure[:N]"),
        ("image: i\nrestart: false", "2:1: restart: expected text, not false"),
        ("image: i\ninit: no", "2:1: init: expected true or false, not text (did you mean false?)"),
        ("image: i\nstop_grace_period: soon", "2:1: stop_grace_period: expected a duration such as 30s"),
        (
            "image: i\nlabels: {gpuws.owner: me}",
            "2:10: labels.gpuws.owner: expected another name: those that begin with gpuws. are gpuws' own",
        ),
        ("image: i\nlabels: {a: }", "2:10: labels.a: expected text"),
        ("build: {}", "1:1: build: expected context or dockerfile_inline"),
        ("build: {context: ., dockerfile: a, dockerfile_inline: b}", "1:21: build.dockerfile: expected either"),
        ("build: {contxt: .}", "1:9: build.contxt: unknown key (did you mean context?)"),
        ("build: [x]", "1:1: build: expected a map, not a list"),
        ("image: i\nhosts: [h]", "2:1: hosts: expected a map of hosts or tags, not a list"),
        ("image: i\nhosts: {h: 5}", "2:9: hosts.h: expected a map, not a number"),
        ("image: i\nhosts: {h: {extends: x}}", "2:13: hosts.h.extends: can't stand in an overlay"),
        ("image: i\nhosts: {h: {mem_limti: 5}}", "2:13: mem_limti: unknown key (did you mean mem_limit?)"),
        ("image: i\nvolumes+: 5", "2:1: volumes+: expected a list to append, not a number"),
        ("image: ${nope}", "1:8: image: the variable nope is not defined for this host"),
        ("image: i\ncap_add: [SYS_PTRAC]", "2:11: cap_add[0]: expected a capability such as SYS_PTRACE, or ALL"),
        ("image: i\ncap_add: ALL", "2:1: cap_add: expected a list, not text"),
        ("image: i\nsecurity_opt: [seccomp=x.json]", "2:16: security_opt[0]: expected no-new-privileges, seccomp="),
        ("image: i\ndevices: [nvidia.com/gpu=0]", "2:11: devices[0]: expected HOST[:INSIDE][:rwm] such as /dev/fuse;"),
        ("image: i\ndevices: ['/dev/a:rwx']", "2:11: devices[0]: expected permissions of r, w and m, each once"),
        ("image: i\ndevices: [/dev/a, {source: /dev/a}]", "2:19: devices[1]: /dev/a stands twice"),
        ("image: i\nhostname: -x", "2:1: hostname: expected a name of letters, digits, dots, dashes and underscores"),
        ("image: i\ndns: nameserver", "2:1: dns: expected an IP address such as 192.0.2.53"),
        ("image: i\nextra_hosts: [db]", '2:15: extra_hosts[0]: expected NAME:IP such as "db:192.0.2.7"'),
        ("image: i\nextra_hosts: {db: web}", "2:1: extra_hosts: db: expected an IP address such as"),
        ("image: i\nnetwork_mode: container:x\ndns: ::1", "3:1: dns: with network_mode: container:x that is the other"),
        ("image: i\ngroup_add: [a b]", "2:13: group_add[0]: expected a group's number or name"),
        ("image: i\npid: service:x", "2:1: pid: expected host or container:NAME"),
        ("image: i\nprivileged: yes", "2:1: privileged: expected true or false, not text (did you mean true?)"),
        ("image: i\ntmpfs: run", "2:1: tmpfs: expected an absolute path inside the container, and options"),
        ("image: i\ntmpfs: ['/run:sise=1m']", "2:9: tmpfs[0]: expected an absolute path inside the container"),
        ("image: i\nvolumes: [a:/x]\ntmpfs: /x", "3:1: tmpfs: /x stands twice"),
        ("image: i\nstop_signal: SIGSTOPP", "2:1: stop_signal: expected a signal such as SIGINT"),
        (
            "image: i\nhealthcheck: {test: [curl, x]}",
            "2:15: healthcheck.test: expected a command line, or a list: [CMD,",
        ),
        ("image: i\nhealthcheck: {retries: 0}", "2:15: healthcheck.retries: expected a number of at least 1"),
        (
            "image: i\nhealthcheck: {interval: 0.0001}",
            "2:15: healthcheck.interval: expected a duration of at least 1ms",
        ),
        ("image: i\nhealthcheck: {interval: soon}", "2:15: healthcheck.interval: expected a duration such as 30s"),
        ("image: i\nhealthcheck: {tst: x}", "2:15: healthcheck.tst: unknown key (did you mean test?)"),
        ("image: i\nlogging: {driver: 'a b'}", "2:11: logging.driver: expected a log driver's name such as local"),
        ("image: i\nlogging: {options: {max-size: null}}", "2:21: logging.options.max-size: expected text"),
        ("image: i\nx y: 1", "2:1: x y: unknown key"),
    ],
)
def test_every_mistake_is_told_by_line_and_column(problems, text, expected):
    found = problems(text)
    assert found[0].startswith(expected)


def test_all_mistakes_are_told_at_once_in_order(problems):
    found = problems("imag: i\nmem_limit: x\nports: [a, 5, b]\nvolumes: [{source: 1}]\ninit: 1\n")
    assert [line.partition(": ")[0] for line in found] == ["1:1", "2:1", "3:9", "3:15", "4:11", "5:1"]


def test_a_file_of_nothing_but_mistakes_is_told_soon(problems):
    start = time.monotonic()
    found = problems("image: i\n" + "".join(f"wrong{n}: 1\n" for n in range(20_000)))
    assert len(found) == 101
    assert "19900 more problems" in found[0]
    assert time.monotonic() - start < 10


def test_one_mistake_is_told_once(problems):
    assert problems("image: i\nmem_limit: x\n") == ["2:1: mem_limit: 'x' is not a size such as 64g or 512m"]
