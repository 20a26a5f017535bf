from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gpuws.config.profiles.profiles import ProfileStore, check_file
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.errors import UsageError
from gpuws.model.host.host import Host
from gpuws.model.profile.gpu_spec import FORMS
from gpuws.model.profile.profile import (
    Build,
    GpuMemoryCap,
    GpuWish,
    Healthcheck,
    HostDevice,
    JupyterWish,
    PortWish,
    TmuxWish,
    Ulimit,
    Volume,
)

BRAVO = Host("bravo", user="alice", tags=("a100", "room-3"), vars={"scratch": "/scratch/alice"})

INTERFACE = """\
description: PyTorch 2.8, CUDA 12.8, JupyterLab and tmux
extends: base                             # maps merge, lists replace; `volumes+:` appends
image: gpuws/torch:2.8
build:
  dockerfile_inline: |
    FROM pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime
    RUN pip install jupyterlab
pull_policy: missing
command: ["sleep", "infinity"]
gpus: {count: 2, memory: 40GiB, model: "H100|H200", policy: free}
mem_limit: 64g
cpus: 16
shm_size: 16g
ipc: private
ulimits: {memlock: -1, stack: 67108864, nofile: {soft: 1048576, hard: 1048576}}
user: host
working_dir: /workspace
volumes:
  - ~/work:/workspace
  - {type: bind, source: /data, target: /data, read_only: true, check: mounted}
ports:
  - 8888
  - "16006:6006"
  - {name: api, target: 8000, published: 18000, host_ip: 127.0.0.1}
environment: {HF_HOME: /cache/hf, WANDB_API_KEY: null}
env_file: [~/.config/gpuws/secrets.env]
jupyter: {port: 8888, start: true, token: auto}
tmux: {session: main}
restart: no
init: true
stop_grace_period: 1m30s
labels: {team: vision}
hosts: {bravo: {volumes+: ["${scratch}:/scratch"]}}
"""


@pytest.fixture
def profile(write, paths, environ):
    """Write profiles by name and load one of them."""

    def profile(text, *, host=BRAVO, overrides=(), **others):
        for name, other in {"p": text, **others}.items():
            write(f"profiles/{name}.yaml", other)
        return ProfileStore([paths.profiles_dir]).load("p", host, overrides=overrides, environ=environ)

    return profile


def test_the_whole_profile_of_the_interface(profile, home, paths):
    found = profile(INTERFACE, base="labels: {lab: x}\nmem_limit: 1g\nports: [1]")
    assert found.name == "p"
    assert found.description == "PyTorch 2.8, CUDA 12.8, JupyterLab and tmux"
    assert found.image == "gpuws/torch:2.8"
    assert found.build is not None
    assert (found.build.dockerfile_inline or "").startswith("FROM pytorch/pytorch:2.8.0")
    assert found.command == ("sleep", "infinity")
    assert found.gpus == GpuWish(count=2, memory=40 << 30, model="H100|H200")
    assert found.mem_limit == found.memswap_limit == 64 << 30
    assert (found.cpus, found.shm_size, found.ipc) == (16, 16 << 30, "private")
    assert found.ulimits == (
        Ulimit("memlock", -1, -1),
        Ulimit("stack", 67108864, 67108864),
        Ulimit("nofile", 1048576, 1048576),
    )
    assert found.volumes == (
        Volume("/workspace", "~/work"),
        Volume("/data", "/data", read_only=True, check="mounted"),
        Volume("/scratch", "/scratch/alice"),
    )
    assert found.ports == (PortWish(8888), PortWish(6006, 16006), PortWish(8000, 18000, name="api"))
    assert found.environment == {"HF_HOME": "/cache/hf", "WANDB_API_KEY": None}
    assert found.env_file == (str(home / ".config/gpuws/secrets.env"),)
    assert (found.jupyter, found.tmux) == (JupyterWish(), TmuxWish())
    assert (found.restart, found.init, found.stop_grace_period) == ("no", True, 90)
    assert found.labels == {"lab": "x", "team": "vision"}
    assert found.source == str(paths.profiles_dir / "p.yaml")


