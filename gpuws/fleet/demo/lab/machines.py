"""The demo lab: its machines, its people, and what each of them runs. Ages in hours, memory in GiB."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.idle import Why
from gpuws.model.gpu.reading import Health
from gpuws.model.host.host import LOCAL, HostState
from gpuws.model.profile.profile import Build, GpuWish, JupyterWish, Profile, TmuxWish, Volume
from gpuws.model.workspace.workspace import Port

ME = "alice"
GIB = 1 << 30
TORCH = "pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime"


@dataclass(frozen=True, slots=True)
class Card:
    """A GPU model: memory in GiB, power limit in watts, clocks in MHz, NVLink lanes to each other GPU;
    whether it counts what its parts do."""

    name: str
    memory: int
    watts: int
    clock: int
    clock_memory: int
    pcie: int = 4  # generation
    lanes: int = 0
    fans: bool = False
    ecc: bool = True
    counters: bool = False


A100 = Card("NVIDIA A100-SXM4-80GB", 80, 400, 1410, 1593, lanes=12)
H100 = Card("NVIDIA H100 80GB HBM3", 80, 700, 1980, 2619, pcie=5, lanes=18, counters=True)
H200 = Card("NVIDIA H200", 141, 700, 1980, 3201, pcie=5, lanes=18, counters=True)
L40S = Card("NVIDIA L40S", 48, 350, 2520, 9001)
RTX4090 = Card("NVIDIA GeForce RTX 4090", 24, 450, 3105, 10501, fans=True, ecc=False)


@dataclass(frozen=True, slots=True)
class Box:
    """A container. `label`: it carries the owner's label; else its owner is known by the home it mounts.

    `instances`: MIG instances it was given, as (GPU, instance)."""

    name: str
    image: str
    owner: str | None = None
    label: bool = True
    profile: str | None = None
    gpus: tuple[int, ...] = ()
    state: str = "running"
    reason: str | None = None
    age: float = 1.0
    memory_limit: int | None = None
    ports: tuple[Port, ...] = ()
    instances: tuple[tuple[int, int], ...] = ()
    health: str | None = None
    cpus: int | None = None
    restarts: int = 0
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A program on GPUs. `load`: percent; `idle`: hours without work, `why`: what shows it; `rhythm`: ticks on, then
    as many off; `instance`: the MIG instance it runs on."""

    user: str
    command: str
    gpus: tuple[int, ...]
    memory: float
    load: float = 95.0
    box: str | None = None
    session: str | None = None
    notebook: str | None = None
    age: float = 1.0
    idle: float | None = None
    why: Why = "worked"
    rhythm: int = 0
    instance: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A tmux session, on the host or in a container of mine (`box`). `owner`: who made it, where that is not me.

    `beside`: what its other windows run. `bell`: one rang in the last of them."""

    name: str
    command: str = "bash"
    beside: tuple[str, ...] = ()
    attached: int = 0
    age: float = 5.0
    box: str | None = None
    owner: str | None = None
    bell: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A GPU that reports a fault. `xid`: what the driver wrote about it, number and text."""

    index: int
    error: str
    health: Health = "reset-required"
    xid: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Divided:
    """A GPU in MIG mode: its instances, each a profile and memory in GiB."""

    index: int
    instances: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """An open notebook whose kernel holds no GPU. `idle`: hours since its last activity."""

    path: str
    box: str | None
    port: int = 8888
    idle: float = 0.0


