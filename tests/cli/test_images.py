"""Images on the demo lab, and how pulls on several hosts are drawn."""

import json

import pytest

from gpuws.cli.images.build_progress import BuildProgress
from gpuws.cli.images.pull_progress import bar, lines_of
from gpuws.model.placement.plan import Progress
from gpuws.model.workspace.image import LayerProgress

UNUSED = "nvcr.io/nvidia/pytorch:25.03-py3"


def test_the_listing_says_size_and_users(gpuws):
    done = gpuws("images", "ls", "alpha")
    assert done.returncode == 0
    rows = {line.split()[1]: line for line in done.stdout.splitlines()[1:]}
    assert "torch-dev" in rows["gpuws/pytorch-2.8-cu128"]
    assert rows[UNUSED].rstrip().endswith("–")
    assert "dangling" in rows
    told = json.loads(gpuws("images", "--json", "-H", "alpha").stdout)
    assert {host["name"] for host in told["hosts"]} == {"alpha"}
    assert set(told["images"][0]) == {"host", "id", "names", "digests", "size_bytes", "created", "used_by"}


def test_a_host_that_is_down_does_not_hide_the_others(gpuws):
    done = gpuws("images")
    assert done.returncode == 3
    assert "golf" in done.stderr
    assert "alpha" in done.stdout
    assert gpuws("images", "--allow-partial").returncode == 0


def test_a_pull_says_what_each_host_does(gpuws):
    done = gpuws("images", "pull", "torch:2.9", "-H", "alpha", "-H", "bravo")
    assert (done.returncode, done.stdout) == (0, "alpha: torch:2.9\nbravo: torch:2.9\n")
    assert {line.split(":")[1].strip() for line in done.stderr.splitlines()} == {"alpha", "bravo"}
    dry = gpuws("images", "pull", "torch:2.9", "-H", "alpha", "--dry-run")
    assert dry.stdout == "ssh alpha 'docker pull torch:2.9'\n"


def test_a_build_says_what_each_host_does(gpuws):
    done = gpuws("images", "build", "base", "-H", "alpha", "-H", "bravo")
    assert (done.returncode, done.stdout) == (0, "alpha: gpuws/base\nbravo: gpuws/base\n")
    steps = [line for line in done.stderr.splitlines() if "Step 1/" in line]
    assert sorted(line.split(":")[1].strip() for line in steps) == ["alpha", "bravo"]


def test_a_build_that_fails_on_one_host_is_told_with_its_line(gpuws):
    done = gpuws("images", "build", "flash-attn", "-H", "alpha")
    assert done.returncode == 1
    assert "failed in line 2 of its Dockerfile, RUN pip install flash-attn==2.8.3 (exit 1): OSError" in done.stderr
    (row,) = json.loads(gpuws("images", "build", "flash-attn", "-H", "alpha", "--json").stdout)["builds"]
    assert (row["built"], "-devel" in row["error"]) == (False, True)


