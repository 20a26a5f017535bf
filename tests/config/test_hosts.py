from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.config.hosts.hosts import read_hosts
from gpuws.config.hosts.ranges import expand
from gpuws.model.host.address import Address, parse_address
from gpuws.model.host.host import DockerAccess, Host

INTERFACE = """\
hosts:
  alpha: {}                               # an alias of ~/.ssh/config: nothing else is needed
  gpu-[01-08]: {jump: bastion}            # a range
  bravo:
    address: alice@bravo.lab.example:2222 # [user@]host[:port]
    identity_file: ~/.ssh/lab_ed25519
    jump: alpha                           # a host of this file, or any ssh destination
    ssh_options: {ServerAliveInterval: 5} # OpenSSH options, handed to the resolver
    backend: openssh                      # auto (default) | paramiko | openssh
    engine: docker                        # auto: whichever is found
    docker: {socket: /run/user/1000/docker.sock, sudo: false}
    python: /usr/bin/python3              # default: found
    tags: [a100, room-3]
    readonly: true                        # look, never change
    vars: {scratch: /scratch/alice}       # for ${…} in profiles
local: true                               # show this machine as `local` (default true)
ssh_config: ~/lab/ssh_config              # instead of ~/.ssh/config (as `ssh -F`)
defaults: {connect_timeout: 10, telemetry_interval: 2}
"""


@pytest.fixture
def read(write, environ):
    def read(*texts):
        found = read_hosts([write(f"{n}.yaml", text) for n, text in enumerate(texts)], environ)
        assert found.problems == []
        hosts = found.hosts()
        assert found.problems == []
        return {host.name: host for host in hosts}

    return read


@pytest.fixture
def problems(write, environ, paths):
    def problems(text):
        path = write("hosts.yaml", text)
        found = read_hosts([path], environ)
        if not found.problems:
            found.hosts()
        return [str(problem).removeprefix(f"{path}:") for problem in found.problems]

    return problems


def test_the_whole_file_of_the_interface(read, home):
    hosts = read(INTERFACE)
    assert list(hosts) == ["alpha", *(f"gpu-0{n}" for n in range(1, 9)), "bravo", "local"]
    config = str(home / "lab/ssh_config")
    assert hosts["alpha"] == Host("alpha", ssh_config=config)
    assert hosts["gpu-03"] == Host("gpu-03", jump="bastion", ssh_config=config)
    assert hosts["bravo"] == Host(
        "bravo",
        hostname="bravo.lab.example",
        user="alice",
        port=2222,
        identity_file="~/.ssh/lab_ed25519",
        jump="alpha",
        backend="openssh",
        ssh_options={"ServerAliveInterval": "5"},
        ssh_config=config,
        engine="docker",
        docker=DockerAccess("/run/user/1000/docker.sock"),
        python="/usr/bin/python3",
        tags=("a100", "room-3"),
        readonly=True,
        vars={"scratch": "/scratch/alice"},
    )
    assert hosts["local"] == Host("local")


def test_an_empty_entry_is_a_host(read):
    assert list(read("hosts:\n  alpha:\n  bravo:\n")) == ["alpha", "bravo", "local"]


def test_this_machine_can_be_left_out_or_described(read):
    assert list(read("hosts: {a: }\nlocal: false")) == ["a"]
    local = read("local: {vars: {scratch: /fast}, tags: [desk], docker: {sudo: true}}")["local"]
    assert (local.vars, local.tags, local.docker) == ({"scratch": "/fast"}, ("desk",), DockerAccess(sudo=True))


def test_defaults_hold_for_hosts_that_do_not_say_otherwise(read):
    hosts = read("hosts: {a: , b: {connect_timeout: 30s}}\ndefaults: {connect_timeout: 5, telemetry_interval: 1.5}")
    assert [(h.connect_timeout, h.telemetry_interval) for h in hosts.values()] == [(5, 1.5), (30, 1.5), (10, 1.5)]


def test_my_file_refines_the_labs(read):
    lab = "hosts: {a: {jump: gate, tags: [x], vars: {p: 1, q: 2}}, b: }\nssh_config: /lab/config\nlocal: false"
    hosts = read(lab, "hosts: {a: {tags: [mine], vars: {q: 3}}, c: }\nlocal: true")
    assert list(hosts) == ["a", "b", "c", "local"]
    assert (hosts["a"].jump, hosts["a"].tags, hosts["a"].vars) == ("gate", ("mine",), {"p": "1", "q": "3"})
    assert [hosts[name].ssh_config for name in "bc"] == ["/lab/config", None]


def test_one_host_of_a_range_can_be_refined(read):
    hosts = read("hosts:\n  n[1-3]: {jump: gate}\n  n2: {readonly: true}")
    assert [(h.jump, h.readonly) for h in hosts.values()] == [
        ("gate", False),
        ("gate", True),
        ("gate", False),
        (None, False),
    ]


