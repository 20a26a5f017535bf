from __future__ import annotations

import pytest

from gpuws.model.profile.profile import GpuMemoryCap

GIB = 1 << 30


@pytest.mark.parametrize(
    ("cap", "total", "expected"),
    [
        (GpuMemoryCap(40 * GIB), 80 * GIB, {}),
        (GpuMemoryCap(40 * GIB, framework="jax"), 80 * GIB, {"XLA_PYTHON_CLIENT_MEM_FRACTION": "0.5"}),
        (
            GpuMemoryCap(40 * GIB, "stop", "pytorch"),
            80 * GIB,
            {"PYTORCH_CUDA_ALLOC_CONF": "per_process_memory_fraction:0.5"},
        ),
        (GpuMemoryCap(10 * GIB, framework="jax"), 30 * GIB, {"XLA_PYTHON_CLIENT_MEM_FRACTION": "0.3333"}),
        (GpuMemoryCap(96 * GIB, framework="jax"), 80 * GIB, {"XLA_PYTHON_CLIENT_MEM_FRACTION": "1"}),
        (GpuMemoryCap(1, framework="jax"), 80 * GIB, {"XLA_PYTHON_CLIENT_MEM_FRACTION": "0.0001"}),
        (GpuMemoryCap(1, framework="jax"), 0, {"XLA_PYTHON_CLIENT_MEM_FRACTION": "1"}),
    ],
)
def test_a_framework_is_told_its_part_of_the_largest_gpu_never_more(cap, total, expected):
    assert cap.environment(total) == expected
