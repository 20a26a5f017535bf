"""What would be a riddle after a launch is a row before it: no terminal, files that are not there, another machine."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from gpuws.engines.docker.checks.stays import prompts
from gpuws.engines.docker.images.platforms import Platforms
from gpuws.engines.docker.launch import volumes
from gpuws.engines.docker.launch.file_mounts import like_file
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.placement import choose
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish, Healthcheck, JupyterWish, Profile, TmuxWish, Volume
from tests.engines.docker.conftest import GPUS, IMAGE
from tests.engines.docker.test_preflight import CALM, GOOD, judged

BARE = replace(GOOD, jupyter=None)

# no terminal


@pytest.mark.parametrize(
    "words",
    [
        ("bash",), ("/bin/bash", "-l"), ("bash", "--login"), ("sh", "-i"), ("zsh",), ("python",), ("python3.11", "-u"),
        ("ipython",), ("R", "--no-save"), ("env", "A=1", "bash"), ("/usr/bin/env", "python3"), ("busybox", "sh"),
    ],
)  # fmt: skip
def test_what_only_speaks_with_a_person_is_told_before(words):
    ((status, detail),) = judged("command", replace(BARE, command=words))
    assert status == "warn"
    assert f"`{' '.join(words)}`, which has no terminal and nothing to read: it ends at once" in detail


@pytest.mark.parametrize(
    "words",
    [
        ("bash", "-c", "train"), ("bash", "-lc", "x"), ("bash", "run.sh"), ("python", "train.py"), (),
        ("python", "-m", "x"), ("python", "-um", "x"), ("node", "server.js"), ("env", "A=1", "python", "a"),
    ],
)  # fmt: skip
def test_what_has_something_to_do_is_not(words):
    assert judged("command", replace(BARE, command=words or None)) == []


def test_a_terminal_or_an_open_input_keeps_a_shell():
    shell = replace(BARE, command=("bash",))
    for keeps in ({"tty": True}, {"stdin_open": True}):
        assert judged("command", replace(shell, **keeps)) == []


def test_tmux_keeps_a_container_without_a_command_and_not_one_with_a_shell():
    wrapped = replace(BARE, tmux=TmuxWish(), jupyter=JupyterWish())
    image = {**CALM, "Config": {**CALM["Config"], "Cmd": ["/bin/bash"]}}
    assert judged("command", wrapped, image=image) == []
    assert judged("command", replace(wrapped, command=("bash",))) != []


def test_the_image_s_own_command_counts_where_nothing_else_is_said():
    image = {**CALM, "Config": {**CALM["Config"], "Cmd": ["/bin/bash"], "Entrypoint": ["/entry.sh"]}}
    nothing = replace(BARE, command=None)
    ((_, detail),) = judged("command", nothing, image=image)
    assert detail.startswith("the image's own command is `/bin/bash`")
    assert judged("command", nothing, image=None) == []
    assert judged("command", replace(nothing, entrypoint=("python",)), image={**CALM, "Config": {}}) != []
    assert judged("command", replace(nothing, entrypoint=("bash",), command=("run.sh",))) == []
    assert not prompts([])


# single files


@pytest.mark.parametrize(
    "path", ["/a/config.yaml", "~/.netrc", "/etc/resolv.conf", "weights.safetensors", "/x/train.py"]
)
def test_these_look_like_files(path):
    assert like_file(path)


@pytest.mark.parametrize("path", ["/data", "/a/conf.d", "/opt/torch-2.8", "~/.cache", "/a/config.yaml/", "/run/v1.2"])
def test_these_do_not(path):
    assert not like_file(path)


@pytest.fixture
def there(tmp_path):
    (tmp_path / "dir").mkdir()
    (tmp_path / "model.pt").write_text("")
    (tmp_path / "plain").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "target", "check", "status", "words"),
    [
        ("gone.yaml", "/app/gone.yaml", "exists", "fail", "put the file there; check: create would"),
        ("gone", "/app/settings.json", "exists", "fail", "looks like a file"),
        ("gone.yaml", "/app/gone.yaml", "create", "warn", "will be made on here as a directory, and looks like a file"),
        ("gone", "/gone", "exists", "fail", "make it there, or give the volume check: create"),
        ("gone", "/gone", "create", "ok", "will be made"),
        ("dir", "/app/settings.json", "exists", "warn", "is a directory on here, and /app/settings.json looks"),
        ("model.pt", "/models/", "exists", "fail", "mount it as /models/model.pt"),
        ("model.pt", "/workspace", "exists", "fail", "it can't start"),
        ("model.pt", "/models", "exists", "warn", "/models becomes that file"),
        ("plain", "/other", "exists", "ok", "→"),
        ("dir", "/dir", "exists", "ok", "→"),
        ("model.pt", "/models/other.pt", "create", "ok", "→"),
    ],
)  # fmt: skip
def test_files_and_directories_that_do_not_fit_are_told(there, source, target, check, status, words):
    bind = Volume(target, str(there / source), check=check)
    found = volumes.look(LocalLink(), [bind])
    rows = volumes.judge([bind], found, "0:0", "here", "/home/me", "/workspace/src")
    worst = next((row for row in rows if row.status != "ok"), rows[0])
    assert worst.status == status
    assert words in f"{worst.detail} — {worst.remedy}"


def test_a_file_that_is_there_is_no_directory_to_be_made(there):
    binds = [Volume("/m", str(there / name), check="create") for name in ("model.pt", "new/deep", "dir")]
    volumes.create(LocalLink(), binds, "here")
    assert (there / "new" / "deep").is_dir()
    with pytest.raises(GpuwsError, match="can't be made on here"):
        volumes.create(LocalLink(), [Volume("/m", str(there / "plain" / "below"), check="create")], "here")


# another machine


def test_another_architecture_is_told_before_the_pull():
    def row(*offered, platform="linux/arm64"):
        (found,) = judged("image", image=None, platforms=offered, platform=platform)
        return found

    text = "torch:2.8 is made for linux/amd64, linux/386, and alpha is linux/arm64"
    assert row("linux/amd64", "linux/386") == ("fail", text)
    assert row("linux/amd64", "linux/arm64")[0] == "ok"
    assert row("linux/386", platform="linux/amd64")[0] == "ok"
    assert row()[0] == "ok"
    assert row("linux/amd64", platform="")[0] == "ok"


@pytest.mark.lab
def test_a_registry_is_asked_once_and_not_for_long(clean):
    asked = Platforms(clean.engine._client)
    began = time.monotonic()
    assert asked.of("127.0.0.1:1/no/such:1") == ()
    first = time.monotonic() - began
    assert asked.of("127.0.0.1:1/no/such:1") == ()
    assert time.monotonic() - began - first < 0.01
    assert first < 3.0


# nothing that could be waited for


def test_healthy_needs_a_health_check():
    checked = {**CALM, "Config": {**CALM["Config"], "Healthcheck": {"Test": ["CMD", "true"]}}}
    off = replace(BARE, healthcheck=Healthcheck(("NONE",)))
    assert [status for status, _ in judged("ready", BARE, ready="healthy")] == ["fail"]
    assert [status for status, _ in judged("ready", off, ready="healthy", image=checked)] == ["fail"]
    assert judged("ready", BARE, ready="healthy", image=checked) == []
    assert judged("ready", replace(BARE, healthcheck=Healthcheck(("CMD", "x"))), ready="healthy") == []
    assert judged("ready", BARE, ready="healthy", image=None) == judged("ready", BARE, ready="8888") == []


# all of the GPUs


def test_all_gpus_are_never_taken_without_a_word():
    assert [check.status for check in choose(GpuWish(all=True), GPUS).checks] == ["warn"]
    assert "nobody else gets one" in choose(GpuWish(all=True), GPUS).checks[0].detail
    assert [check.status for check in choose(GpuWish(all=True), GPUS[:1]).checks] == ["warn"]
    assert [check.status for check in choose(GpuWish(count=1), GPUS[:1]).checks] == ["ok"]


# what docker says where it was not seen before


@pytest.mark.lab
def test_a_file_on_a_directory_is_a_sentence(clean, there):
    (there / "model.pt").chmod(0o644)
    profile = Profile("odd", image=IMAGE, command=("sleep", "9"), volumes=(Volume("/etc", str(there / "model.pt")),))
    plan = clean.engine.plan(profile, Want(), clean.site)
    before = clean.ids()
    with pytest.raises(GpuwsError, match="is a file on here where a directory is mounted"):
        clean.engine.launch(plan, lambda progress: None, threading.Event())
    assert clean.ids() == before
