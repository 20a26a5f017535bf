"""Texts for the simulated driver."""

GIB = 1 << 30
HEADER = "driver = 580.95.05\ncuda = 13000\n"


def gpu(index=0, **fields):
    """One GPU of the file; `fields` as the lab's README lists them."""
    values = {
        "uuid": f"GPU-{index:08d}-0000-0000-0000-000000000000",
        "name": "NVIDIA H200",
        "memory_total": 140 * GIB,
        "memory_used": 20 * GIB,
        "memory_reserved": GIB,
        "utilization": 57,
        "temperature": 40,
        "power": 125600,
        "power_limit": 700000,
        **fields,
    }
    return "[gpu]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
