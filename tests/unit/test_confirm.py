from dataclasses import replace

from gpuws.model.commands import attach_command, docker_command, tunnel_command
from gpuws.model.confirm import confirmation
from gpuws.model.container import Container
from gpuws.model.gpu import Gpu, Holder
from gpuws.model.session import Session
from gpuws.model.snapshot import HostSnapshot

BERT = Container(
    "alpha", "b" * 64, "train-bert", "image", "running", created=0, owner="carol", gpus=("GPU-0",), gpu_memory=148 << 30
)
HOST = HostSnapshot(
    "alpha",
    containers=(BERT,),
    gpus=(Gpu(0, "GPU-0", "A100", utilization=97.0, held_by=(Holder("container", "train-bert", "carol"),)),),
    sessions=(Session("main", container="train-bert"),),
)


def test_what_is_not_mine_wants_its_name_typed():
    asked = confirmation("stop", BERT, HOST, now=3 * 86400)
    assert asked.word == "train-bert"
    assert asked.title == "Stop train-bert on alpha?"
    assert asked.lines == (
        "carol's container, running, made 3d ago, 1 GPU at 97%, 148G of GPU memory in use.",
        "tmux: main.",
        "It is not yours: type its name to go on.",
    )
    assert asked.command == "ssh alpha 'docker stop train-bert'"
    assert asked.busy


def test_what_is_mine_and_idle_only_asks():
    mine = replace(BERT, mine=True, owner="alice")
    idle = replace(HOST, gpus=(replace(HOST.gpus[0], utilization=0.0),))
    asked = confirmation("remove", mine, idle, now=60, force=True)
    assert asked.word is None
    assert not asked.busy
    assert asked.command == "ssh alpha 'docker rm -f train-bert'"


def test_the_equivalent_commands():
    assert docker_command("stop", BERT, grace=30) == "docker stop -t 30 train-bert"
    assert attach_command("alpha", None, None) == "ssh alpha"
    assert attach_command("alpha", None, "a b") == """ssh -t alpha 'tmux new-session -A -s '"'"'a b'"'"''"""
    assert attach_command("local", "c", "main") == "docker exec -it c tmux new-session -A -s main"
    assert tunnel_command("alpha", "172.17.0.2", 8888, 20888) == "ssh -N -L 127.0.0.1:20888:172.17.0.2:8888 alpha"
