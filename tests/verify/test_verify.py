"""Whether torch can compute somewhere, with a torch that says what it is told to say."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from pathlib import Path

import pytest

from gpuws.link.local.local import LocalLink
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.workspace.verification import Verification
from gpuws.present.verified import verified
from gpuws.verify.answers import read
from gpuws.verify.verify import verify

NEVER = threading.Event()


class Image:
    """A place with its own PATH and its own torch."""

    def __init__(self, directory: Path, variables: dict[str, str]) -> None:
        self.link, self.directory, self.variables = LocalLink(), directory, variables

    def popen(self, argv):
        words = [f"{key}={value}" for key, value in self.variables.items()]
        return self.link.popen([shutil.which("env"), "-i", *words, shutil.which("sh"), *argv[1:]])


@pytest.fixture
def image(tmp_path):
    """`image(torch=…, python=…)`: with the fake that says so, None: without."""

    def make(torch="", gpus=2, *, python=True):
        programs, site = tmp_path / "bin", tmp_path / "site"
        programs.mkdir()
        site.mkdir()
        if python:
            (programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
            (programs / "python3").chmod(0o755)
        if torch is not None:
            shutil.copy(Path(__file__).with_name("fake_torch.py"), site / "torch.py")
        variables = {"PATH": str(programs), "PYTHONPATH": str(site), "FAKE_TORCH": torch or "", "FAKE_GPUS": str(gpus)}
        return Image(tmp_path, variables)

    return make


def test_torch_and_each_gpu_are_told(image):
    found = verify(image(), 2, NEVER)
    assert (found.torch, found.cuda, found.problem) == ("2.8.0+cu128", "12.8", "")
    assert found.python == sys.version.split()[0]
    assert [(one.index, one.name, one.memory, one.error) for one in found.devices] == [
        (index, "NVIDIA H200", 150754820096, "") for index in range(2)
    ]
    first, second, third = verified(found)
    assert first == "torch 2.8.0+cu128, CUDA 12.8, 2 GPUs, a matrix product on each"
    assert second.startswith("GPU 0: NVIDIA H200, 140G: right in ")
    assert third.startswith("GPU 1: ")


@pytest.mark.parametrize(
    ("torch", "gpus", "problem", "remedy"),
    [
        (None, 2, "has no torch", "pip install torch"),
        ("broken", 2, "torch can't be imported: libcudart.so.12: cannot open", "a library is missing"),
        ("old", 2, "the driver is too old for its CUDA 12.8: it runs CUDA 11.4", "older CUDA"),
        ("cpu", 2, "its torch was built without CUDA", "built for CUDA"),
        ("none", 2, "no driver is seen inside", "gpuws doctor"),
        ("kernel", 2, "GPU 1 (NVIDIA H200): its torch 2.8.0+cu128 was not built for this GPU", "newer torch"),
        ("wrong", 2, "GPU 1 (NVIDIA H200): it failed: a product of ones is 2047 to 2047, and should be 2048", "doctor"),
        ("", 1, "torch sees 1 GPU of the 2 it was given", "CUDA_VISIBLE_DEVICES"),
    ],
)
def test_what_is_not_well_is_one_sentence(image, torch, gpus, problem, remedy):
    found = verify(image(torch, gpus), 2, NEVER)
    assert problem in found.problem
    assert remedy in found.remedy


def test_without_gpus_torch_alone_is_well(image):
    found = verify(image("none"), 0, NEVER)
    assert (found.torch, found.devices, found.problem) == ("2.8.0+cu128", (), "")
    assert found.summary == "torch 2.8.0+cu128, CUDA 12.8, no GPU"


def test_an_image_without_python(image):
    assert verify(image(python=False), 2, NEVER).problem == "it has no Python"


def test_a_program_that_dies_says_how(image):
    with pytest.raises(GpuwsError, match="trying torch ended with status 9"):
        verify(image("dies"), 2, NEVER)


@pytest.mark.parametrize("how", ["cancelled", "late"])
def test_what_hangs_is_ended(image, how):
    there, cancel = image(), threading.Event()
    (there.directory / "bin" / "python3").write_text("#!/bin/sh\nread line; exec /bin/sleep 60\n")
    if how == "cancelled":
        threading.Timer(0.1, cancel.set).start()
        with pytest.raises(Cancelled):
            verify(there, 2, cancel)
    else:
        with pytest.raises(GpuwsError, match=r"did not answer within 0\.3 s"):
            verify(there, 2, cancel, 0.3)


def test_other_lines_than_ours_are_no_answers():
    lines = [
        "a banner",
        "[1, 2]",
        "{}",
        json.dumps({"python": 3, "torch": "2.8", "cuda": ["x"]}),
        '{"done": true}',
        "{",
    ]
    assert read(lines, 0) == Verification(torch="2.8")
    assert read(lines[:-2], 0) is None
    assert read(['{"gpu": "x", "seconds": "y", "name": 7, "memory": -1}', '{"done": true}'], None)
