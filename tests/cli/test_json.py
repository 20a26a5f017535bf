"""What `--json` prints is what its types say: `docs/json.md` is written from them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import UnionType
from typing import Annotated, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from gpuws.cli.root import run
from gpuws.cli.toolkit.demo_files import demo_paths
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.units import timestamp
from gpuws.present.documents import actions, listings
from gpuws.present.documents.base import printed
from gpuws.present.documents.fields.commands import DOCUMENTS
from gpuws.present.documents.fields.tunnels import NotebookDocument, TunnelsDocument
from gpuws.present.documents.fields.workspaces import PortRow
from scripts.grammar import grammar
from tests.cli.conftest import environment

RECIPE = Path(__file__).parents[1] / "config/imports/recipes/two-services.compose.yaml"
WITH = {
    "launch": "base -H alpha --name x", "run": "base -H alpha --dry-run", "clone": "alpha/torch-dev -H bravo --dry-run",
    "hosts log": "alpha -n 3", "wait": "--gpus 1", "profiles show": "base", "drift": "alpha/torch-dev",
    "images check": "-H alpha",
    "images prune": "--yes alpha", "volumes prune": "alpha --yes-not-mine 9f2c77e0a1b3", "profiles import": str(RECIPE),
    "images build": "base -H alpha", "ports": "torch-dev", "verify": "torch-dev",
    "exec": "-H alpha -H golf --timeout 0 -- hostname", "tasks retry": "1",
    "cp": "alpha/torch-dev:/workspace/config bravo:/tmp",
    "start": "old-exp", "stop": "--yes torch-dev tensorboard", "restart": "--yes vllm", "kill": "--yes vllm",
    "pause": "--yes vllm", "unpause": "--yes vllm", "rename": "--yes old-exp older", "rm": "--yes old-exp",
    "tmux new": "alpha:fresh", "tmux rename": "alpha:notes papers", "tmux detach": "alpha:notes",
    "tmux kill": "--yes alpha:notes",
    "images pull": "registry:2 -H alpha -H bravo", "images copy": "registry:2 -H bravo -H alpha --dry-run",
    "images rm": "-H alpha --yes nvcr.io/nvidia/pytorch:25.03-py3 --dry-run",
    "volumes rm": "-H alpha --yes old-checkpoints", "waits cancel": "1", "tasks cancel": "2",
    "prune": "--yes alpha", "recreate": "--yes torch-dev",
    **dict.fromkeys(("kernels interrupt", "kernels restart", "kernels shutdown"), "--yes alpha/torch-dev"),
}  # fmt: skip
STAYS = {"top", "jupyter", "tunnel", "tunnels close", "wait --gpus 2 --launch base --detach"}
"""Until Ctrl-C, or in a keeper, which the demo has not."""


def faults(hint, value, at="") -> list[str]:
    """Where `value` is not of the type `hint`."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return [] if timestamp_like(value) else [f"{at}: {value!r} is no time"]
    if origin is NotRequired:
        return faults(args[0], value, at)
    if origin in (Union, UnionType):
        return [] if any(not faults(each, value, at) for each in args) else [f"{at}: {value!r} is not {hint}"]
    if origin is Literal:
        return [] if value in args else [f"{at}: {value!r} is not {hint}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [fault for number, one in enumerate(value) for fault in faults(args[0], one, f"{at}[{number}]")]
    if is_typeddict(hint):
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is no {hint}"]
        hints = get_type_hints(hint, include_extras=True)
        always = {key for key, one in hints.items() if get_origin(one) is not NotRequired}
        wrong = [f"{at}: {key} is not told of" for key in value.keys() - hints.keys()]
        wrong += [f"{at}: {key} is missing" for key in always - value.keys()]
        known = [(key, one) for key, one in value.items() if key in hints]
        return wrong + [fault for key, one in known for fault in faults(hints[key], one, f"{at}.{key}")]
    kinds = (int, float) if hint is float else (hint,)
    fits = type(value) in kinds or (hint is type(None) and value is None)
    return [] if fits else [f"{at}: {value!r} is not {hint}"]


def timestamp_like(value) -> bool:
    return isinstance(value, str) and len(value) >= len(timestamp(0.0)) and value.endswith("Z")


@pytest.mark.parametrize("command", [name for name in DOCUMENTS if name not in STAYS])
def test_a_command_prints_its_document(command, tmp_path, monkeypatch, capfd):
    for key, value in environment(tmp_path).items():
        monkeypatch.setenv(key, value)
    demo_paths.cache_clear()
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        run([*command.split(), "--json", *WITH.get(command, "").split()])
    told = json.loads(capfd.readouterr().out)
    assert faults(DOCUMENTS[command], told) == []


def test_tunnels_are_as_their_types_say():
    one = Tunnel("a", TunnelTarget("alpha", "torch", 8888), 8888, url="http://127.0.0.1:8888/lab")
    assert faults(NotebookDocument, json.loads(printed(actions.jupyter(one)))) == []
    assert faults(TunnelsDocument, json.loads(printed(listings.tunnels([one])))) == []


def test_every_command_with_json_has_its_document():
    """But `inspect`, which prints the engine's own."""
    pages = [page for page in grammar().all() if any(typed == "--json" for typed, _ in page.options)]
    found = {page.name.removeprefix("gpuws ") for page in pages}
    assert found - {"inspect"} == {name for name in DOCUMENTS if "--" not in name}


@pytest.mark.parametrize(("hint", "value"), [
    (PortRow, {"target": 1, "host_ip": None}), (list[int], ["x"]), (list[int], None), (PortRow, None),
    (PortRow, {"target": "1", "host_ip": None, "published": 1}),
    (NotebookDocument, {"url": None, "local_port": 1, "more": 2}),
])  # fmt: skip
def test_what_is_not_as_the_types_say_would_be_found(hint, value):
    assert faults(hint, value)
