"""`cp` as it is typed: what is asked, refused and told, on the demo."""

import json

import pytest

from gpuws.cli.root import run
from gpuws.cli.toolkit.demo_files import demo_paths
from tests.cli.conftest import environment


@pytest.fixture
def at_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for key, value in environment(tmp_path).items():
        monkeypatch.setenv(key, value)
    demo_paths.cache_clear()
    (tmp_path / "a:b").write_text("x")
    return tmp_path


def test_a_pattern_comes_here_and_a_dry_run_changes_nothing(at_work, capfd):
    words = ["cp", "alpha/torch-dev:/workspace/checkpoints/*.pt", "."]
    assert run([*words, "--dry-run"]) == 0
    assert capfd.readouterr().out == "".join(
        f"alpha/torch-dev:/workspace/checkpoints/step-{n}.pt -> {at_work}/step-{n}.pt\n" for n in (1000, 2000)
    )
    assert [path.name for path in at_work.iterdir() if path.suffix == ".pt"] == []
    assert run([*words, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["files"], told["bytes"], told["left_out"]) == (2, 400_000, 0)
    assert sorted(path.stat().st_size for path in at_work.glob("*.pt")) == [200_000, 200_000]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["a:b", "alpha:"], 4, "write ./a:b"), (["alpha:nope", "."], 1, "there is no alpha:nope"),
        (["a", "b"], 2, "cp -a copies here"), (["./a:b", "alpha/torch-dev:"], 2, "names no path in the container"),
        (["alpha:no*", "."], 1, "nothing matches alpha:no*"), (["--readonly", "./a:b", "alpha:"], 5, "read-only"),
        (["./a:b", "alpha:none/x"], 2, "make it first"), (["alpha:train.py", "alpha:train.py"], 2, "over itself"),
        (["alpha:config", "alpha:config"], 2, "into itself"),
        (["-u", "bob", "./a:b", "alpha:"], 2, "a user in a container"),
    ],
)  # fmt: skip
def test_what_can_not_be_copied_is_said_in_a_sentence(words, code, said, at_work, capfd):
    assert run(["cp", *words]) == code
    told = capfd.readouterr()
    assert said in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)


def test_into_what_is_not_mine_goes_by_its_name_alone(at_work, capfd):
    assert run(["ps", "--json"]) in (0, 3)
    rows = json.loads(capfd.readouterr().out)["containers"]
    theirs = next(f"{one['host']}/{one['name']}" for one in rows if not one["mine"] and one["state"] == "running")
    name = theirs.partition("/")[2]
    assert run(["cp", "./a:b", f"{theirs}:/tmp"]) == 5
    assert f"--yes-not-mine {name}" in capfd.readouterr().err
    assert run(["cp", "./a:b", f"{theirs}:/tmp", "--yes-not-mine", name]) == 0
    assert run(["cp", f"{theirs}:/workspace/train.py", "."]) == 0  # looking asks nothing
    assert (at_work / "train.py").exists()
