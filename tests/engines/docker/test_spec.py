"""From a profile to what will be created: pure."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from gpuws.engines.docker.launch import spec, volumes, wrapper
from gpuws.engines.docker.launch.create_call import create_call, docker_run
from gpuws.engines.docker.launch.gpu_mode import Found, Mode, parse
from gpuws.engines.docker.launch.host_look import listening
from gpuws.engines.docker.launch.spec import make_spec
from gpuws.engines.docker.launch.volumes import absolute
from gpuws.engines.docker.options import resources
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import Unreachable, UsageError
from gpuws.model.gpu.gpu import Holder
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import Build, GpuMemoryCap, GpuWish, JupyterWish, PortWish, Profile, TmuxWish, Volume
from tests.engines.docker.conftest import GPUS, UUIDS, Site

HOOK, CDI = Mode("hook"), Mode("cdi", frozenset(UUIDS) | {"0", "1"})
SITE = Site(Host("alpha"), HostFacts("alice", 1000, 1001, (), "/home/alice", "alpha"), GPUS, "as1204", "desk")
PROFILE = Profile("torch", image="torch:2.8")


def made(profile=PROFILE, want=None, site=SITE, mode=HOOK, environ=None, taken=()):
    one, _, checks = make_spec(profile, want or Want(), site, mode, environ or {}, taken)
    return one, checks


def test_gpus_are_named_by_uuid_and_a_count_is_never_handed_on():
    one, _ = made(replace(PROFILE, gpus=GpuWish(count=2)))
    assert one.gpu_uuids == UUIDS[:2]
    (request,) = create_call(one)["HostConfig"]["DeviceRequests"]
    assert (request["Count"], request["DeviceIDs"], request["Capabilities"]) == (0, list(UUIDS[:2]), [["gpu"]])
    assert f"""--gpus '"device={UUIDS[0]},{UUIDS[1]}"'""" in docker_run(one)


def test_what_is_launched_without_a_profile_is_named_after_its_image_and_bears_no_profiles_label():
    one, _ = made(replace(PROFILE, name="", image="registry:5000/lab/torch:2.8@sha256:00"))
    assert one.name == f"torch-{SITE.owner}"
    assert "gpuws.profile" not in one.labels


def test_cdi_names_devices_and_says_nothing_else():
    one, checks = made(replace(PROFILE, gpus=GpuWish(uuids=(UUIDS[3],))), mode=CDI)
    assert not [check for check in checks if check.status == "fail"]
    (request,) = create_call(one)["HostConfig"]["DeviceRequests"]
    assert request["Driver"] == "cdi"
    assert request["DeviceIDs"] == [f"nvidia.com/gpu={UUIDS[3]}"]
    assert not any(request[key] for key in ("Count", "Capabilities", "Options"))
    assert f"--device nvidia.com/gpu={UUIDS[3]}" in docker_run(one)
    assert one.environment["NVIDIA_VISIBLE_DEVICES"] == "void"


def test_a_specification_that_lacks_a_gpu_is_found_out():
    mode = Mode("cdi", frozenset(UUIDS[:2]))
    _, checks = made(replace(PROFILE, gpus=GpuWish(indices=(2,))), mode=mode)
    assert [check.detail for check in checks if check.status == "fail"] == [
        "the CDI specification on alpha does not know GPU 2"
    ]


def test_a_wish_overrides_the_profiles():
    one, _ = made(replace(PROFILE, gpus=GpuWish(count=2)), Want(gpus=GpuWish()))
    assert one.gpu_uuids == ()
    assert one.environment["NVIDIA_VISIBLE_DEVICES"] == "void"
    assert "CUDA_DEVICE_ORDER" not in one.environment


def test_busy_gpus_are_not_taken_by_count():
    busy = replace(GPUS[0], held_by=(Holder("process", "train.py", "bob"),))
    one, _ = made(replace(PROFILE, gpus=GpuWish(count=1)), site=replace(SITE, gpus=(busy, *GPUS[1:])))
    assert one.gpu_uuids == (UUIDS[1],)


@pytest.mark.parametrize(
    ("wish", "mode", "user"),
    [
        ("host", HOOK, "1000:1001"),
        ("host", Mode("cdi", rootless=True), "0:0"),
        ("root", HOOK, "0:0"),
        ("image", HOOK, None),
        ("1234:5", HOOK, "1234:5"),
    ],
)
def test_users(wish, mode, user):
    assert spec.user_of(wish, SITE, mode) == user


def test_no_gpu_is_chosen_before_it_is_known_who_holds_it():
    short = replace(SITE, gpus=(), short=Unreachable("alpha: its GPUs are not read yet: waiting for NVML"))
    with pytest.raises(Unreachable, match="not read yet"):
        made(replace(PROFILE, gpus=GpuWish(count=1)), site=short)
    assert made(replace(PROFILE, gpus=GpuWish()), site=short)[0].gpu_uuids == ()


def test_a_uid_without_a_name_gets_one():
    one, _ = made()
    assert {name: one.environment[name] for name in ("USER", "LOGNAME", "HOME")} == {
        "USER": "alice",
        "LOGNAME": "alice",
        "HOME": "/tmp",
    }
    with_home, _ = made(replace(PROFILE, volumes=(Volume("/home/alice", "~/lab"),), environment={"USER": "other"}))
    assert (with_home.environment["HOME"], with_home.environment["USER"]) == ("/home/alice", "other")
    stranger, _ = made(replace(PROFILE, user="77:77"))
    assert stranger.environment["USER"] == "uid77"
    for user in ("root", "image"):
        assert "HOME" not in made(replace(PROFILE, user=user))[0].environment


def test_secrets_are_printed_by_name_only(tmp_path):
    file = tmp_path / "secrets.env"
    file.write_text("FROM_FILE=file-secret\nBARE\n# no\n")
    file.chmod(0o600)
    profile = replace(
        PROFILE,
        environment={"PLAIN": "shown", "WANDB_API_KEY": None, "HF_TOKEN": "typed-secret", "MISSING": None},
        env_file=(str(file),),
        jupyter=JupyterWish(),
    )
    one, checks = made(profile, environ={"WANDB_API_KEY": "taken-secret", "BARE": "bare-secret"})
    assert one.environment["FROM_FILE"] == "file-secret"
    assert one.environment["BARE"] == "bare-secret"
    assert one.secret_names == {"FROM_FILE", "BARE", "WANDB_API_KEY", "HF_TOKEN"}
    line = docker_run(one)
    for text in (line, repr(one), str(one.labels)):
        assert "-secret" not in text
    assert "-e PLAIN=shown" in line
    assert "-e WANDB_API_KEY " in line
    assert [check.detail for check in checks if check.name == "environment"] == [
        "MISSING is not set here: the container goes without",
        "BARE, WANDB_API_KEY: taken from your environment here",
    ]
    said = replace(PROFILE, labels={"hook.token": "a"}, command=("serve", "--api-key", "b"))
    line = docker_run(made(said)[0])
    assert "--label 'hook.token=***'" in line
    assert line.endswith("serve --api-key '***'")


def test_a_variable_that_has_another_name_here_is_taken_by_it_and_never_printed():
    profile = replace(
        PROFILE, environment={"HUB": None, "GONE": None}, names_here={"HUB": "HF_TOKEN", "GONE": "NOWHERE"}
    )
    one, checks = made(profile, environ={"HF_TOKEN": "hf_secret"})
    assert one.environment["HUB"] == "hf_secret"
    assert "GONE" not in one.environment
    line = docker_run(one)
    assert line.startswith('HUB="$HF_TOKEN" docker run ')
    assert "-e HUB " in line
    assert "hf_secret" not in line + repr(one)
    assert [check.detail for check in checks if check.name == "environment"] == [
        "NOWHERE is not set here: the container goes without GONE",
        "HUB (your HF_TOKEN): taken from your environment here",
    ]


def test_an_env_file_is_named_where_docker_reads_it_alike(tmp_path):
    plain, quoted = tmp_path / "plain.env", tmp_path / "quoted.env"
    plain.write_text("A=one two\nB=x#y\nBARE\nUNSET\n# no\n")
    quoted.write_text("C='quoted'\n")
    for file in (plain, quoted):
        file.chmod(0o600)
    both = replace(PROFILE, env_file=(str(plain), str(quoted)))
    one, _ = made(both, environ={"BARE": "b"})
    line = docker_run(one)
    assert one.env_files == (str(plain),)
    assert f"--env-file {plain}" in line
    assert "-e C " in line
    assert not any(f"-e {name} " in line for name in ("A", "B", "BARE", "UNSET"))
    over, _ = made(replace(both, environment={"A": "mine"}), environ={"BARE": "b"})
    assert over.env_files == ()
    assert "-e A=mine -e B -e BARE -e C " in docker_run(over)


def test_my_other_groups_come_along():
    site = replace(SITE, facts=replace(SITE.facts, gids=(27, 1001, 4)))
    one, _ = made(site=site)
    assert one.groups == (4, 27)
    assert "--group-add 4 --group-add 27" in docker_run(one)
    assert create_call(one)["HostConfig"]["GroupAdd"] == ["4", "27"]
    for user in ("root", "image", "7:7"):
        assert made(replace(PROFILE, user=user), site=site)[0].groups == ()
    assert made(site=site, mode=Mode("cdi", rootless=True))[0].groups == ()


def test_caches_go_into_the_volumes_named_after_them():
    def env(*volumes, **more):
        return made(replace(PROFILE, volumes=volumes, environment=more))[0].environment

    assert env(Volume("/c/huggingface", "~/hf"), Volume("/c/torch", "~/t"))["HF_HOME"] == "/c/huggingface"
    everything = env(Volume("/home/alice/.cache", "~/.cache"))
    assert everything["HF_HOME"] == "/home/alice/.cache/huggingface"
    assert everything["TORCH_HOME"] == "/home/alice/.cache/torch"
    assert everything["TORCHINDUCTOR_CACHE_DIR"] == "/home/alice/.cache/inductor"
    assert env(Volume("/cache", "~/c"), HF_HOME="/mine")["HF_HOME"] == "/mine"
    assert "HF_HOME" not in env(Volume("/cache", "/shared", read_only=True))
    assert "HF_HOME" not in env(Volume("/data", "~/d"))


def test_a_cap_on_gpu_memory_is_labelled_and_told_to_the_framework():
    capped = replace(PROFILE, gpus=GpuWish(count=1), gpu_memory=GpuMemoryCap(70 << 30, "stop", "jax"))
    one, _ = made(capped)
    assert one.labels["gpuws.gpu_memory"] == f"{70 << 30} stop"
    assert one.environment["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.5"
    nothing, _ = made(replace(capped, gpus=GpuWish()))
    assert "gpuws.gpu_memory" not in nothing.labels
    assert "XLA_PYTHON_CLIENT_MEM_FRACTION" not in nothing.environment
    mine, _ = made(replace(capped, environment={"XLA_PYTHON_CLIENT_MEM_FRACTION": "0.1"}))
    assert mine.environment["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.1"


def test_an_env_file_that_others_can_read_is_warned_about(tmp_path):
    file = tmp_path / "open.env"
    file.write_text("A=1\n")
    file.chmod(0o644)
    _, checks = made(replace(PROFILE, env_file=(str(file),)))
    assert [(check.status, check.remedy) for check in checks if check.name == "env_file"] == [
        ("warn", f"chmod 600 {file}")
    ]
    with pytest.raises(UsageError):
        made(replace(PROFILE, env_file=(str(tmp_path / "none.env"),)))


def test_no_token_is_handed_in():
    one, _ = made(replace(PROFILE, jupyter=JupyterWish()))
    assert not [name for name in one.environment if "JUPYTER" in name]
    again, _ = made(replace(PROFILE, jupyter=JupyterWish()))
    assert docker_run(one) == docker_run(replace(again, labels=one.labels))  # they tell when it was made


def test_labels():
    one, _ = made(replace(PROFILE, labels={"team": "vision", "gpuws.owner": "mallory"}, gpus=GpuWish(indices=(1,))))
    created = one.labels["gpuws.created"]
    assert created.endswith("Z")
    assert dict(one.labels) == {
        "team": "vision",
        "gpuws.owner": "as1204",
        "gpuws.profile": "torch",
        "gpuws.from": "desk",
        "gpuws.created": created,
        "gpuws.gpus": UUIDS[1],
        "gpuws.spec": one.labels["gpuws.spec"],
    }


def test_the_hash_knows_names_of_variables_not_values():
    def hashed(**fields):
        return spec.spec_hash(replace(PROFILE, **fields))

    assert hashed(environment={"A": "1"}) == hashed(environment={"A": "2"})
    assert hashed(environment={"A": "1"}) != hashed(environment={"B": "1"})
    assert hashed(jupyter=JupyterWish()) != hashed(jupyter=JupyterWish(bind="loopback"))
    assert hashed(source="/a") == hashed(source="/b")
    assert hashed(mem_limit=1) != hashed(mem_limit=2)


def test_names():
    assert spec.free_name("torch", "alice", ()) == "torch-alice"
    assert spec.free_name("torch", "alice", {"torch-alice", "torch-alice-2"}) == "torch-alice-3"
    assert spec.NAME.match(spec.free_name("ü", "ä b", ()))
    assert made(want=Want(name="mine"), taken={"mine"})[0].name == "mine"


def test_images():
    build = Build(dockerfile_inline="FROM x")
    assert spec.image_of(replace(PROFILE, build=build)) == "torch:2.8"
    tag = spec.image_of(Profile("My Torch!", build=build))
    assert tag.startswith("gpuws/my-torch:")
    assert tag != spec.image_of(Profile("My Torch!", build=replace(build, dockerfile_inline="FROM y")))
    with pytest.raises(UsageError, match="names no image and no build"):
        spec.image_of(Profile("empty"))


@pytest.mark.parametrize(
    ("source", "path"),
    [("~", "/home/a"), ("~/x", "/home/a/x"), ("x/../y", "/home/a/y"), ("/data", "/data"), ("~bob/x", "/home/a/~bob/x")],
)
def test_sources(source, path):
    assert absolute(source, "/home/a") == path


def test_ports_and_limits():
    profile = replace(
        PROFILE,
        ports=(PortWish(6006, 16006), PortWish(6006, 16007, "::1"), PortWish(8000)),
        jupyter=JupyterWish(8888),
        mem_limit=3 << 29,
        restart="unless-stopped",
    )
    body = create_call(made(profile)[0])
    assert body["HostConfig"]["PortBindings"] == {
        "6006/tcp": [{"HostIp": "127.0.0.1", "HostPort": "16006"}, {"HostIp": "::1", "HostPort": "16007"}]
    }
    assert [*body["ExposedPorts"]] == ["6006/tcp", "8000/tcp", "8888/tcp"]
    assert body["HostConfig"]["MemorySwap"] == 3 << 29
    assert create_call(made(replace(profile, memswap_limit=-1))[0])["HostConfig"]["MemorySwap"] == -1
    assert resources.restart_policy("on-failure:5") == {"Name": "on-failure", "MaximumRetryCount": 5}
    assert resources.restart_policy("no") == {"Name": "no", "MaximumRetryCount": 0}
    words = shlex.split(docker_run(made(profile)[0]))
    assert words[words.index("--memory") + 1] == "1536m"
    assert "[::1]:16007:6006" in words


def test_a_plain_command_is_left_alone():
    assert wrapper.command_of(replace(PROFILE, command=("a", "b"))) == ("a", "b")
    assert wrapper.command_of(PROFILE) is None
    assert wrapper.command_of(replace(PROFILE, jupyter=JupyterWish(start=False))) is None


@pytest.mark.parametrize("network", [None, "host"])
def test_the_wrapper_runs_in_any_shell(tmp_path, network):
    """Really run: what it starts is recorded by programs of the test's own."""
    for name in ("tmux", "jupyter", "bash"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $*" >>{tmp_path}/said\n')
        (tmp_path / name).chmod(0o755)
    profile = replace(
        PROFILE,
        tmux=TmuxWish("my work"),
        jupyter=JupyterWish(9999),
        network_mode=network,
        command=("echo", "a b", "$c"),
    )
    command = wrapper.command_of(profile)
    assert command is not None
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=True, timeout=10)
    assert done.stdout == "a b $c\n"
    lines = iter_said(tmp_path, 2)
    ip = "127.0.0.1" if network == "host" else "0.0.0.0"
    keeps = "if -F #{default-command}  set -g default-command 'exec $SHELL'"
    assert lines[0] == f"tmux start ; {keeps} ; new -ds my work"
    assert lines[1] == f"jupyter lab --no-browser --allow-root --ip={ip} --port=9999"


