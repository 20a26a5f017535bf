"""The command line itself: help, versions, completion, usage errors, files."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
import typer

from gpuws.cli.completion.names import remember
from gpuws.cli.completion.shells import offer
from gpuws.cli.root import FAMILIES, build
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.host.host import Host

BUILT = sorted(name for names in FAMILIES.values() for name in names)
HIDDEN = {"ssh-proxy"}  # only ssh calls it
NOT_BUILT = ("job",)


def test_help_names_every_command_and_none_that_is_not_built(gpuws):
    done = gpuws("-h")
    shown = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert set(BUILT) - HIDDEN <= set(shown)
    assert not HIDDEN & set(shown)
    for name in NOT_BUILT:
        assert name not in shown
        assert gpuws(name).returncode == 2


@pytest.mark.parametrize("name", BUILT)
def test_every_command_explains_itself(gpuws, name):
    done = gpuws(name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: gpuws ")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_adds_the_commands_that_it_is_read_for(family):
    app = typer.Typer()
    import_module(f"gpuws.cli.{family}").add_to(app)
    added = [one.name for one in (*app.registered_commands, *app.registered_groups)]
    assert sorted(added) == sorted(FAMILIES[family])


@pytest.mark.parametrize("words", [("--nonsense",), ("gpus", "--nonsense"), ("frobnicate",), ("profiles", "frob")])
def test_usage_errors_are_one_line_with_the_way_to_help(gpuws, words):
    done = gpuws(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("gpuws: ")
    assert done.stderr.count("\n") == 1
    assert "--help" in done.stderr


def test_without_a_terminal_the_screen_says_so(gpuws):
    for words in ((), ("demo",)):
        done = gpuws(*words)
        assert done.returncode == 5
        assert "needs a terminal" in done.stderr


def test_options_may_stand_before_the_command(gpuws, tmp_path):
    done = gpuws("--readonly", "tmux", "--json", "-H", "local", "ls")
    assert [host["name"] for host in json.loads(done.stdout)["hosts"]] == ["local"]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hosts.yaml").write_text(f"hosts: {{host-{name}: {{}}}}\nlocal: false\n")
    near = gpuws(
        "--config-dir", str(tmp_path / "a"), "hosts", "--config-dir", str(tmp_path / "b"), "ls", "--json", demo=False
    )
    assert [host["name"] for host in json.loads(near.stdout)["hosts"]] == ["host-b"]
    assert gpuws("--readonly", "tmux", "--json", "new", "alpha:x").returncode == 5


@pytest.mark.parametrize("words", [("demo",), ("--readonly",)])
def test_the_screen_opens_and_q_quits(terminal, words):
    tty = terminal(*words)
    tty.wait_for("bravo")
    tty.press("q")
    assert tty.wait_exit() == 0


def complete(gpuws, line: str, **env: str) -> set[str]:
    done = gpuws(*line.split(" ")[1:], _GPUWS_COMPLETE="zsh", **{"GPUWS_DEMO": "", "GPUWS_KEEPER": "0", **env})
    return {offered.partition("\t")[0] for offered in done.stdout.splitlines()}


def test_completion_offers_what_was_seen_last_and_connects_to_nothing(gpuws, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "GPUWS_CONFIG_DIR", "GPUWS_DEMO"):
        monkeypatch.delenv(name, raising=False)
    hosts = [Host("alpha", tags=("a100",)), Host("bravo")]
    alpha, bravo = DemoFleet(hosts=("alpha", "bravo")).snapshots()
    assert complete(gpuws, "gpuws gpus al") == set()
    remember(hosts, [alpha])
    assert complete(gpuws, "gpuws gpus al") == {"alpha"}
    assert complete(gpuws, "gpuws gpus --tag ") == {"a100"}
    assert complete(gpuws, "gpuws stop alpha/t") == {"alpha/tensorboard", "alpha/torch-dev"}
    remember(hosts, [bravo])
    assert complete(gpuws, "gpuws stop alpha/t") == {"alpha/tensorboard", "alpha/torch-dev"}
    assert complete(gpuws, "gpuws stop bravo/e") == {"bravo/eval"}
    assert complete(gpuws, "gpuws launch pytorch-d") == {"pytorch-ddp"}  # a file that ships with gpuws
    seen = tmp_path / ".local/state/gpuws/seen.json"
    assert seen.stat().st_mode & 0o777 == 0o600
    seen.write_text('{"hosts": 7')
    assert complete(gpuws, "gpuws gpus al") == set()


RUNNING = {"alpha/tensorboard", "alpha/torch-dev"}


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("gpuws stop alpha/t", RUNNING), ("gpuws start alpha/", {"alpha/old-exp", "alpha/data-prep"}),
        ("gpuws rm alpha/t", set()), ("gpuws rm -f alpha/t", RUNNING), ("gpuws logs alpha/o", {"alpha/old-exp"}),
        ("gpuws stop alpha/torch-dev alpha/t", {"alpha/tensorboard"}),
        ("gpuws attach alpha:", {"alpha:data", "alpha:notes"}), ("gpuws jupyter ", {"alpha/jup", "alpha/torch-dev"}),
        ("gpuws tunnel foxtrot/", {"foxtrot/vllm", "foxtrot/vllm:8000"}),
        ("gpuws tmux kill bravo", {"bravo:sweep"}), ("gpuws profiles show b", {"base"}), ("gpuws waits cancel ", {"1"}),
        ("gpuws launch base --gpus a", {"all"}), ("gpuws gpus --filter f", {"free"}), ("gpuws with ech", {"echo"}),
        ("gpuws exec alpha ", set()), ("gpuws help tunnels c", {"close"}), ("gpuws completion z", {"zsh"}),
        ("gpuws trust x", {":files"}), ("gpuws --config-dir ", {":folders"}), ("gpuws host a", {"add"}),
        ("gpuws gpus --config-dir=/e", {":folders"}),
    ],
)  # fmt: skip
def test_each_verb_is_offered_what_it_can_act_on(line, offered, monkeypatch, capsys):
    monkeypatch.setenv("GPUWS_DEMO", "1")
    assert offer("fish", line.split(" ")[1:], build) == 0
    assert {line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()} == offered


def test_the_demo_leaves_no_names_behind(gpuws, tmp_path):
    assert gpuws("ps", "alpha").returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_demo_setup_reads_no_configuration_but_the_others_say_what_is_wrong(gpuws, tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "hosts.yaml").write_text("hosts:\n  alpha: {adress: x}\nlocl: true\n")
    done = gpuws("hosts", "ls", "--config-dir", str(config), demo=False)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"gpuws: {config}/hosts.yaml:") for line in lines)
    assert "address" in lines[0]


def test_paths_are_printed_and_nothing_is_made(gpuws, tmp_path):
    done = gpuws("paths", "--json", demo=False)
    found = json.loads(done.stdout)
    assert found["hosts"] == str(tmp_path / ".config/gpuws/hosts.yaml")
    assert found["state"] == str(tmp_path / ".local/state/gpuws")
    assert list(tmp_path.iterdir()) == []
    elsewhere = json.loads(gpuws("--config-dir", "/elsewhere", "paths", "--json", demo=False).stdout)
    assert elsewhere["config"] == "/elsewhere/config.yaml"