@pytest.mark.parametrize(
    ("written", "field", "value"),
    [
        ("command: sh -c 'sleep 1; true'", "command", ("sh", "-c", "sleep 1; true")),
        ("command: [sleep, 5]", "command", ("sleep", "5")),
        ("entrypoint: []", "entrypoint", ()),
        ("gpus: all", "gpus", GpuWish(all=True)),
        ("gpus: none", "gpus", GpuWish()),
        ("gpus: 2", "gpus", GpuWish(count=2)),
        ("gpus: [0, 1]", "gpus", GpuWish(indices=(0, 1))),
        ("gpus: ['0', 1]", "gpus", GpuWish(indices=(0, 1))),
        ("gpus: [GPU-abc, MIG-def]", "gpus", GpuWish(uuids=("GPU-abc", "MIG-def"))),
        ("gpus: {memory: 40g}", "gpus", GpuWish(count=1, memory=40 << 30)),
        ("mem_limit: 1073741824", "mem_limit", 1 << 30),
        ("{mem_limit: 1g, memswap_limit: 2g}", "memswap_limit", 2 << 30),
        ("cpus: 0.5", "cpus", 0.5),
        ("volumes: [data:/d]", "volumes", (Volume("/d", "data", "volume"),)),
        ("volumes: [./x:/d:ro]", "volumes", (Volume("/d", "~/x", read_only=True),)),
        ("volumes: [a/b:/d:rw]", "volumes", (Volume("/d", "~/a/b"),)),
        ("volumes: ['~:/d/']", "volumes", (Volume("/d", "~"),)),
        ("volumes: [/anonymous]", "volumes", (Volume("/anonymous", None, "volume"),)),
        ("volumes: [{type: tmpfs, target: /tmp}]", "volumes", (Volume("/tmp", None, "tmpfs"),)),
        ("volumes: [{source: ~/c, target: /c, check: create}]", "volumes", (Volume("/c", "~/c", check="create"),)),
        ("ports: ['8888']", "ports", (PortWish(8888),)),
        ("ports: [22:22]", "ports", (PortWish(22, 22),)),
        ("ports: ['0.0.0.0:80:8080/tcp']", "ports", (PortWish(8080, 80, "0.0.0.0"),)),
        ("ports: ['[::1]:80:8080']", "ports", (PortWish(8080, 80, "::1"),)),
        ("environment: [A=1, 'B=x=y', C, D=]", "environment", {"A": "1", "B": "x=y", "C": None, "D": ""}),
        ("environment: {A: 2.10, B: 0x1F, C: 1e3}", "environment", {"A": "2.10", "B": "0x1F", "C": "1e3"}),
        ("labels: [a=1]", "labels", {"a": "1"}),
        ("jupyter: true", "jupyter", JupyterWish()),
        ("jupyter: false", "jupyter", None),
        ("jupyter: null", "jupyter", None),
        ("jupyter: 9999", "jupyter", JupyterWish(9999)),
        ("jupyter: {start: false}", "jupyter", JupyterWish(start=False)),
        ("tmux: true", "tmux", TmuxWish()),
        ("tmux: work", "tmux", TmuxWish("work")),
        ("user: 1000:1000", "user", "1000:1000"),
        ("user: 1000", "user", "1000"),
        ("restart: no", "restart", "no"),
        ("restart: on-failure:3", "restart", "on-failure:3"),
        ("ulimits: {memlock: null, core: 0}", "ulimits", (Ulimit("core", 0, 0),)),
        (
            "build: {context: /c, args: [A=1, TOKEN]}",
            "build",
            Build(context="/c", args={"A": "1", "TOKEN": "outside"}, taken=("TOKEN",)),
        ),
        ("build: /c", "build", Build(context="/c")),
        ("description: >\n  two\n  lines", "description", "two lines"),
        ("pids_limit: -1", "pids_limit", -1),
        ("stop_grace_period: 5", "stop_grace_period", 5.0),
        ("{mem_limit: 1g, memswap_limit: -1}", "memswap_limit", -1),
        ("gpus: {policy: spread}", "gpus", GpuWish(count=1, policy="spread")),
        ("gpu_memory: 40g", "gpu_memory", GpuMemoryCap(40 << 30)),
        ("gpu_memory: {limit: 1g, action: stop, framework: jax}", "gpu_memory", GpuMemoryCap(1 << 30, "stop", "jax")),
        ("{}", "init", True),
        ("{}", "gpus", GpuWish()),
        ("init: false", "init", False),
        ("env_file: /x.env", "env_file", ("/x.env",)),
    ],
)
def test_every_form(profile, environ, written, field, value):
    environ["TOKEN"] = "outside"
    inner = written[1:-1] if written.startswith("{") else None
    text = f"image: i\n{written}" if inner is None else "{" + ", ".join(filter(None, ("image: i", inner))) + "}"
    assert getattr(profile(text), field) == value


