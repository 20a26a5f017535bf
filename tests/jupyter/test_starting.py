"""The program that starts a server: really run by a shell, with programs of the test's own in Jupyter's place."""

import subprocess
import threading

import pytest

from gpuws.jupyter import starting
from gpuws.model.errors import GpuwsError, UsageError
from tests.probe.local_place import LocalPlace

SERVER = """#!/bin/sh
echo "{name} $* in ${{VIRTUAL_ENV:-${{CONDA_PREFIX:-none}}}}"
stat -c %a "$JUPYTER_TOKEN_FILE"
wc -c <"$JUPYTER_TOKEN_FILE"
"""
NOWHERE = "here: name where it is, --env ENVIRONMENT"
TOOLS = ("sh", "sed", "tail", "cat", "od", "tr", "mktemp", "id", "rm", "stat", "wc")


@pytest.fixture
def home(tmp_path):
    """A home with the usual tools, and nothing else, in its PATH."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tmp").mkdir()
    for name in TOOLS:
        (tmp_path / "tools" / name).symlink_to(f"/bin/{name}")
    return tmp_path


def install(folder, name="jupyter-lab"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(SERVER.format(name=name))
    (folder / name).chmod(0o755)


def run(home, environment="", **env):
    argv = starting.serve_argv("127.0.0.1", environment, login="SHELL" in env)
    variables = {"HOME": str(home), "PATH": str(home / "tools"), "XDG_RUNTIME_DIR": str(home / "tmp"), **env}
    return subprocess.run(argv, env=variables, capture_output=True, text=True, timeout=20, check=False)


def test_it_runs_on_loopback_with_a_token_in_a_file_of_its_own_that_goes_with_it(home):
    install(home / "tools")
    done = run(home)
    said, mode, size = done.stdout.splitlines()
    assert said.startswith("jupyter-lab --no-browser --ip=127.0.0.1 --port=8888")
    assert said.endswith("in none")
    assert (mode, size.strip(), done.returncode) == ("600", "48", 0)
    assert [*(home / "tmp").iterdir()] == []


@pytest.mark.parametrize("name", ["jupyter-notebook", "jupyter-server"])
def test_without_jupyterlab_it_is_what_is_there(home, name):
    install(home / "tools", name)
    assert run(home).stdout.startswith(f"{name} --no-browser")


@pytest.mark.parametrize(
    ("folder", "environment"),
    [
        ("venv", "~/venv"),
        ("venv", "venv"),
        (".virtualenvs/nlp", "nlp"),
        ("miniforge3/envs/nlp", "nlp"),
        (".local/envs/nlp", "nlp"),
        ("my venv", "~/my venv"),
    ],
)
def test_an_environment_is_a_directory_or_a_name(home, folder, environment):
    install(home / folder / "bin")
    assert run(home, environment).stdout.splitlines()[0].endswith(f"in {home / folder}")
    assert run(home, str(home / folder)).stdout.splitlines()[0].endswith(f"in {home / folder}")


def test_an_environment_elsewhere_is_known_by_conda_s_own_list(home):
    install(home / "scratch/deep/nlp/bin")
    (home / ".conda").mkdir()
    (home / ".conda/environments.txt").write_text(f"{home}/scratch/other\n{home}/scratch/deep/nlp\n")
    assert run(home, "nlp").stdout.splitlines()[0].endswith(f"in {home}/scratch/deep/nlp")


def test_what_is_missing_is_said_in_one_line(home):
    assert (run(home).stderr, run(home).returncode) == (f"jupyter is not found {NOWHERE}\n", 69)
    assert run(home, "nlp").stderr == "there is no environment nlp\n"
    (home / "venv/bin").mkdir(parents=True)
    assert run(home, "venv").stderr == f"jupyter is not found in {home}/venv/bin\n"


def test_on_a_host_it_is_what_my_own_shell_would_find(home):
    install(home / "deep")
    (home / "shell").write_text(f'#!/bin/sh\necho noise\nPATH="{home}/deep:$PATH"\n[ "$1" = -lic ] && eval "$2"\n')
    (home / "shell").chmod(0o755)
    assert run(home, SHELL=str(home / "shell")).stdout.startswith("jupyter-lab ")
    (home / "shell").write_text("#!/bin/sh\nexit 1\n")
    assert run(home, SHELL=str(home / "shell")).stderr == f"jupyter is not found {NOWHERE}\n"


@pytest.mark.parametrize("bad", ["$(reboot)", "a;b", "a\nb", "x" * 501])
def test_what_can_be_no_environment_is_refused(bad):
    with pytest.raises(UsageError):
        starting.serve_argv("127.0.0.1", bad, login=True)


def test_a_server_is_ended_by_sigterm_and_waited_for():
    place = LocalPlace()
    polite = "trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    child = subprocess.Popen(["sh", "-c", polite], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "ready\n"
        reaped = subprocess.Popen(["true"])
        reaped.wait()
        with pytest.raises(GpuwsError, match=f"process {reaped.pid}"):
            starting.stop(place, reaped.pid)
        threading.Thread(target=child.wait, daemon=True).start()
        starting.stop(place, child.pid)
        assert child.stdout.read() == "saved\n"
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
