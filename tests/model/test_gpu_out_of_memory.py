"""GPU memory that ran out, by real messages of programs, and who else was on the GPU then."""

from dataclasses import replace

import pytest

from gpuws.model.gpu.gpu import GpuProcess, MigInstance
from gpuws.model.gpu.out_of_memory import Held, RanOut, Scene, ran_out, scene, sentence
from tests.factories import GIB, container, gpu

TORCH_28 = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 60.00 GiB. GPU 0 has a total capacity of 139.81 GiB "
    "of which 21.32 GiB is free. Process 48213 has 90.00 GiB memory in use. Process 51 has 28.00 GiB memory in use. "
    "Including non-PyTorch memory, this process has 518.00 MiB memory in use. Of the allocated memory 0 bytes is "
    "allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated. If reserved but unallocated memory is "
    "large try setting PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for "
    "Memory Management  (https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)"
)
TORCH_21 = (
    "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 512.00 MiB. GPU 1 has a total capacty of 79.15 "
    "GiB of which 126.19 MiB is free. Process 2201 has 17179869184.00 GiB memory in use. Of the allocated memory 77.64 "
    "GiB is allocated by PyTorch, and 520.02 MiB is reserved by PyTorch but unallocated."
)
TORCH_113 = (
    "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 23.69 GiB total capacity; 10.41 GiB already "
    "allocated; 1.20 GiB free; 10.50 GiB reserved in total by PyTorch) If reserved memory is >> allocated memory try "
    "setting max_split_size_mb to avoid fragmentation."
)
HIP = "torch.OutOfMemoryError: HIP out of memory. Tried to allocate 20.00 MiB. GPU 3 has a total capacity of 63.98 GiB"
JAX = "jaxlib.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 68719476736 bytes."
VLLM = (
    "ValueError: Free memory on device (21.3/139.8 GiB) on startup is less than desired GPU memory utilization "
    "(0.9, 125.83 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes."
)
NCCL = (
    "torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:2251, "
    "unhandled cuda error (run with NCCL_DEBUG=INFO for details), NCCL version 2.28.9\nncclUnhandledCudaError: Call to "
    "CUDA function failed.\nLast error:\nCuda failure 2 'out of memory'"
)
CUBLAS = "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"
CONTEXT = (
    "RuntimeError: CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API "
    "call, so the stacktrace below might be incorrect.\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1"
)
TF = (
    "tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[8192,8192] "
    "and type float on /job:localhost/replica:0/task:0/device:GPU:1 by allocator GPU_1_bfc"
)


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (TORCH_28, RanOut(60 * GIB, int(21.32 * GIB), 0, ((48213, 90 * GIB), (51, 28 * GIB)))),
        (TORCH_21, RanOut(GIB // 2, int(126.19 * (1 << 20)), 1, ((2201, None),))),
        (TORCH_113, RanOut(2 * GIB, int(1.2 * GIB), 0)),
        (HIP, RanOut(20 << 20, None, 3)),
        (JAX, RanOut(64 * GIB)),
        (VLLM, RanOut(int(125.83 * GIB))),
        (NCCL, RanOut()),
        (CUBLAS, RanOut()),
        (CONTEXT, RanOut()),
        (TF, RanOut(gpu=1)),
    ],
)
def test_what_programs_say(log, said):
    assert ran_out(f"epoch 3\nTraceback (most recent call last):\n{log}\n") == said


@pytest.mark.parametrize(
    "log",
    [
        "",
        "RuntimeError: [enforce fail at alloc_cpu.cpp:83] DefaultCPUAllocator: can't allocate memory: you tried to",
        "MemoryError",
        "Killed",
        "RuntimeError: CUDA error: device-side assert triggered",
        TORCH_28 + "\nretrying with a smaller batch" + "\nstep" * 100 + "\nFileNotFoundError: [Errno 2] data.bin",
    ],
)
def test_what_is_no_such_message_or_long_ago(log):
    assert ran_out(log) is None


