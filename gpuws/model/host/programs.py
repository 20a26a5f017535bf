"""What programs are known as that take a server's processors without being anybody's training: editors' servers,
coding agents, workers that load data. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Protocol


class Program(Protocol):
    """A process by what says what it is."""

    @property
    def pid(self) -> int: ...
    @property
    def parent(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def command(self) -> str | None: ...


DATA_LOADER = "data loader"
# Directories that editors' servers unpack themselves to, and first words or scripts of the rest.
_EDITORS = (
    (re.compile(r"/\.vscode-server(?:-insiders)?/"), "VS Code server"),
    (re.compile(r"/\.cursor-server/"), "Cursor server"),
    (re.compile(r"/\.windsurf-server/"), "Windsurf server"),
    (re.compile(r"/\.zed_server/|/zed-remote-server"), "Zed server"),
    (re.compile(r"/\.cache/JetBrains/RemoteDev|/remote-dev-server"), "JetBrains server"),
    (re.compile(r"/code-server(?:/|\s|$)"), "code-server"),
)
_OF_EDITORS = (
    (re.compile(r"--type=extensionHost"), "extensions"),
    (re.compile(r"--type=fileWatcher"), "file watcher"),
    (re.compile(r"--type=ptyHost"), "terminals"),
    (re.compile(r"pylance|ms-python\.vscode-pylance"), "Pylance"),
    (re.compile(r"cpptools"), "C/C++ tools"),
    (re.compile(r"rust-analyzer"), "rust-analyzer"),
    (re.compile(r"github\.copilot"), "Copilot"),
)
_AGENTS = frozenset(["claude", "codex", "aider", "gemini", "opencode", "cursor-agent", "goose", "copilot", "amp"])
_PROGRAMS = {
    "jupyter-lab": "Jupyter server",
    "jupyter-notebook": "Jupyter server",
    "jupyter-server": "Jupyter server",
    "jupyterhub-singleuser": "Jupyter server",
    "tensorboard": "TensorBoard",
    "dockerd": "Docker engine",
    "containerd": "Docker engine",
    "raylet": "Ray",
    "wandb-core": "W&B",
}
_KERNEL = re.compile(r"ipykernel_launcher|ipykernel -f|/kernel-[0-9a-f-]{36}\.json")
_OWN = re.compile(r" gpuws-probe [0-9a-f]{16}\b")
_SPAWNED = re.compile(r"multiprocessing\.(?:spawn|forkserver) import|--multiprocessing-fork")
_LOADERS = ("pt_data_worker", "pt_data_pin")  # as PyTorch 2.6 and later call their processes
_INTERPRETER = re.compile(r"(?:python[\d.]*|node|bun|deno)$")


def kind_of(process: Program, parent: Program | None, on_gpus: Collection[int]) -> str:
    """ "" where its command says it best. `on_gpus`: pids of those that hold a GPU, whose forked and spawned children
    without one load its data."""
    command = process.command or ""
    if process.name.startswith(_LOADERS):
        return DATA_LOADER
    for pattern, name in _EDITORS:
        if pattern.search(command):
            part = next((part for of_it, part in _OF_EDITORS if of_it.search(command)), "")
            return f"{name}: {part}" if part else name
    if _KERNEL.search(command):
        return "Jupyter kernel"
    if _OWN.search(command):
        return "gpuws' agent"
    if process.pid not in on_gpus and _worker(process, parent):
        return DATA_LOADER if process.parent in on_gpus else "worker"
    program = _program(command)
    if program in _AGENTS:
        return f"coding agent ({program})"
    return _PROGRAMS.get(program, "")


def _worker(process: Program, parent: Program | None) -> bool:
    """Python's, made to share its parent's work: forked, so that its command is its parent's, or spawned."""
    command = process.command or ""
    if _SPAWNED.search(command):
        return True
    python = _base(command.split()[0]).startswith("python") if command.split() else False
    return python and parent is not None and parent.command == command


def _program(command: str) -> str:
    """What is run, behind an interpreter: its script or, of `-m`, its module."""
    words = command.split()
    if not words:
        return ""
    first = _base(words[0].rstrip(":"))
    if not _INTERPRETER.match(first):
        return first
    script = next((word for word in words[1:] if not word.startswith("-")), "")
    base = _base(script)
    return _base(script.rsplit("/", 2)[-2]) if base in ("cli.js", "index.js", "__main__.py") and "/" in script else base


def _base(word: str) -> str:
    return word.rsplit("/", 1)[-1]
