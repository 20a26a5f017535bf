"""What the lines of the program mean: versions, GPUs, and one sentence where something is not well. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gpuws.model.text import plain
from gpuws.model.units import count
from gpuws.model.workspace.verification import DeviceVerified, Verification

WHOLE = "install one that was built for CUDA, or choose an image that has it"
OLDER = "choose an image for an older CUDA, or ask for a newer driver: gpuws doctor says what it runs"
# What torch says, what it means, what mends it. {0}: the first group of the pattern; {cuda}: that torch was built for.
KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        r"driver on your system is too old \(found version (\d+)\)",
        "the driver is too old for its CUDA {cuda}: it runs CUDA {0}",
        OLDER,
    ),
    (r"driver version is insufficient", "the driver is too old for its CUDA {cuda}", OLDER),
    (r"not compiled with CUDA", "its torch was built without CUDA", WHOLE),
    (
        r"Found no NVIDIA driver",
        "no driver is seen inside",
        "recreate it with GPUs; gpuws doctor says whether its engine hands them out",
    ),
    (
        r"No CUDA GPUs are available|no GPU is seen",
        "torch sees no GPU there",
        "see CUDA_VISIBLE_DEVICES and NVIDIA_VISIBLE_DEVICES inside, and `gpus` of its profile",
    ),
    (
        r"no kernel image is available|not compatible with the current PyTorch",
        "its torch {torch} was not built for this GPU",
        "choose an image with a newer torch",
    ),
    (r"out of memory", "no memory is left on it", "see who has it: gpuws gpus"),
    (
        r"Failed to initialize NVML|unknown error",
        "its GPUs were taken from it while it ran",
        "restart it; gpuws doctor says why",
    ),
)


def read(lines: Iterable[str], given: int | None) -> Verification | None:
    """`given`: GPUs that the workspace was given, None: not known. None: the program did not come to its end."""
    told: dict[str, Any] = {}
    devices: list[DeviceVerified] = []
    for line in lines:
        row = _row(line)
        if "gpu" in row:
            devices.append(_device(row))
        else:
            told |= row
    python = _text(told.get("python"))
    if told.get("absent"):
        return Verification(
            python,
            problem=f"its Python {python} has no torch",
            remedy="pip install torch there, or choose an image that has it",
        )
    if broken := _text(told.get("broken")):
        return Verification(
            python, problem=f"torch can't be imported: {broken}", remedy="the image is broken, or a library is missing"
        )
    if not told.get("done"):
        return None
    found = Verification(python, _text(told.get("torch")), _text(told.get("cuda")), tuple(devices))
    return _judged(found, _text(told.get("unusable")) or "", given)


def no_python() -> Verification:
    return Verification(problem="it has no Python", remedy="verifying is for images with Python and torch")


def _judged(found: Verification, unusable: str, given: int | None) -> Verification:
    """What is not well with what torch found."""
    if given == 0 and not found.devices:
        return found
    wrong = [one for one in found.devices if one.error]
    if unusable or not found.devices:
        said = "torch was built without CUDA: not compiled with CUDA" if found.cuda is None else unusable
        return _with(found, *_meaning(said or "no GPU is seen", found, "torch can't use CUDA"))
    if wrong:
        first = wrong[0]
        problem, remedy = _meaning(first.error, found, "it failed")
        which = f"GPU {', '.join(str(one.index) for one in wrong)} ({first.name or 'not named'})"
        return _with(found, f"{which}: {problem}", remedy)
    if given is not None and len(found.devices) < given:
        text = f"torch sees {count(len(found.devices), 'GPU')} of the {given} it was given"
        return _with(found, text, "see CUDA_VISIBLE_DEVICES inside")
    return found


def _meaning(said: str, found: Verification, otherwise: str) -> tuple[str, str]:
    for pattern, sentence, remedy in KNOWN:
        if match := re.search(pattern, said, re.IGNORECASE):
            groups = [_dotted(group) for group in match.groups()]
            return sentence.format(*groups, cuda=found.cuda, torch=found.torch), remedy
    return f"{otherwise}: {said}", "gpuws doctor says what its host lacks"


def _dotted(number: str) -> str:
    """`11040`, as drivers count, is CUDA 11.4."""
    return f"{int(number) // 1000}.{int(number) % 1000 // 10}"


def _with(found: Verification, problem: str, remedy: str) -> Verification:
    return Verification(found.python, found.torch, found.cuda, found.devices, problem, remedy)


def _device(row: Mapping[str, Any]) -> DeviceVerified:
    index, memory, seconds = row.get("gpu"), row.get("memory"), row.get("seconds")
    return DeviceVerified(
        index if isinstance(index, int) else -1,
        _text(row.get("name")) or "",
        memory if isinstance(memory, int) and memory > 0 else None,
        float(seconds) if isinstance(seconds, int | float) else None,
        _text(row.get("error")) or "",
    )


def _row(line: str) -> Mapping[str, Any]:
    """Empty where it is another program's line, as what an image's sitecustomize prints."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return plain(value, 400) if isinstance(value, str) and value else None