@dataclass(frozen=True, slots=True)
class Machine:
    name: str
    card: Card | None = None
    count: int = 0
    state: HostState = HostState.UP
    error: str | None = None
    remedy: str = ""
    engine: str | None = None
    driver: str | None = None
    cuda: str | None = None
    cores: int = 64
    memory: int = 512
    latency: float = 0.02
    tags: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()
    divided: tuple[Divided, ...] = ()
    warnings: tuple[Fault, ...] = ()
    disk: int = 67  # percent of the data disk
    books: tuple[Book, ...] = ()
    boxes: tuple[Box, ...] = ()
    works: tuple[Work, ...] = ()
    desks: tuple[Desk, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """A wait of mine for GPUs. `age`: hours."""

    profile: str
    spec: str
    hosts: tuple[str, ...]
    name: str
    age: float


JUPYTER_PORT = (Port(8888),)

ALPHA = Machine(
    "alpha",
    A100,
    4,
    engine="20.10.24",
    driver="570.133.20",
    cuda="12.8",
    latency=0.018,
    tags=("a100", "room-3"),
    books=(Book("notebooks/attention-maps.ipynb", "torch-dev", idle=2.2),),
    boxes=(
        Box("torch-dev", "gpuws/pytorch-2.8-cu128", ME, True, "pytorch-2.8-cu128", (0, 1), age=76, memory_limit=128,
            ports=JUPYTER_PORT, cpus=32),
        Box("jup", "quay.io/jupyter/pytorch-notebook:cuda12", "bob", False, None, (2,), age=41,
            ports=(Port(8888, "0.0.0.0", 8890),)),
        Box("tensorboard", "tensorflow/tensorflow:2.19.0", ME, True, "base", age=30, memory_limit=8,
            ports=(Port(6006, "127.0.0.1", 16006),)),
        Box("old-exp", TORCH, ME, True, "pytorch-2.7-cu118", (3,), "exited", "exited 137, out of memory", 190, 64),
        Box("data-prep", "python:3.12-slim", "bob", True, "base", (), "exited", "exited 0", 52, 32),
    ),
    works=(
        Work(ME, "python train.py --config vit-l.yaml", (0, 1), 73.6, 97, "torch-dev", "main", age=3.2),
        Work("bob", "python -m ipykernel_launcher -f kernel-7f3a.json", (2,), 61.2, 0, "jup", notebook="exp7.ipynb",
             age=9.1, idle=9, why="kernel"),
    ),
    desks=(
        Desk("main", "python", ("nvtop", "bash"), 1, 75, "torch-dev"),
        Desk("data", "rsync", age=20),
        Desk("notes", "vim", ("bash",), age=300),
    ),
)  # fmt: skip

BRAVO = Machine(
    "bravo",
    H100,
    8,
    engine="26.1.4",
    driver="580.95.05",
    cuda="13.0",
    cores=192,
    memory=2048,
    latency=0.024,
    tags=("h100", "room-3"),
    broken=(Broken(7, "Xid 95: uncontained ECC error, reset needed", xid=(95, "Uncontained ECC error")),),
    divided=(Divided(6, (("3g.40gb", 40), ("2g.20gb", 20), ("2g.20gb", 20))),),
    boxes=(
        Box("train-bert", "gpuws/pytorch-ddp", "carol", True, "pytorch-ddp", (0, 1), age=74, memory_limit=512),
        Box("eval", "gpuws/pytorch-2.8-cu128", "carol", True, "pytorch-2.8-cu128", (2,), age=49, memory_limit=64),
        Box("bench", "nvcr.io/nvidia/pytorch:25.09-py3", "dave", False, None, (4,), "exited",
            "exited 1", 26),
        Box("rag", "ghcr.io/lab/rag-api:0.4", "carol", True, None, age=120, memory_limit=32, instances=((6, 0),),
            health="unhealthy", restarts=3, project="search"),
        Box("mirror", "registry:2", None, False, age=2000, ports=(Port(5000, "0.0.0.0", 5000),), health="healthy",
            project="search"),
    ),
    works=(
        Work("carol", "torchrun --nproc-per-node 2 train_bert.py", (0, 1), 64.8, 98, "train-bert", age=73),
        Work("dave", "/usr/bin/python3 -u sweep.py --trials 64", (3,), 21.5, 70, None, "sweep", age=1.4, rhythm=45),
        Work("carol", "python serve.py --index wiki", (6,), 31.0, 12, "rag", age=119, instance=0),
        Work("dave", "/usr/bin/python3 -u probe_layers.py", (6,), 9.7, 40, None, "sweep", age=0.4, instance=1),
    ),
    desks=(Desk("sweep", "python3", age=2, owner="dave"),),
)  # fmt: skip

DELTA = Machine(
    "delta",
    L40S,
    8,
    HostState.STALE,
    "link lost: no answer for 15 s",
    "it is tried again by itself",
    engine="24.0.7",
    driver="550.163.01",
    cuda="12.4",
    cores=128,
    memory=1024,
    latency=0.031,
    tags=("l40s",),
    broken=(Broken(7, "GPU is lost: it has fallen off the bus", "lost", (79, "GPU has fallen off the bus.")),),
    boxes=(
        Box("llama-ft", "gpuws/pytorch-ddp", "dave", True, "pytorch-ddp", (0, 1, 2, 3), age=18, memory_limit=256),
        Box("sd-webui", "ghcr.io/lab/sd-webui:1.10", "bob", False, None, (4,), age=700,
            ports=(Port(7860, "0.0.0.0", 7860),)),
    ),
    works=(
        Work("dave", "torchrun --nproc-per-node 4 finetune.py", (0, 1, 2, 3), 41.0, 92, "llama-ft", age=18),
        Work("bob", "python launch.py --listen", (4,), 9.4, 3, "sd-webui", age=690),
    ),
)  # fmt: skip

ECHO = Machine(
    "echo",
    state=HostState.HOST_KEY_CHANGED,
    error="the host key of echo is not the one in ~/.ssh/known_hosts, line 12",
    remedy="ask its administrator whether it was reinstalled; if so: ssh-keygen -R echo",
    tags=("a100",),
)

FOXTROT = Machine(
    "foxtrot",
    RTX4090,
    2,
    engine="27.3.1",
    driver="575.64.03",
    cuda="12.9",
    cores=32,
    memory=128,
    latency=0.004,
    tags=("desk",),
    warnings=(
        Fault(
            "persistence",
            "persistence mode is off: the driver starts anew for every look",
            "as root: nvidia-smi -pm 1",
        ),
    ),
    disk=93,
    boxes=(
        Box("vllm", "vllm/vllm-openai:v0.11.0", ME, True, "base", (0,), age=22, memory_limit=48,
            ports=(Port(8000),)),
        Box("eval", "gpuws/pytorch-2.7-cu118", "dave", True, "pytorch-2.7-cu118", (1,), "exited", "exited 0", 31, 32),
    ),
    works=(
        Work(ME, "vllm serve Qwen3-8B --port 8000", (0,), 20.8, 0, "vllm", "main", age=21.5, idle=3.1),
        Work("bob", "/usr/bin/python3 render.py --scene 4", (1,), 11.2, 64, None, "render", age=0.6),
    ),
    desks=(Desk("render", "python3", attached=1, age=4, owner="bob"), Desk("main", "vllm", age=22, box="vllm")),
)  # fmt: skip

GOLF = Machine(
    "golf",
    state=HostState.DOWN,
    error="golf.lab.example did not answer within 10 s",
    remedy="is it switched on, and are you in the lab's network?",
    tags=("h100",),
)

LOCAL_MACHINE = Machine(
    LOCAL,
    cores=16,
    memory=64,
    latency=0.0,
    desks=(
        Desk("main", "nvim", ("bash", "git", "htop"), 1, 30),
        Desk("paper", "latexmk", ("zathura",), age=52),
        Desk("mail", "neomutt", age=400, bell=True),
    ),
)

# Known to the SSH configuration and not in the fleet; `DemoFleet(question=True)` starts with its host-key question.
HOTEL = Machine(
    "hotel",
    H200,
    2,
    engine="28.5.1",
    driver="580.95.05",
    cuda="13.0",
    cores=96,
    memory=1024,
    latency=0.041,
    tags=("h200", "cloud"),
)

MACHINES = (ALPHA, BRAVO, DELTA, ECHO, FOXTROT, GOLF, LOCAL_MACHINE)
GUESTS = (HOTEL,)

QUEUED = (Queued("pytorch-ddp", "count=4,model=H100", ("bravo",), "pretrain", age=0.7),)

WORK_DIR = Volume("/workspace", "~/work", check="writable")
PROFILES = (
    Profile("base", "tmux and a shell, no GPU", image="gpuws/base", tmux=TmuxWish(), mem_limit=16 * GIB),
    Profile(
        "pytorch-2.7-cu118",
        "PyTorch 2.7 for older drivers, JupyterLab and tmux",
        image="gpuws/pytorch-2.7-cu118",
        gpus=GpuWish(count=1),
        mem_limit=64 * GIB,
        shm_size=16 * GIB,
        volumes=(WORK_DIR,),
        jupyter=JupyterWish(),
        tmux=TmuxWish(),
    ),
    Profile(
        "pytorch-2.8-cu128",
        "PyTorch 2.8, CUDA 12.8, JupyterLab and tmux",
        image="gpuws/pytorch-2.8-cu128",
        gpus=GpuWish(count=1),
        mem_limit=64 * GIB,
        shm_size=16 * GIB,
        volumes=(WORK_DIR,),
        jupyter=JupyterWish(),
        tmux=TmuxWish(),
    ),
    Profile(
        "pytorch-ddp",
        "PyTorch on several GPUs of one host, NCCL",
        image="gpuws/pytorch-ddp",
        gpus=GpuWish(count=4),
        mem_limit=256 * GIB,
        shm_size=64 * GIB,
        volumes=(WORK_DIR,),
        tmux=TmuxWish(),
    ),
    Profile(
        "flash-attn",
        "FlashAttention from source; its build fails, to show how that looks",
        image="gpuws/flash-attn",
        build=Build(dockerfile_inline=f"FROM {TORCH}\nRUN pip install flash-attn==2.8.3\n"),
        gpus=GpuWish(count=1),
        mem_limit=64 * GIB,
        volumes=(WORK_DIR,),
        tmux=TmuxWish(),
    ),
)