def test_what_a_build_would_do_is_shown(gpuws, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\nENV HF_TOKEN=hf_abcdefghijklmnop\n")
    done = gpuws("images", "build", str(tmp_path), "-t", "mine:1", "-H", "alpha", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.startswith("alpha: mine:1\n")
    assert "line 2: ENV HF_TOKEN: whoever has the image reads it in docker history" in done.stdout
    assert done.stdout.endswith(f"$ gpuws with alpha -- docker build -t mine:1 {tmp_path}\n")
    assert "hf_abc" not in done.stdout
    (tmp_path / "Dockerfile").write_text("FROM python:3.12\nCOPY --parents a /\n")
    for flags in (["--dry-run"], []):
        done = gpuws("images", "build", str(tmp_path), "-t", "mine:1", "-H", "alpha", *flags)
        assert done.returncode == 5
        assert "COPY --parents" in done.stdout + done.stderr


def test_what_comes_ten_times_a_second_is_said_once_where_nobody_watches(capsys):
    said = BuildProgress("t:1", ["alpha"])
    for step in (
        Progress("building", "t:1"), Progress("sending", "the context, 1M of 3M"), Progress("sending", "2M"),
        Progress("building", "Step 1/1 : FROM x"), Progress("done", "t:1", 1.0),
    ):  # fmt: skip
        said.report("alpha", step)
    lines = [line.removeprefix("gpuws: ") for line in capsys.readouterr().err.splitlines()]
    assert lines == ["alpha: building t:1", "alpha: sending the context, 1M of 3M", "alpha: Step 1/1 : FROM x"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "no profile 'nosuch'"),  # before the hosts that are not named either
        (["./nosuch", "-H", "alpha"], "there is no directory ./nosuch here"),
        (["."], "say -t NAME:TAG"),
        (["base", "-H", "alpha", "--build-arg", "=x"], "--build-arg wants NAME=VALUE or NAME"),
        (["/", "-t", "x:1", "-H", "alpha"], "there is no Dockerfile in the build context /"),
    ],
)
def test_what_can_not_be_built_is_told_before(gpuws, words, said):
    done = gpuws("images", "build", *words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_changes_want_to_know_where(gpuws):
    for words in (["pull", "x"], ["build", "base"], ["rm", "x"], ["prune"]):
        done = gpuws("images", *words)
        assert (done.returncode, "say -H HOST" in done.stderr) == (2, True)


@pytest.mark.parametrize("words", [["pull", "x"], ["build", "base"], ["rm", UNUSED, "--yes"], ["prune", "--yes"]])
def test_a_read_only_host_refuses(gpuws, words):
    done = gpuws("--readonly", "images", *words, "-H", "alpha")
    assert (done.returncode, "read-only" in done.stderr) == (5, True)


def test_removal_is_confirmed(gpuws):
    assert gpuws("images", "rm", UNUSED, "-H", "alpha").returncode == 5
    assert gpuws("images", "rm", UNUSED, "-H", "alpha", "--yes").returncode == 0
    foreign = gpuws("images", "rm", "quay.io/jupyter/pytorch-notebook:cuda12", "-H", "alpha", "--yes")
    assert foreign.returncode == 5
    assert "--yes-not-mine quay.io/jupyter/pytorch-notebook:cuda12" in foreign.stderr
    assert gpuws("images", "rm", "no:such", "-H", "alpha", "--yes").returncode == 4


def test_removal_asks_on_a_terminal(terminal):
    one = terminal("images", "rm", UNUSED, "-H", "alpha")
    one.wait_for(r"Remove nvcr.io/nvidia/pytorch:25.03-py3 from alpha\?")
    one.wait_for(r"\$ ssh alpha 'docker rmi")
    one.send("y\r")
    one.wait_for(f"alpha: {UNUSED}")
    assert one.wait_exit(10) == 0


def test_pruning_frees_what_has_no_name(gpuws):
    assert gpuws("images", "prune", "-H", "alpha").returncode == 5
    done = gpuws("images", "prune", "-H", "alpha", "--yes", "--json")
    (row,) = json.loads(done.stdout)["pruned"]
    assert row["host"] == "alpha"
    assert row["freed_bytes"] > 1 << 30
    assert gpuws("images", "prune", "-H", "alpha", "--dry-run").stdout == "ssh alpha 'docker image prune -f'\n"


def test_newer_images_are_told(gpuws):
    done = gpuws("images", "check", "-H", "alpha")
    verdicts = dict(line.split(maxsplit=2)[1:] for line in done.stdout.splitlines()[1:])
    assert verdicts[UNUSED].strip() == "has a newer one"
    assert verdicts["gpuws/pytorch-2.8-cu128"].strip() == "the same"


# drawing


def test_hosts_come_before_layers_and_layers_as_far_as_there_is_room():
    layers = tuple(LayerProgress(f"{n:012x}", "downloading", n, 10) for n in range(4))
    hosts = {"alpha": Progress("pulling", "x", 0.5, layers), "b": None, "c": Progress("done", "x", 1.0)}
    assert [line.split()[0] for line in lines_of(hosts, 20)] == ["alpha", *(layer.id for layer in layers), "b", "c"]
    assert [line.split()[0] for line in lines_of(hosts, 4)] == ["alpha", layers[0].id, "b", "c"]
    assert len(lines_of(hosts, 2)) == 2
    assert " 50%  x" in lines_of(hosts, 3)[0]


def test_finished_layers_make_room():
    layers = (LayerProgress("a" * 12, "done", 1, 1), LayerProgress("b" * 12, "unpacking", 5, 5, 2))
    lines = lines_of({"alpha": Progress("pulling", "x", 1.0, layers)}, 9)
    assert len(lines) == 2
    assert lines[1].endswith("unpacks")
    assert "████▊▁▁" in lines[1]


@pytest.mark.parametrize(
    ("fraction", "drawn"), [(None, "┄┄┄┄"), (0.0, "▁▁▁▁"), (0.5, "██▁▁"), (1.0, "████"), (7.0, "████"), (0.28, "█▏▁▁")]
)
def test_bars(fraction, drawn):
    assert bar(fraction, 4) == drawn


def test_a_copy_goes_from_the_first_host_to_the_others(gpuws):
    words = ["images", "copy", "vllm/vllm-openai:v0.11.0", "-H", "foxtrot"]
    done = gpuws(*words, "-H", "alpha", "-H", "bravo")
    assert (done.returncode, sorted(done.stdout.split("\n"))) == (
        0, ["", "alpha: vllm/vllm-openai:v0.11.0", "bravo: vllm/vllm-openai:v0.11.0"],
    )  # fmt: skip
    dry = gpuws(*words, "-H", "alpha", "--dry-run")
    assert dry.stdout == "ssh foxtrot 'docker save vllm/vllm-openai:v0.11.0' | ssh alpha 'docker load'\n"
    alone = gpuws(*words)
    assert (alone.returncode, "say -H FROM -H TO" in alone.stderr) == (2, True)
    missing = gpuws("images", "copy", "no:such", "-H", "alpha", "-H", "bravo")
    assert (missing.returncode, "alpha has no image no:such" in missing.stderr) == (4, True)
    closed = gpuws("--readonly", *words, "-H", "alpha")
    assert (closed.returncode, "read-only" in closed.stderr) == (5, True)