def test_paths_of_the_workstation_lie_beside_the_file_that_says_so(profile, home, paths, tmp_path, monkeypatch):
    text = "build: {context: sub}\nenv_file: [x.env, ~/y.env, /z.env]"
    found = profile("extends: a", a=text)
    beside = str(paths.profiles_dir)
    assert found.build == Build(context=f"{beside}/sub")
    assert found.env_file == (f"{beside}/x.env", f"{home}/y.env", "/z.env")
    monkeypatch.chdir(tmp_path)
    found = profile("build: {context: sub, target: run}", overrides=["env_file=here.env", "build=there"])
    assert found.env_file == (str(tmp_path / "here.env"),)
    assert found.build == Build(context=str(tmp_path / "there"), target="run")


def test_a_chain_of_profiles_is_laid_over_each_other(profile):
    found = profile(
        "extends: a\nlabels: {x: p}\nvolumes+: ['/p:/p']",
        a="extends: b\nlabels: {x: a, y: a}\nvolumes+: ['/a:/a']\nenvironment: {E: a}",
        b="image: i\nlabels: {x: b, y: b, z: b}\nvolumes: ['/b:/b']\nenvironment: [E=b, F=b]",
    )
    assert found.labels == {"x": "p", "y": "a", "z": "b"}
    assert [volume.target for volume in found.volumes] == ["/b", "/a", "/p"]
    assert found.environment == {"E": "a", "F": "b"}


def test_null_takes_away_what_is_inherited(profile):
    found = profile(
        "extends: a\nbuild: null\nmem_limit: null\njupyter: null", a="image: i\nbuild: .\nmem_limit: 1g\njupyter: true"
    )
    assert (found.build, found.mem_limit, found.jupyter) == (None, None, None)


def test_overlays_come_in_order_profile_tags_host(profile):
    text = (
        "extends: a\nhosts:\n  bravo: {labels: {w: host}}\n  room-3: {labels: {w: room, t: room}}\n"
        "  a100: {labels: {w: gpu, t: gpu, g: gpu}, volumes+: ['/own:/own']}\n  other: {labels: {w: other}}\n"
    )
    base = "image: i\nlabels: {w: base, o: base}\nvolumes: ['/b:/b']\nhosts: {a100: {volumes+: ['/over:/over']}}"
    found = profile(text, a=base)
    assert found.labels == {"w": "host", "t": "room", "g": "gpu", "o": "base"}
    assert [volume.target for volume in found.volumes] == ["/b", "/over", "/own"]
    assert profile(text, a=base, host=Host("plain")).labels == {"w": "base", "o": "base"}


def test_built_in_variables_and_the_hosts_own(profile):
    text = "image: i\nlabels: {h: '${host}', p: '${profile}', u: '${user}', s: '${scratch}', d: $$x}"
    assert profile(text).labels == {"h": "bravo", "p": "p", "u": "alice", "s": "/scratch/alice", "d": "$x"}
    named = Host("bravo", user="alice", vars={"user": "as1204", "scratch": ""})
    assert profile(text, host=named).labels["u"] == "as1204"


