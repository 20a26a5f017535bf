"""Profiles of every shape that a file can say."""

from __future__ import annotations

import posixpath

from hypothesis import strategies as st

from gpuws.config.profiles.fields import ULIMITS
from gpuws.model.profile.profile import (
    Build,
    GpuMemoryCap,
    GpuWish,
    Healthcheck,
    HostDevice,
    JupyterWish,
    Logging,
    PortWish,
    Profile,
    TmuxWish,
    Ulimit,
    Volume,
)

TRICKY = st.sampled_from(
    [
        *(
            "no",
            "true",
            "null",
            "~",
            "0x1F",
            "1e3",
            "22:22",
            "2.10",
            "- a",
            "a: b",
            "#c",
            "a #b",
            "'",
            '"',
            "*x",
            "&x",
            "!x",
        ),
        *(
            "$",
            "$$",
            "$${x}",
            "${x}",
            "a$b",
            "%",
            "@",
            "`",
            "|",
            ">",
            "[",
            "{",
            "a,b",
            " x",
            "x ",
            "é",
            "\U0001f600",
            "=",
            "?",
        ),
        *(
            "\t",
            "\u2028",
            "\ufeff",
            "\xa0",
            "-1",
            "all",
            "none",
            "host",
            "2026-01-01",
            ".5",
            "+x",
            "x+",
            "<<",
            "0o17",
            "1_000",
        ),
    ]
)
LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
WORDS = TRICKY | st.text(LETTERS | st.just("\t"), max_size=20)
TEXTS = WORDS | st.lists(WORDS | st.sampled_from(["", " ", "  x"]), min_size=1, max_size=5).map("\n".join)
LINES = (TRICKY | st.text(LETTERS, max_size=20)).filter(lambda text: text.strip() and not set(text) & set("\t\x85"))
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True) | st.sampled_from(
    ["A+", "a.b", "é", "no", "1", "~"]
)
LABELS = (NAMES | TEXTS).filter(lambda name: not name.startswith("gpuws."))
SIZES = st.integers(0, (1 << 60) - 1) | st.integers(0, 900).map(lambda n: n << 30)
INSIDE = st.from_regex(r"(/[A-Za-z0-9_ .$#é,-]{1,8}){1,3}", fullmatch=True).map(posixpath.normpath)
PORTS = st.integers(1, 65535)
FLOATS = st.floats(0.001, 9999, allow_nan=False) | st.integers(1, 9999).map(float)
SOURCES = st.one_of(
    INSIDE,
    st.just("~"),
    st.from_regex(r"[A-Za-z0-9_$ :.-]{1,12}", fullmatch=True)
    .map(posixpath.normpath)
    .filter(lambda path: path.strip() and not path.startswith(".."))
    .map(lambda path: "~" if path == "." else f"~/{path}"),
)


@st.composite
def profiles(draw, name="p"):
    """A Profile as a file of that name gives it, less its source."""
    mem_limit = draw(st.none() | SIZES)
    swap = draw(st.none() | st.just(-1) | st.integers(mem_limit or 0, (1 << 60) - 1))
    image, build = draw(st.tuples(LINES, st.none()) | st.tuples(st.none() | LINES, builds()))
    return Profile(
        name=name,
        description=" ".join(draw(TEXTS).split()),
        image=image,
        build=build,
        pull_policy=draw(st.sampled_from(["missing", "always", "never"])),
        command=draw(commands()),
        entrypoint=draw(commands()),
        gpus=draw(gpus()),
        gpu_memory=draw(
            st.none()
            | st.builds(
                GpuMemoryCap,
                limit=SIZES.filter(bool),
                action=st.sampled_from(["warn", "stop"]),
                framework=st.sampled_from([None, "pytorch", "jax"]),
            )
        ),
        mem_limit=mem_limit,
        memswap_limit=mem_limit if swap is None else swap,
        cpus=draw(st.none() | FLOATS),
        pids_limit=draw(st.none() | st.integers(-1, 1 << 30)),
        shm_size=draw(st.none() | SIZES),
        ipc=draw(st.sampled_from([None, "none", "private", "host", "shareable", "container:x.y"])),
        network_mode=draw(st.none() | LINES),
        ulimits=tuple(draw(st.lists(ulimits(), unique_by=lambda limit: limit.name, max_size=3))),
        user=draw(st.sampled_from(["host", "image", "root", "0", "1000:1000"])),
        working_dir=draw(st.none() | INSIDE),
        volumes=tuple(draw(st.lists(volumes(), unique_by=lambda volume: volume.target, max_size=4))),
        ports=tuple(draw(st.lists(ports(), unique_by=lambda port: port.published or port.target, max_size=4))),
        environment=draw(st.dictionaries(NAMES, st.none() | TEXTS, max_size=4)),
        env_file=tuple(draw(st.lists(INSIDE, max_size=2))),
        jupyter=draw(
            st.none()
            | st.builds(
                JupyterWish,
                PORTS,
                st.booleans(),
                st.sampled_from(["container", "loopback"]),
                st.sampled_from(["no", "on-failure"]),
            )
        ),
        tmux=draw(st.none() | st.builds(TmuxWish, st.sampled_from(["main", "work 2", "no", "7"]))),
        mem_reservation=draw(st.none() | st.just(min(mem_limit or 8 << 20, 8 << 20))),
        restart=(restart := draw(st.sampled_from(["no", "always", "unless-stopped", "on-failure", "on-failure:3"]))),
        auto_remove=restart == "no" and draw(st.booleans()),
        init=draw(st.booleans()),
        stop_grace_period=draw(st.none() | FLOATS | st.just(0.0)),
        labels=draw(st.dictionaries(LABELS, TEXTS, max_size=4)),
        **(draw(rights()) if draw(st.booleans()) else {}),
    )