SERVER = """#!/bin/sh
[ -z "$JUPYTER_TOKEN_FILE" ] || stat -c %a "$JUPYTER_TOKEN_FILE" >>{here}/modes
[ -z "$JUPYTER_TOKEN_FILE" ] || {{ cat "$JUPYTER_TOKEN_FILE"; echo; }} >>{here}/tokens
echo "$*" >>{here}/said
[ "$(wc -l <{here}/said)" -ge {starts} ] || exit 1
"""


def served(tmp_path, wish, starts=1, path="/usr/bin:/bin"):
    """What the wrapper's server was started with, so often; it crashes each time but the last."""
    (tmp_path / "jupyter").write_text(SERVER.format(here=tmp_path, starts=starts))
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    for name in ("jupyter", "sleep"):
        (tmp_path / name).chmod(0o755)
    command = wrapper.command_of(replace(PROFILE, jupyter=wish, command=("echo", "done")))
    assert command is not None
    subprocess.run(command, capture_output=True, env={"PATH": f"{tmp_path}:{path}"}, check=True, timeout=10)
    return iter_said(tmp_path, starts)


def test_each_start_has_a_token_of_its_own_that_only_its_user_reads(tmp_path):
    for _ in range(2):
        served(tmp_path, JupyterWish())
        (tmp_path / "said").unlink()
    first, second = (tmp_path / "tokens").read_text().split()
    assert first != second
    assert len(first) == 48
    assert (tmp_path / "modes").read_text().split() == ["600", "600"]