def test_a_variable_can_be_a_number(profile):
    host = Host("h", vars={"n": "2", "mem": "64g", "off": "false"})
    found = profile("image: i\ngpus: '${n}'\nmem_limit: '${mem}'\ncpus: ${n}\ninit: ${off}", host=host)
    assert (found.gpus, found.mem_limit, found.cpus, found.init) == (GpuWish(count=2), 64 << 30, 2.0, False)


def test_overrides_are_laid_over_everything(profile):
    found = profile(
        "image: i\nmem_limit: 1g\nvolumes: ['/a:/a']\nhosts: {bravo: {mem_limit: 2g}}",
        overrides=[
            "mem_limit=3g",
            "volumes+=${scratch}/x:/x",
            "labels.com.example.team=2.10",
            "environment.DEBUG=no",
            "ulimits.nofile.soft=5",
            "ulimits.nofile.hard=6",
            "init=false",
            "command=sleep infinity",
            "environment.URL=http://x?a=b",
            "working_dir=/2",
        ],
    )
    assert found.mem_limit == 3 << 30
    assert found.volumes[1] == Volume("/x", "/scratch/alice/x")
    assert found.labels == {"com.example.team": "2.10"}
    assert found.environment == {"DEBUG": "no", "URL": "http://x?a=b"}
    assert found.ulimits == (Ulimit("nofile", 5, 6),)
    assert (found.init, found.command, found.working_dir) == (False, ("sleep", "infinity"), "/2")


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("gpuss=2", "--set gpuss=2: gpuss: unknown key (did you mean gpus?)"),
        ("mem_limit", "--set mem_limit: expected KEY=VALUE"),
        ("=1", "--set =1: expected KEY=VALUE"),
        ("a..b=1", "--set a..b=1: expected KEY=VALUE"),
        ("extends=x", "--set extends=x: extends: can't be set for one launch"),
        ("hosts.x.init=true", "--set hosts.x.init=true: hosts: can't be set for one launch"),
        ("mem_limit=lots", "--set mem_limit=lots: mem_limit: 'lots' is not a size"),
        ("init+=1", "--set init+=1: init: expected true or false, not a list"),
        ("volumes=x", "--set volumes=x: volumes: expected a list, not text"),
        ("labels.x=${nope}", "--set labels.x=${nope}: labels.x: the variable nope is not defined"),
    ],
)
def test_a_wrong_override_is_told_as_typed(profile, override, expected):
    with pytest.raises(ConfigProblems) as caught:
        profile("image: i", overrides=[override])
    assert str(caught.value).startswith(expected)


def test_the_first_directory_wins_and_may_extend_the_same_name_beneath(tmp_path, environ):
    for name, text in {
        "mine": "extends: base\nlabels: {a: mine}",
        "lab": "image: lab\nlabels: {a: lab, b: lab}",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "base.yaml").write_text(text)
    (tmp_path / "lab/child.yml").write_text("extends: base")
    store = ProfileStore([tmp_path / "gone", tmp_path / "mine", tmp_path / "lab"])
    assert store.names() == ("base", "child")
    found = store.load("child", Host("h"), environ=environ)
    assert (found.image, found.labels) == ("lab", {"a": "mine", "b": "lab"})


def test_circles_and_missing_parents_are_told_where_they_stand(profile, paths):
    def told(text, **others):
        with pytest.raises(ConfigProblems) as caught:
            profile(text, **others)
        return str(caught.value).removeprefix(f"{paths.profiles_dir}/")

    assert told("image: i\nextends: a", a="extends: b", b="extends: a") == (
        "b.yaml:1:1: extends: goes in a circle: a → b → a"
    )
    assert told("extends: p") == "p.yaml:1:10: extends: there is no profile 'p' beneath this one"
    assert told("extends: pytroch", pytorch="image: i") == (
        "p.yaml:1:10: extends: there is no profile 'pytroch' (did you mean pytorch?)"
    )
    assert told("extends: ../../etc/passwd").startswith("p.yaml:1:10: extends: there is no profile")
    assert told("extends: [a]") == "p.yaml:1:1: extends: expected a profile's name"