def some(*values):
    return st.lists(st.sampled_from(values), max_size=3, unique=True).map(tuple)


@st.composite
def rights(draw):
    return {
        "tty": draw(st.booleans()),
        "stdin_open": draw(st.booleans()),
        "privileged": draw(st.booleans()),
        "pid": draw(st.sampled_from([None, "host", "container:a.b"])),
        "hostname": draw(st.sampled_from([None, "box", "a.b-c_d", "0x1F", "22"])),
        "dns": draw(some("192.0.2.53", "2001:db8::53", "::1")),
        "extra_hosts": draw(some("db:192.0.2.7", "db:::1", "no:host-gateway")),
        "oom_kill_disable": draw(st.booleans()),
        "oom_score_adj": draw(st.sampled_from([0, -1000, 500])),
        "cpu_shares": draw(st.none() | st.integers(2, 262144)),
        "cpuset": draw(st.sampled_from([None, "0", "0-1", "0,1"])),
        "uts": draw(st.sampled_from([None, "host"])),
        "userns_mode": draw(st.sampled_from([None, "host"])),
        "dns_search": draw(some("lab.example", "example")),
        "dns_opt": draw(some("ndots:2", "rotate")),
        "sysctls": draw(st.dictionaries(st.sampled_from(["net.core.somaxconn", "kernel.msgmax"]), TEXTS, max_size=2)),
        "device_cgroup_rules": draw(some("c 81:* rmw", "a *:* rwm", "b 8:1 r")),
        "read_only": draw(st.booleans()),
        "cap_add": draw(some("ALL", "SYS_ADMIN", "IPC_LOCK")),
        "cap_drop": draw(some("ALL", "MKNOD")),
        "security_opt": draw(
            some("no-new-privileges", "no-new-privileges=false", "seccomp=unconfined", "label=type:x")
        ),
        "group_add": draw(some("0", "27", "users")),
        "tmpfs": draw(some("/no/such", "/run:size=1m,mode=1777,ro")),
        "devices": tuple(draw(st.lists(devices(), max_size=2, unique_by=lambda one: one.target))),
        "stop_signal": draw(st.sampled_from([None, "SIGINT", "SIGRTMIN+3", "9"])),
        "healthcheck": draw(healthchecks()),
        "logging": draw(
            st.none()
            | st.builds(
                Logging,
                st.sampled_from(["json-file", "local", "none"]),
                st.dictionaries(st.sampled_from(["max-size", "tag", "env"]), TEXTS),
            )
        ),
    }


def devices():
    return st.builds(HostDevice, st.sampled_from(["/dev/a", "/dev/x y"]), INSIDE, st.sampled_from(["rwm", "r", "mr"]))


def healthchecks():
    tests = st.none() | st.builds(lambda line: ("CMD-SHELL", line), TEXTS)
    tests |= st.lists(TEXTS, min_size=1, max_size=3).map(lambda words: ("CMD", *words)) | st.just(("NONE",))
    times = st.none() | FLOATS
    checks = st.builds(Healthcheck, tests, times, times, st.none() | st.integers(1, 99), times)
    return checks.map(lambda check: None if check == Healthcheck() else check)


def commands():
    return st.none() | st.lists(TEXTS, max_size=4).map(tuple)


def builds():
    args = st.dictionaries(NAMES, TEXTS, max_size=3)
    inline = st.builds(Build, dockerfile_inline=TEXTS, context=st.none() | INSIDE, target=st.none() | LINES, args=args)
    return inline | st.builds(Build, context=INSIDE, dockerfile=st.none() | LINES, target=st.none() | LINES, args=args)


def gpus():
    uuids = st.from_regex(r"(GPU|MIG)-[0-9a-f-]{4,12}", fullmatch=True)
    return st.one_of(
        st.just(GpuWish(all=True)),
        st.lists(st.integers(0, 15), unique=True, min_size=1, max_size=3).map(
            lambda found: GpuWish(indices=tuple(found))
        ),
        st.lists(uuids, unique=True, min_size=1, max_size=3).map(lambda found: GpuWish(uuids=tuple(found))),
        st.builds(
            GpuWish,
            count=st.integers(0, 8),
            memory=st.none() | SIZES,
            model=st.sampled_from([None, "H100|H200", "A.*", "4090", "no"]),
            policy=st.sampled_from(["free", "pack", "spread"]),
        ),
    )


@st.composite
def ulimits(draw):
    hard = draw(st.integers(-1, 1 << 40))
    soft = hard if hard < 1 else draw(st.integers(0, hard))
    return Ulimit(draw(st.sampled_from(sorted(ULIMITS))), soft, hard)


@st.composite
def volumes(draw):
    target = draw(INSIDE)
    kind = draw(st.sampled_from(["bind", "volume", "tmpfs"]))
    source = {
        "bind": SOURCES,
        "volume": st.none() | st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,8}", fullmatch=True),
        "tmpfs": st.none(),
    }[kind]
    check = draw(st.sampled_from(["exists", "mounted", "writable", "create"]))
    return Volume(target, draw(source), kind, draw(st.booleans()), check)


def ports():
    ips = st.sampled_from(["127.0.0.1", "0.0.0.0", "::1", "10.0.0.7"])
    return st.builds(PortWish, PORTS, st.none() | PORTS, ips, st.none() | LINES)