def test_without_the_means_for_a_token_file_jupyter_makes_one_by_itself(tmp_path):
    for name in ("id", "wc", "cat"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    (tmp_path / "sh").symlink_to("/bin/sh")
    served(tmp_path, JupyterWish(), path="")
    assert not (tmp_path / "tokens").exists()


def test_a_server_that_crashed_is_started_again_where_that_is_asked(tmp_path):
    assert len(served(tmp_path, JupyterWish(restart="on-failure"), starts=3)) == 3


@pytest.mark.parametrize(("bind", "ip"), [("container", "0.0.0.0"), ("loopback", "127.0.0.1")])
def test_where_the_server_listens_is_the_profile_s_word(tmp_path, bind, ip):
    assert f"--ip={ip} " in served(tmp_path, JupyterWish(bind=bind))[0]


@pytest.mark.parametrize("keys", [{"tty": True}, {"stdin_open": True}, {}])
def test_a_program_that_reads_still_can_beside_tmux(tmp_path, keys):
    command = wrapper.command_of(replace(PROFILE, tmux=TmuxWish(), command=("cat",), **keys))
    assert command is not None
    for name in ("cat", "id"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    argv, env = ["/bin/sh", *command[1:]], {"PATH": str(tmp_path)}
    done = subprocess.run(argv, input="typed\n", capture_output=True, text=True, env=env, check=True, timeout=10)
    assert done.stdout == ("typed\n" if keys else "")


def until_text(file, text):
    end = time.monotonic() + 10
    while not file.exists() or file.read_text() != text:
        assert time.monotonic() < end, file
        time.sleep(0.02)


def iter_said(directory, count):
    """JupyterLab is started in the background: its line may come a moment later."""
    end = time.monotonic() + 10
    while True:
        lines = (directory / "said").read_text().splitlines() if (directory / "said").exists() else []
        if len(lines) >= count:
            return sorted(lines, reverse=True)
        assert time.monotonic() < end, lines
        time.sleep(0.02)


def test_the_wrapper_keeps_going_without_tmux_and_jupyter(tmp_path):
    for name in ("echo", "id"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    profile = replace(PROFILE, tmux=TmuxWish(), jupyter=JupyterWish(), command=("echo", "alive"))
    command = wrapper.command_of(profile)
    assert command is not None
    argv = ["/bin/sh", *command[1:]]
    done = subprocess.run(argv, capture_output=True, text=True, env={"PATH": str(tmp_path)}, check=True, timeout=10)
    assert done.stdout == "alive\n"
    assert sorted(re.sub(r" (line )?\d+:", "", line) for line in done.stderr.splitlines()) == [
        "gpuws: jupyter: not found",
        "gpuws: tmux: not found",
    ]


def test_the_wrapper_is_short_enough_to_be_read():
    command = wrapper.command_of(replace(PROFILE, tmux=TmuxWish(), jupyter=JupyterWish()))
    assert command is not None
    assert len(command[2]) < 700


@pytest.mark.parametrize("keys", [{}, {"stop_signal": "SIGINT"}, {"pid": "host"}])
def test_a_stop_reaches_what_the_wrapper_started_and_waits_for_it(tmp_path, keys):
    """The main program saves for a moment. Nobody else is told: this test is among those in sight."""
    saving = f"trap 'sleep 0.3; echo saved >{tmp_path}/state; exit' TERM; echo ready >{tmp_path}/state"
    saving += "; while :; do sleep 0.05; done"
    (tmp_path / "tmux").write_text("#!/bin/sh\n")
    (tmp_path / "tmux").chmod(0o755)
    profile = replace(PROFILE, tmux=TmuxWish(), command=("sh", "-c", saving), **{"pid": "host", **keys})
    command = wrapper.command_of(profile)
    assert command is not None
    process = subprocess.Popen(command, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, start_new_session=True)
    try:
        until_text(tmp_path / "state", "ready\n")
        process.send_signal(signal.SIGINT if "stop_signal" in keys else signal.SIGTERM)
        assert process.wait(10) == 143
        assert (tmp_path / "state").read_text() == "saved\n"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def test_only_signals_that_every_shell_knows_are_trapped():
    def trapped(stop_signal):
        command = wrapper.command_of(replace(PROFILE, tmux=TmuxWish(), stop_signal=stop_signal))
        assert command is not None
        return re.search(r"trap end ([^;]*);", command[2])[1]

    told = {one: trapped(one) for one in (None, "SIGTERM", "15", "SIGINT", "QUIT", "10", "SIGRTMIN+3", "KILL")}
    assert told == {
        None: "TERM", "SIGTERM": "TERM", "15": "TERM", "SIGINT": "TERM INT", "QUIT": "TERM QUIT", "10": "TERM USR1",
        "SIGRTMIN+3": "TERM", "KILL": "TERM",
    }  # fmt: skip


def test_volumes_are_looked_at_on_the_host(tmp_path):
    (tmp_path / "there").mkdir()
    wanted = [
        Volume("/a", str(tmp_path / "there")),
        Volume("/b", str(tmp_path / "not there")),
        Volume("/c", str(tmp_path / "new" / "deep"), check="create"),
        Volume("/d", "/proc", check="mounted"),
        Volume("/e", "/", check="mounted"),
        Volume("/f", None, type="tmpfs"),
        Volume("/g", "-n; exit"),
    ]
    link = LocalLink()
    found = {c.detail: c.status for c in volumes.judge(wanted, volumes.look(link, wanted), "0:0", "here", "/home/me")}
    assert found == {
        f"{tmp_path}/there → /a": "ok",
        f"{tmp_path}/not there does not exist on here": "fail",
        f"{tmp_path}/new/deep will be made on here": "ok",
        "/proc is mounted to write: that is the system of here": "warn",
        "/ is mounted to write: that is all of here": "warn",
        "nothing is mounted at / on here": "fail",
        "-n; exit does not exist on here": "fail",
    }
    volumes.create(link, wanted, "here")
    assert (tmp_path / "new/deep").is_dir()
    assert not (tmp_path / "not there").exists()


@pytest.mark.parametrize(
    "text",
    [
        'hook\nkind\nname: "0"\nname: GPU-a\n',
        'hook\nkind\nname": "0\nname": "GPU-a\n',
        'hook\nkind\nname":"0\nname":"GPU-a\n',
    ],
)
def test_names_of_cdi_devices(text):
    assert parse(text) == Found(True, ("0", "GPU-a"))


def test_a_specification_without_names_is_one_all_the_same():
    assert parse("kind\n") == Found(False, ("all",))
    assert parse("toolkit 1.17.8\npersistent\n") == Found(toolkit="1.17.8", persistent=True)
    assert parse("toolkit \n") == Found()


def test_listening_ports():
    text = (
        "  sl  local_address rem_address   st\n"
        "   0: 0100007F:1F90 00000000:0000 0A 0 0 0 0 0 0\n"
        "   1: 0100007F:0016 0100007F:C000 01 0 0 0 0 0 0\n"
        "   0: 00000000000000000000000000000000:22B8 00000000000000000000000000000000:0000 0A 0\n"
        "junk\n a b c 0A\n"
    )
    assert listening(text) == {8080, 8888}