def test_an_unknown_profile_is_told_with_the_nearest(profile, paths, environ):
    profile("image: i", **{"pytorch-2.8": "image: i"})
    store = ProfileStore([paths.profiles_dir])
    with pytest.raises(UsageError, match=r"there is no profile 'pytorch-28' — did you mean pytorch-2\.8\?"):
        store.load("pytorch-28", Host("h"), environ=environ)
    with pytest.raises(UsageError, match="there is no profile 'zzz' — there are: p, pytorch"):
        store.load("zzz", Host("h"), environ=environ)
    for odd in ("../p", "", "p\0", "p.yaml"):
        with pytest.raises(UsageError, match="there is no profile"):
            store.load(odd, Host("h"), environ=environ)


def test_a_build_argument_without_value_must_be_in_the_environment(profile, paths):
    with pytest.raises(ConfigProblems) as caught:
        profile("build: {context: ., args: {TOKEN: null}}")
    assert str(caught.value) == (
        f"{paths.profiles_dir}/p.yaml:1:28: build.args.TOKEN: has no value, and your environment has none"
    )


def test_summaries_show_a_broken_profile_as_a_row(write, paths):
    write("profiles/good.yaml", "image: i:1\ndescription: |\n  Two\n  lines\ngpus: {count: 2, model: H100}")
    write("profiles/built.yaml", "build: {dockerfile_inline: 'FROM a AS b'}\ngpus: all")
    write("profiles/bad.yaml", "image: i\nmem_limt: 1\ngpsu: 2")
    write("profiles/syntax.yaml", "a: b: c")
    write("profiles/waits.yaml", "image: '${registry}/x'\nmem_limit: ${mem}\ngpus: '${n}'\nvolumes: ['${a}:/a']")
    write("profiles/overlaid.yaml", "image: i\nhosts: {h: {volume+: [x]}}")
    write("profiles/.#good.yaml", "an editor's")
    write("profiles/notes.txt", "no profile")
    write("profiles/odd name.yaml", "image: i")
    rows = {row.name: row for row in ProfileStore([paths.profiles_dir]).summaries()}
    assert list(rows) == ["bad", "built", "good", "odd name", "overlaid", "syntax", "waits"]
    assert (rows["good"].description, rows["good"].image, rows["good"].gpus) == ("Two lines", "i:1", "2 × H100")
    assert (rows["built"].image, rows["built"].gpus) == ("a", "all")
    assert rows["bad"].error == (
        f"{paths.profiles_dir}/bad.yaml:2:1: mem_limt: unknown key (did you mean mem_limit?) (and 1 more)"
    )
    assert "syntax.yaml:1:5: is not YAML" in (rows["syntax"].error or "")
    assert "overlaid.yaml:2:13: volume: unknown key (did you mean volumes?)" in (rows["overlaid"].error or "")
    assert rows["waits"].error is None
    assert rows["odd name"].error
    assert {row.error for name, row in rows.items() if name in ("good", "built")} == {None}


def test_a_file_is_checked_wherever_it_lies(tmp_path, write, paths, environ):
    def check(path):
        return check_file(path, store, {"bravo", "a100"}, environ)

    write("profiles/base.yaml", "image: i")
    store = ProfileStore([paths.profiles_dir])
    path = tmp_path / "new.yaml"
    path.write_text("extends: base\ngpus: 1")
    assert check(path) == ()
    path.write_text("extends: base\ngpus: true")
    with pytest.raises(ConfigProblems, match=r"new\.yaml:2:1: gpus: expected all, none"):
        check(path)
    with pytest.raises(ConfigProblems, match=r"expected a file named after its profile"):
        check(tmp_path / "new.json")
    with pytest.raises(ConfigProblems, match=r"gone\.yaml: can't be read: No such file"):
        check(tmp_path / "gone.yaml")