def test_a_range_in_the_address_runs_along(read):
    hosts = read("hosts:\n  n[1-2]: {address: 'me@node[07-08].lab:22'}")
    assert [(h.hostname, h.user, h.port) for h in hosts.values()][:2] == [
        ("node07.lab", "me", 22),
        ("node08.lab", "me", 22),
    ]


def test_values_are_taken_as_written(read):
    host = read("hosts: {a: {vars: {version: 2.10, n: 007}, ssh_options: {Port: 022, Compression: true}}}")["a"]
    assert host.vars == {"version": "2.10", "n": "007"}
    assert host.ssh_options == {"Port": "022", "Compression": "yes"}


def test_ignored_options_are_noted_with_their_place(write, environ):
    path = write("hosts.yaml", "hosts:\n  a:\n    ssh_options:\n      localcommand: reboot\n      Compression: yes\n")
    found = read_hosts([path], environ)
    assert found.notes() == (
        f"{path}:4:7: localcommand is ignored: gpuws runs no commands and forwards nothing by itself",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hosts: [a]", "1:1: hosts: expected a map, not a list"),
        ("hosts: {a: 1}", "1:9: hosts.a: expected a map, not a number"),
        ("hosts: {a: {adress: x}}", "1:13: hosts.a.adress: unknown key (did you mean address?)"),
        ("hosts: {a: {engine: Docker CE}}", "1:13: hosts.a.engine: expected auto, or a kind of engine such as docker"),
        ("hosts: {a: {docker: {sockt: /x}}}", "1:22: hosts.a.docker.sockt: unknown key (did you mean socket?)"),
        ("host: {a: }", "1:1: host: unknown key (did you mean hosts?)"),
        (
            "hosts:\n  local: {}",
            "2:3: hosts.local: local is this machine; say what is special about it under the key local",
        ),
        ("hosts: {-x: }", "1:9: hosts.-x: can't be the name of a host: it begins with a dash"),
        ("hosts: {'a b': }", "1:9: hosts.a b: can't be the name of a host: it holds a blank"),
        ("hosts: {'': }", "1:9: hosts.: can't be the name of a host: it is empty"),
        ("hosts: {a: {address: -oProxyCommand=x}}", "1:13: hosts.a.address: expected [user@]host[:port]"),
        ("hosts: {a: {address: '-l@h'}}", "1:13: hosts.a.address: expected [user@]host[:port]"),
        ("hosts: {a: {address: 'h:0'}}", "1:13: hosts.a.address: expected [user@]host[:port], the port"),
        (
            "hosts: {a: {address: 'x:1:2'}}",
            "1:13: hosts.a.address: expected [user@]host[:port]; write an IPv6 address in",
        ),
        ('hosts: {a: {address: "h\\ti"}}', "1:13: hosts.a.address: expected one line without control characters"),
        ("hosts: {a: {jump: -x}}", "1:13: hosts.a.jump: expected [user@]host[:port]"),
        ("hosts: {a: {jump: 'x,,y'}}", "1:13: hosts.a.jump: expected [user@]host[:port]"),
        ("hosts: {a: {identity_file: -i}}", "1:13: hosts.a.identity_file: may not begin with a dash"),
        ("hosts: {a: {python: --x}}", "1:13: hosts.a.python: may not begin with a dash"),
        ("hosts: {a: {ssh_options: {A1: x}}}", "1:27: hosts.a.ssh_options.A1: expected the name of an OpenSSH option"),
        ("hosts: {a: {ssh_options: {Match: x}}}", "1:27: hosts.a.ssh_options.Match: expected the name of an OpenSSH"),
        ('hosts: {a: {ssh_options: {A: "x\\ny"}}}', "1:27: hosts.a.ssh_options.A: expected one line without control"),
        ("hosts: {a: {backend: putty}}", "1:13: hosts.a.backend: expected auto, paramiko or openssh"),
        ("hosts: {a: {docker: {socket: run.sock}}}", "1:22: hosts.a.docker.socket: expected the absolute path"),
        ("hosts: {a: {docker: {context: ../up}}}", "1:22: hosts.a.docker.context: expected the name of a docker con"),
        (
            "hosts: {a: {docker: {context: b, socket: /s}}}",
            "1:13: hosts.a.docker: expected socket or context, not both",
        ),
        (
            "hosts: {a: {readonly: no}}",
            "1:13: hosts.a.readonly: expected true or false, not text (did you mean false?)",
        ),
        ("hosts: {a: {tags: a100}}", "1:13: hosts.a.tags: expected a list, not text"),
        ("hosts: {a: {tags: [a 1]}}", "1:20: hosts.a.tags[0]: expected a name"),
        ("hosts: {a: {vars: {a-b: 1}}}", "1:20: hosts.a.vars.a-b: expected a variable's name"),
        ("hosts: {a: {vars: {a: [1]}}}", "1:20: hosts.a.vars.a: expected text"),
        ("hosts: {a: {vars: {a: true}}}", '1:20: hosts.a.vars.a: expected text, not true; write "true" in quotes'),
        ("hosts: {a: {connect_timeout: 0}}", "1:13: hosts.a.connect_timeout: expected seconds from 0.5 to 600"),
        ("hosts: {a: {connect_timeout: .inf}}", "1:13: hosts.a.connect_timeout: expected a duration"),
        ("hosts: {'g[3-1]': }", "1:9: hosts.g[3-1]: expected a rising range, not 3-1"),
        ("hosts: {'g[1-': }", "1:9: hosts.g[1-: expected a range such as gpu-[01-08]"),
        ("hosts: {'g[1-9999999]': }", "1:9: hosts.g[1-9999999]: expected at most 2048 hosts"),
        ("hosts: {'[1-99]x[1-99]': }", "1:9: hosts.[1-99]x[1-99]: expected at most 2048 hosts, not 9801"),
        ("hosts: {'g[1-2]': {address: 'h[1-3]'}}", "1:9: hosts.g[1-2]: the name stands for 2 hosts, the address for 3"),
        ("hosts: {a: {address: 'h[1-3]'}}", "1:9: hosts.a: the name stands for 1 hosts, the address for 3"),
        ("hosts: {a: {jump: b}, b: {jump: a}}", "1:13: hosts.a.jump: goes in a circle: a → b → a"),
        ("hosts: {a: {jump: a}}", "1:13: hosts.a.jump: goes in a circle: a → a"),
        ("local: maybe", "1:1: local: expected true, false or a map"),
        ("local: {jump: x}", "1:9: local.jump: unknown key"),
        ("ssh_config: [x]", "1:1: ssh_config: expected text"),
        ("defaults: {connect_timeout: soon}", "1:12: defaults.connect_timeout: expected a duration such as 30s"),
        ("defaults: {jump: x}", "1:12: defaults.jump: unknown key"),
    ],
)
def test_every_mistake_is_told_by_line_and_column(problems, text, expected):
    found = problems(text)
    assert found
    assert found[0].startswith(expected)


