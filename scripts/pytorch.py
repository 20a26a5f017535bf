"""Hold the built-in profile of the newest PyTorch against the package index: is that still the current release?

`python -m scripts.pytorch` exits with 1 where it is not, and says what to write. Where the index can't be reached that
is said, and nothing is wrong. What it can't ask is Docker Hub: whether the official image of that release is there."""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

from gpuws.config.paths import built_in_profiles

INDEX = "https://pypi.org/pypi/torch/json"
TIMEOUT = 10.0  # seconds
_STABLE = re.compile(r"\d+(\.\d+)+\Z")
_CUDA = re.compile(r"cuda-toolkit(?:\[[^]]*\])?\s*==\s*(\d+\.\d+)")
_FROM = re.compile(r"^\s*FROM pytorch/pytorch:([\d.]+)-cuda([\d.]+)-cudnn\d+-runtime", re.MULTILINE)


class Release(NamedTuple):
    """`cuda`: that of the wheel which pip takes on Linux, and the default image is made of; "" where it says none."""

    version: tuple[int, ...]
    cuda: str

    @property
    def image(self) -> str:
        return f"pytorch/pytorch:{'.'.join(map(str, self.version))}-cuda{self.cuda}-cudnn9-runtime"


def released(index: Mapping[str, Any]) -> Release:
    """The newest stable release that was not taken back, from what the index answers."""
    stable = [
        tuple(map(int, version.split(".")))
        for version, files in index["releases"].items()
        if _STABLE.match(version) and files and not all(file.get("yanked") for file in files)
    ]
    wanted = "\n".join(index["info"].get("requires_dist") or ())
    found = _CUDA.search(wanted)
    return Release(max(stable), found[1] if found else "")


def built_in() -> Release:
    """What the newest of the built-in profiles stands on."""
    texts = (file.read_text(encoding="utf-8") for file in built_in_profiles().glob("*.yaml"))
    found = [
        Release(tuple(map(int, version.split("."))), cuda) for text in texts for version, cuda in _FROM.findall(text)
    ]
    return max(found)


def difference(ours: Release, theirs: Release) -> str:
    """What to do; "" where ours is current. A release of the same minor version changes one line, else it is a new
    profile."""
    if ours.version >= theirs.version:
        return ""
    what = "change the FROM" if ours.version[:2] == theirs.version[:2] else "a new profile"
    newest = ".".join(map(str, theirs.version))
    return f"PyTorch {newest} is out, the newest profile has {ours.image}: {what}, {theirs.image}"


def main() -> int:
    try:
        with urllib.request.urlopen(INDEX, timeout=TIMEOUT) as reply:
            theirs = released(json.load(reply))
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        print(f"the package index can't be reached, so nothing is known: {error}")
        return 0
    if told := difference(built_in(), theirs):
        print(told, file=sys.stderr)
        return 1
    print(f"{built_in().image} is the current release")
    return 0


if __name__ == "__main__":
    sys.exit(main())