def test_what_is_seldom_meant_is_noted(tmp_path, environ):
    env = tmp_path / "open.env"
    env.write_text("A=1")
    env.chmod(0o644)
    broken = tmp_path / "broken.env"
    broken.write_text("=secret")
    path = tmp_path / "p.yaml"
    path.write_text(
        "image: i\nenv_file: [open.env, gone.env, '${x}.env']\nhosts:\n"
        "  brvao: {env_file+: [broken.env]}\n  bravo: {init: false}\n  zzz:\n"
    )
    found = check_file(path, ProfileStore([]), {"bravo", "a100"}, environ)
    assert found == (
        f"{env}: others can read it; keep it to yourself: chmod 600 {env}",
        f"{tmp_path}/gone.env: can't be read: No such file or directory",
        f"{path}:4:10: hosts.brvao: no host or tag of yours is called so (did you mean bravo?)",
        f"{broken}:1:1: expected NAME=VALUE",
    )


def test_everything_wrong_with_a_chain_is_told_at_once(profile, paths):
    with pytest.raises(ConfigProblems) as caught:
        profile(
            "extends: a\nmem_limit: x\nmem_limit: 1g\nshm_size: !x 1\nvolumes: ['/a:/a', '/b:/a']",
            a="extends: nope\ngpus: many\n? [k]\n: v",
        )
    told = [str(problem).removeprefix(f"{paths.profiles_dir}/") for problem in caught.value.problems]
    assert told == [
        "a.yaml:1:10: extends: there is no profile 'nope'",
        f"a.yaml:2:1: gpus: expected {FORMS}",
        "a.yaml:3:3: expected a plain word as key",
        "p.yaml:2:1: mem_limit: 'x' is not a size such as 64g or 512m",
        "p.yaml:3:1: mem_limit: stands twice; first in line 2",
        "p.yaml:4:11: the tag !x can't be used here",
        "p.yaml:5:20: volumes[1]: /a stands twice",
    ]


def test_a_parent_that_is_no_yaml_hides_nothing_of_the_child(profile, paths):
    with pytest.raises(ConfigProblems) as caught:
        profile("extends: a\nmem_limit: x", a="a: b: c")
    assert [(Path(p.path).name, p.line) for p in caught.value.problems] == [("a.yaml", 1), ("p.yaml", 2)]


def test_short_forms_merge_like_long_ones(profile):
    found = profile(
        "extends: a\nbuild: {target: run}\nenv_file+: [/b.env]\nports+: [2]\nenvironment: [B=2]",
        a="build: /src\nenv_file: /a.env\nports: null\nenvironment: {A: 1}",
    )
    assert found.build == Build(context="/src", target="run")
    assert found.env_file == ("/a.env", "/b.env")
    assert found.ports == (PortWish(2),)
    assert found.environment == {"A": "1", "B": "2"}


def test_a_plus_in_a_name_of_mine_is_a_letter(profile):
    found = profile("extends: a\nlabels: {'c++': x}\nenvironment: {A+: 1}", a="image: i\nlabels: {'c++': y, z: z}")
    assert found.labels == {"c++": "x", "z": "z"}
    assert found.environment == {"A+": "1"}


def test_explain_names_the_line_of_every_value(profile, paths, environ):
    profile(
        "extends: base\nmem_limit: 2g\nvolumes+:\n  - /b:/b\n",
        base="image: i\nmem_limit: 1g\nvolumes: ['/a:/a']\ninit: false\nlabels: {}",
    )
    store = ProfileStore([paths.profiles_dir])
    rows = store.explain("p", BRAVO, overrides=["cpus=2"], environ=environ)
    assert [tuple(row) for row in rows] == [
        ("image", "i", f"{paths.profiles_dir}/base.yaml:1"),
        ("mem_limit", "2g", f"{paths.profiles_dir}/p.yaml:2"),
        ("cpus", "2", "--set cpus=2"),
        ("volumes[0]", "/a:/a", f"{paths.profiles_dir}/base.yaml:3"),
        ("volumes[1]", "/b:/b", f"{paths.profiles_dir}/p.yaml:4"),
        ("init", "false", f"{paths.profiles_dir}/base.yaml:4"),
        ("labels", "{}", f"{paths.profiles_dir}/base.yaml:5"),
    ]