def test_the_last_message_counts_and_amounts_that_are_none_are_not_known():
    assert ran_out(f"{TORCH_113}\n{HIP}") == RanOut(20 << 20, None, 3)
    assert ran_out(HIP.replace("20.00", "1.2.3")) == RanOut(None, None, 3)


MINE = container(gpus=("GPU-alpha-2", "GPU-alpha-5"))
OWN = GpuProcess(7, "alice", "python train.py", GIB, container=MINE.name, container_id=MINE.id)
CAROL = GpuProcess(48213, "carol", "python x.py", 90 * GIB, container="train-bert", container_id="t")
BOB = GpuProcess(51, "bob", "/usr/bin/python3 -u exp7.py --lr 1", 28 * GIB)
GPUS = (
    gpu(5),
    replace(gpu(1), processes=(replace(BOB, pid=99),)),
    replace(gpu(2), processes=(OWN, BOB, CAROL)),
)


def test_who_else_was_on_the_gpu():
    told = scene(RanOut(60 * GIB, gpu=0), MINE, GPUS)  # its first GPU is the host's third
    assert told == Scene("2", (Held(90 * GIB, "carol", "train-bert"), Held(28 * GIB, "bob", "exp7.py")))
    assert scene(RanOut(gpu=1), MINE, GPUS) == Scene("5", ())
    assert scene(RanOut(), MINE, GPUS) is None  # two GPUs, and nothing says which
    assert scene(RanOut(others=((51, None),)), MINE, GPUS) == told  # its pids say it
    assert scene(RanOut(), replace(MINE, gpus=("GPU-alpha-2",)), GPUS) == told
    assert scene(RanOut(gpu=1), replace(MINE, gpus=("all",)), GPUS) == told
    assert scene(RanOut(gpu=0), MINE, ()) is None


def test_an_instance_is_a_place_of_its_own():
    one = MigInstance("MIG-a", 1, "1g.18gb", processes=(BOB,))
    whole = replace(gpu(0), mig_instances=(MigInstance("MIG-b", 0, "1g.18gb", processes=(CAROL,)), one))
    assert scene(RanOut(), replace(MINE, gpus=("MIG-a",)), [whole]) == Scene("0:1", (Held(28 * GIB, "bob", "exp7.py"),))


@pytest.mark.parametrize(
    ("said", "where", "text"),
    [
        (ran_out(TORCH_28), scene(RanOut(gpu=0), MINE, GPUS),
         ("GPU memory ran out: wanted 60G on GPU 2, 21G free; "
          "on it were 90G of carol (train-bert), 28G of bob (exp7.py)")),
        (RanOut(60 * GIB, gpu=1), Scene("5", ()),
         "GPU memory ran out: wanted 60G on GPU 5; nobody else was seen on it"),
        (RanOut(), Scene("5", (Held(None, "", "pid 9"),)),
         "GPU memory ran out: on GPU 5; on it were an unknown amount of pid 9"),
        (RanOut(), None, "GPU memory ran out; who else was on it then is not known"),
        (ran_out(TORCH_28), None,
         "GPU memory ran out: wanted 60G, 21G free; 90G, 28G of it by other processes, whose it was is not known"),
        (RanOut(GIB), Scene("0", tuple(Held(GIB, "u", f"c{n}") for n in range(6))),
         ("GPU memory ran out: wanted 1.0G on GPU 0; on it were 1.0G of u (c0), 1.0G of u (c1), 1.0G of u (c2), "
          "1.0G of u (c3) and 2 more")),
    ],
)  # fmt: skip
def test_one_sentence(said, where, text):
    assert sentence(said, where) == text


def test_names_of_a_host_are_data():
    assert "\x1b" not in sentence(RanOut(), Scene("0", (Held(1, "a\x1b[31m", "b\x1b[0m"),)))
