"""What torch finds in a container of the demo. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.model.errors import GpuwsError
from gpuws.model.gpu.gpu import Gpu
from gpuws.model.workspace.verification import DeviceVerified, Verification
from gpuws.model.workspace.workspace import Workspace

PRODUCT = 0.0004
"""Seconds of one matrix product on its GPUs."""


def verified(container: Workspace, gpus: Sequence[Gpu]) -> Verification:
    """`gpus`: its host's."""
    if not container.enterable:
        raise GpuwsError(f"{container.name} is {container.status}", "start it first")
    image = container.oci.image
    if "torch" not in image:
        text, remedy = "its Python 3.11.9 has no torch", "pip install torch there, or choose an image that has it"
        return Verification("3.11.9", problem=text, remedy=remedy)
    torch, cuda = ("2.7.1", "11.8") if "cu118" in image else ("2.8.0", "12.8")
    given = [gpu for gpu in gpus if gpu.uuid in container.gpus]
    devices = [DeviceVerified(number, gpu.name, gpu.memory_total, PRODUCT) for number, gpu in enumerate(given)]
    return Verification("3.11.9", torch, cuda, tuple(devices))
