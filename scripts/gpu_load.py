"""Something on a GPU to look at, with nothing but the driver: `python3 -m scripts.gpu_load busy|idle SECONDS [GPU]`.

`busy` multiplies numbers all the time, `idle` only holds memory."""

from __future__ import annotations

import ctypes
import sys
import time

HELD = 4 << 30  # bytes
PTX = b"""
.version 7.0
.target sm_52
.address_size 64
.visible .entry spin()
{
    .reg .f32 %f<3>;
    .reg .u32 %r<2>;
    .reg .pred %p<2>;
    mov.u32 %r1, 0;
    mov.f32 %f1, 0f3F800000;
again:
    fma.rn.f32 %f1, %f1, %f1, %f1;
    fma.rn.f32 %f1, %f1, %f1, %f1;
    add.u32 %r1, %r1, 1;
    setp.lt.u32 %p1, %r1, 20000000;
    @%p1 bra again;
    ret;
}
"""


class Cuda:
    """A context on one GPU; every call is checked."""

    def __init__(self, gpu: int) -> None:
        self._library = ctypes.CDLL("libcuda.so.1")
        self.call("cuInit", 0)
        device, self._context = ctypes.c_int(), ctypes.c_void_p()
        self.call("cuDeviceGet", ctypes.byref(device), gpu)
        self.call("cuCtxCreate_v2", ctypes.byref(self._context), 0, device)

    def call(self, name: str, *arguments: object) -> None:
        if status := getattr(self._library, name)(*arguments):
            raise SystemExit(f"{name}: CUDA error {status}")

    def hold(self, size: int) -> None:
        address = ctypes.c_uint64()
        self.call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(size))

    def spin(self, until: float) -> None:
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        self.call("cuModuleLoadData", ctypes.byref(module), PTX)
        self.call("cuModuleGetFunction", ctypes.byref(function), module, b"spin")
        while time.monotonic() < until:
            self.call("cuLaunchKernel", function, 512, 1, 1, 256, 1, 1, 0, None, None, None)
            self.call("cuCtxSynchronize")


def main(kind: str, seconds: float, gpu: int) -> None:
    cuda = Cuda(gpu)
    cuda.hold(HELD)
    until = time.monotonic() + seconds
    if kind == "busy":
        cuda.spin(until)
    else:
        time.sleep(seconds)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