def test_explain_shows_no_secret(profile, write, paths, environ):
    env = write("profiles/secrets.env", "# keys\nWANDB_API_KEY=abc123\nOTHER=hidden9\n")
    profile(
        "image: i\nenv_file: [secrets.env]\njupyter: {token: auto}\n"
        "environment: {WANDB_API_KEY: abc123, X: null, HF_TOKEN: hf-abc, URL: 'http://me:pa55@x/', PLAIN: shown}\n"
        "command: [serve, --api-key, k3y1, --url=http://me:pa55@x/]\nentrypoint: [sh, -c, 'TOKEN=tok3n x']\n"
        "labels: {hook.token: hook3, team: vision}"
    )
    rows = ProfileStore([paths.profiles_dir]).explain("p", BRAVO, environ=environ)
    text = repr(rows)
    for secret in ("abc123", "hidden9", "tok3n", "hf-abc", "pa55", "k3y1", "hook3"):
        assert secret not in text
    assert ("environment.OTHER", "(hidden)", f"{env}:3") in rows
    assert [row.value for row in rows if row.key.startswith("command")] == [
        *("serve", "--api-key", "***", "--url=http://***@x/"),
    ]
    assert ("environment.X", "(from your environment)", f"{paths.profiles_dir}/p.yaml:4") in rows
    assert ("environment.PLAIN", "shown", f"{paths.profiles_dir}/p.yaml:4") in rows


def test_docker_s_options_in_every_form_that_compose_has(write, paths, environ):
    short = """
image: i
cap_add: [cap_sys_ptrace, IPC_LOCK]
devices: [/dev/fuse, "/dev/a:/dev/b", "/dev/c:r"]
dns: 192.0.2.53
extra_hosts: ["db=192.0.2.7", "six:[::1]"]
group_add: [27, users]
tmpfs: /run/
security_opt: ["label:disable", "no-new-privileges:true"]
stop_signal: int
healthcheck: {test: curl -f http://localhost, interval: 1m30s, retries: 3}
logging: {driver: local, options: {max-file: 3}}
"""
    long = """
image: i
cap_add: [SYS_PTRACE, ipc_lock]
devices:
  - {source: /dev/fuse}
  - {source: /dev/a, target: /dev/b}
  - {source: /dev/c, target: /dev/c, permissions: r}
dns: [192.0.2.53]
extra_hosts: {db: 192.0.2.7, six: ["::1"]}
group_add: ["27", users]
tmpfs: [/run]
security_opt: [label=disable, no-new-privileges]
stop_signal: SIGINT
healthcheck: {test: [CMD-SHELL, "curl -f http://localhost"], interval: 90, retries: 3, disable: false}
logging: {driver: local, options: {max-file: "3"}}
"""
    write("profiles/short.yaml", short)
    write("profiles/long.yaml", long)
    write("profiles/none.yaml", "image: i\nhealthcheck: {disable: true}\n")
    store = ProfileStore([paths.profiles_dir])
    one, other, none = (store.load(name, Host("h"), environ=environ) for name in ("short", "long", "none"))
    assert replace(one, name="", source=None) == replace(other, name="", source=None)
    assert one.devices[2] == HostDevice("/dev/c", "/dev/c", "r")
    assert one.extra_hosts == ("db:192.0.2.7", "six:::1")
    assert none.healthcheck == Healthcheck(("NONE",))


def test_a_log_s_token_and_a_health_check_s_are_not_explained(write, paths, environ):
    log = "logging: {options: {splunk-token: hunter2, tag: t}}\n"
    write("profiles/p.yaml", f"image: i\nhealthcheck: {{test: [CMD, x, --token, hunter2]}}\n{log}")
    told = ProfileStore([paths.profiles_dir]).explain("p", Host("h"), environ=environ)
    assert "hunter2" not in repr(told)
    assert ("logging.options.tag", "t") in {(one.key, one.value) for one in told}
