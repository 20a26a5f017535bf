"""Mounts of single files: what looks like one, and what is wrong where the host has something else. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Literal

from gpuws.model.placement.plan import Check
from gpuws.model.profile.profile import Volume

Kind = Literal["file", "directory", "other"]
"""`other`: a socket, a device, or nothing there."""

_ENDINGS = re.compile(
    r".+\.(?:json[lc5]?|ya?ml|toml|ini|cfg|conf|env|py|ipynb|sh|bash|js|ts|xml|html?|md|txt|csv|tsv|parquet|log|lock|db"
    r"|sqlite3?|pem|crt|cert|key|pub|pt|pth|ckpt|safetensors|gguf|onnx|npy|npz|h5|hdf5|tar|t?gz|xz|zst|zip|whl|so|sock)",
    re.IGNORECASE,
)
_NAMES = frozenset(
    {
        *(".bashrc", ".zshrc", ".profile", ".bash_profile", ".netrc", ".gitconfig", ".git-credentials", ".vimrc"),
        *(".inputrc", ".npmrc", ".pypirc", ".condarc", ".env", ".Xauthority", ".bash_history", ".zsh_history"),
        *("authorized_keys", "known_hosts", "id_ed25519", "id_rsa", "passwd", "group", "shadow", "hosts", "localtime"),
        *("resolv.conf", "machine-id", "Dockerfile", "Makefile", "sudoers"),
    }
)


def like_file(path: str) -> bool:
    """By its name alone: `config.yaml` and `.netrc`; not `data`, `conf.d` or `torch-2.8`."""
    name = posixpath.basename(path)
    return not path.endswith("/") and (name in _NAMES or _ENDINGS.fullmatch(name) is not None)


def missing(bind: Volume, host: str) -> Check | None:
    """What is not there and looks like a file; None where a directory may be meant."""
    path = str(bind.source)
    if not (like_file(path) or like_file(bind.target)):
        return None
    if bind.check == "create":
        text = f"{path} will be made on {host} as a directory, and looks like a file"
        return Check("volumes", "warn", text, "put the file there first, where one is meant")
    text = f"{path} does not exist on {host}, and looks like a file"
    return Check("volumes", "fail", text, "put the file there; check: create would make a directory of that name")


def mismatch(bind: Volume, kind: Kind, host: str, working_dir: str | None) -> Iterator[Check]:
    """A directory where the target tells of a file, and a file where it tells of a directory."""
    path, target = str(bind.source), bind.target
    if kind == "directory" and like_file(target):
        text = f"{path} is a directory on {host}, and {target} looks like a file"
        yield Check("volumes", "warn", text, "name the file itself, or a directory as the target")
    elif kind == "file" and not like_file(target):
        into = posixpath.join(target, posixpath.basename(path))
        if target.endswith("/") or _within(working_dir, target):
            text = f"{path} is a file on {host}, and {target} is to be a directory: it can't start"
            yield Check("volumes", "fail", text, f"mount it as {into}, or the directory that it lies in")
        elif like_file(path):
            text = f"{path} is a file on {host}: {target} becomes that file, not a directory with it"
            yield Check("volumes", "warn", text, f"mount it as {into}, if that is meant")


def _within(path: str | None, directory: str) -> bool:
    return path is not None and f"{posixpath.normpath(path)}/".startswith(f"{posixpath.normpath(directory)}/")
