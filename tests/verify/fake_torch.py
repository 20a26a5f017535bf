"""As much of torch as verifying asks for; what it says is set by the environment of whoever imports it."""

import os
from types import SimpleNamespace

_said = os.environ.get("FAKE_TORCH", "")
if _said == "broken":
    raise ImportError("libcudart.so.12: cannot open shared object file: No such file or directory")
__version__ = "2.8.0+cu128"
version = SimpleNamespace(cuda=None if _said == "cpu" else "12.8")


class Number:
    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


class Matrix:
    def __init__(self, value, device):
        self.value, self.device = value, device

    def __matmul__(self, other):
        if self.device == "cuda:1" and _said == "kernel":
            raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nFor debugging …")
        return Matrix(2047 if self.device == "cuda:1" and _said == "wrong" else 2048, self.device)

    def element(self):
        return Number(self.value)

    locals().update({"sum": element, "min": element, "max": element})


def ones(shape, device):
    return Matrix(1, device)


class cuda:  # noqa: N801  as torch calls it
    @staticmethod
    def is_available():
        return _said not in ("old", "cpu", "none")

    @staticmethod
    def device_count():
        return int(os.environ.get("FAKE_GPUS", "2"))

    @staticmethod
    def init():
        if _said == "old":
            raise RuntimeError("The NVIDIA driver on your system is too old (found version 11040). Please update …")
        if _said == "cpu":
            raise AssertionError("Torch not compiled with CUDA enabled")
        raise RuntimeError("Found no NVIDIA driver on your system. Please check that you have …")

    @staticmethod
    def get_device_properties(index):
        return SimpleNamespace(name="NVIDIA H200", total_memory=150754820096)

    @staticmethod
    def synchronize(index):
        if _said == "dies":
            os._exit(9)