def test_all_mistakes_of_all_hosts_are_told_at_once(problems):
    found = problems("hosts:\n  a: {jmp: x}\n  -b: {}\n  c: {readonly: 1, tags: x}\nlocl: true\n")
    assert [line.partition(": ")[0] for line in sorted(found)] == ["2:7", "3:3", "4:20", "4:7", "5:1"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("h", Address("h")),
        ("u@h", Address("h", "u")),
        ("h:22", Address("h", None, 22)),
        ("first.last@10.0.0.1:2222", Address("10.0.0.1", "first.last", 2222)),
        ("DOM\\u@h", Address("h", "DOM\\u")),
        ("[::1]", Address("::1")),
        ("u@[fe80::1%eth0]:22", Address("fe80::1%eth0", "u", 22)),
        ("me@corp.example@gpu1:22", Address("gpu1", "me@corp.example", 22)),
        ("gpu+1", Address("gpu+1")),
        ("办公:22", Address("办公", None, 22)),
        ("lab/gpu/a100:22", Address("lab/gpu/a100", None, 22)),
    ],
)
def test_addresses(text, address):
    assert parse_address(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    ("text", "address", "written"),
    [
        ("::1", Address("::1"), "[::1]"),
        ("u@2001:db8::10", Address("2001:db8::10", "u"), "u@[2001:db8::10]"),
        ("ssh://alice@h:22", Address("h", "alice", 22), "alice@h:22"),
        ("ssh://me%40corp.example@[::1]:22/", Address("::1", "me@corp.example", 22), "me@corp.example@[::1]:22"),
    ],
)
def test_addresses_that_are_written_in_several_ways(text, address, written):
    assert parse_address(text) == address
    assert str(address) == written
    assert parse_address(written) == address


@pytest.mark.parametrize(
    "text", ["ssh://h/x", "ssh://", "[a:b]", "u@[::1", "[::1]x", "a,b", "$x", "a*", "::1%", "ssh://-x"]
)
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match=r"expected \[user@\]host"):
        parse_address(text)


@given(st.text())
def test_no_text_is_an_address_that_ssh_takes_for_an_option(text):
    try:
        address = parse_address(text)
    except ValueError:
        return
    assert not address.host.startswith("-")
    assert not (address.user or "").startswith("-")
    assert address.port is None or 0 < address.port < 65536


def test_ranges_keep_zeros_and_order():
    assert expand("gpu-[01-03]") == ["gpu-01", "gpu-02", "gpu-03"]
    assert expand("n[8-11]") == ["n8", "n9", "n10", "n11"]
    assert expand("r[1-2]n[01,05-06]x") == ["r1n01x", "r1n05x", "r1n06x", "r2n01x", "r2n05x", "r2n06x"]
    assert expand("plain") == ["plain"]
