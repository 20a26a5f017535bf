"""What others' files may do, through the installed program; nothing is dialled."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def lab(tmp_path):
    """A lab's folder, named by the config.yaml of an empty home."""
    folder = tmp_path / "nfs/lab"
    (folder / "profiles").mkdir(parents=True)
    config = tmp_path / ".config/gpuws"
    config.mkdir(parents=True)
    (config / "config.yaml").write_text(f"profile_paths: [{folder}/profiles]\nhosts_files: [{folder}/hosts.yaml]\n")
    (folder / "profiles/train.yaml").write_text('image: torch\ncommand: ["first\\u202e"]\n')
    (folder / "hosts.yaml").write_text("hosts: {gpu1: {address: gpu1.lab.example}}\n")
    return folder


@pytest.fixture
def real(gpuws):
    return lambda *words, **env: gpuws(*words, demo=False, GPUWS_KEEPER="0", **env)


def test_nothing_shared_is_used_before_it_is_accepted(real, lab):
    profile = lab / "profiles/train.yaml"
    for words in (("launch", "train", "-H", "local"), ("wait", "--gpus", "1", "--launch", "train")):
        done = real(*words)
        assert (done.returncode, done.stdout) == (5, ""), done.stderr
        assert done.stderr.endswith(
            f"train.yaml is shared, and you have not accepted what it does — gpuws trust {profile}\n"
        )
    listed = real("gpus", "-H", "local", "--timeout", "1", "--allow-partial").stderr
    assert f"its hosts are left out — gpuws trust {lab}/hosts.yaml" in listed
    rows = {row["name"]: row for row in json.loads(real("profiles", "--json").stdout)["profiles"]}
    assert {(row["owner"], row["accepted"]) for row in rows.values()} == {("built-in", True), ("shared", False)}
    assert (rows["train"]["accepted"], rows["train"]["source"]) == (False, str(profile))


def test_it_is_shown_then_accepted_and_shown_again_where_it_differs(real, lab, tmp_path):
    profile, hosts = lab / "profiles/train.yaml", lab / "hosts.yaml"
    state = tmp_path / ".local/state/gpuws"
    done = real("trust", str(profile))
    assert (done.returncode, "add --yes" in done.stderr, state.exists()) == (5, True, False)
    assert '+ image: "torch"' in done.stdout
    assert "\u202e" not in done.stdout
    assert real("trust", str(profile), "--yes").returncode == 0
    profile.write_text("image: torch\ncommand: [other]\n")
    shown = real("profiles", "show", "train")
    assert (shown.returncode, "first" in shown.stdout, "other" in shown.stdout) == (0, True, False)
    lines = real("trust", "train", "--dry-run").stdout.splitlines()
    assert lines[0] == f"{profile} has changed since you accepted it:"
    assert '+ command[]: "other"' in lines
    assert '+ image: "torch"' not in lines
    assert real("trust", str(hosts), "--yes").stdout.splitlines()[-1] == '+ hosts.gpu1.address: "gpu1.lab.example"'
    listed = real("profiles")
    assert (f"gpuws trust {profile}" in listed.stdout, "has changed" in listed.stdout) == (True, True)


def test_a_person_is_asked(terminal, lab, tmp_path):
    profile = lab / "profiles/train.yaml"
    for words, answer, code in (
        (("launch", "train", "-H", "local", "--dry-run"), "", 5),
        (("trust", str(profile)), "y", 0),
    ):
        asking = terminal(*words, GPUWS_DEMO="", GPUWS_KEEPER="0", HOME=str(tmp_path))
        asking.wait_for("Accept that it does this?")
        assert '+ image: "torch"' in asking.text
        asking.send(f"{answer}\r")
        assert asking.process.wait(20) == code
