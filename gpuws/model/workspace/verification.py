"""Whether torch can compute in a workspace: what was found there."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.units import count


@dataclass(frozen=True, slots=True)
class DeviceVerified:
    """One GPU as torch sees it, by torch's own number. `seconds`: of one matrix product, `error` "" where it was
    right. `memory`: bytes."""

    index: int
    name: str
    memory: int | None = None
    seconds: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """`cuda`: the one that torch was built for, None: for none. `problem`: why it is not well, "" where it is;
    `remedy`: what mends that."""

    python: str | None = None
    torch: str | None = None
    cuda: str | None = None
    devices: tuple[DeviceVerified, ...] = ()
    problem: str = ""
    remedy: str = ""

    @property
    def summary(self) -> str:
        """`torch 2.8.0, CUDA 12.8, 2 GPUs, a matrix product on each`."""
        built = f"CUDA {self.cuda}" if self.cuda else "without CUDA"
        done = "no GPU" if not self.devices else f"{count(len(self.devices), 'GPU')}, a matrix product on each"
        return f"torch {self.torch}, {built}, {done}"
