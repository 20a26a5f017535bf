from dataclasses import replace
from typing import get_args

import pytest

from gpuws.engines.docker.caps import CAPS
from gpuws.model.consent.confirm import CUTS, Verb, confirmation, image_confirmation, launch_confirmation, together
from gpuws.model.consent.shell_command import act_command, shell_command
from gpuws.model.errors import Refused
from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.others import Other
from gpuws.model.placement.plan import ContainerSpec, Plan
from gpuws.model.profile.profile import Profile
from gpuws.model.session.session import Session
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.session.window import Pane, Window
from gpuws.model.workspace.engine import EngineInfo
from gpuws.model.workspace.image import Image
from gpuws.model.workspace.storage import Mount
from tests import factories

BERT = factories.workspace(
    "alpha", "b" * 64, "train-bert", "image", "running", created=0, owner="carol", gpus=("GPU-0",), gpu_memory=148 << 30
)
HOST = HostSnapshot(
    "alpha",
    engine=EngineInfo("docker", caps=CAPS),
    workspaces=(BERT,),
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
        "It is not yours: type train-bert to go on.",
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


# every verb, in every situation


RUNNING = factories.workspace("alpha", "c" * 64, "box", "image", "running", owner="alice", mine=True, gpus=("GPU-0",))
PROCESS = GpuProcess(100, "alice", "python train.py", 9 << 30, 1.0, mine=True)
SESSION = Session("main", container="box")
YES, NOTHING, REFUSED = "yes", "nothing", "refused"

SUBJECTS = {
    **dict.fromkeys(
        (
            "attach",
            "shell",
            "exec",
            "copy",
            "jupyter",
            "start",
            "stop",
            "restart",
            "kill",
            "pause",
            "unpause",
            "rename",
            "remove",
            "recreate",
            "new_session",
        ),
        "box",
    ),
    "attach to a session": "main",
    "rename_session": "main",
    "detach_clients": "main",
    "kill_session": "main",
    "signal": "train.py",
}
"""Verb → what it is done to, by the name to type."""


def asked_of(verb: str, situation: str) -> str:
    """What a person is asked: nothing, a yes (with the figures where it is busy), or the word in quotes."""
    subject, mine = SUBJECTS[verb], situation not in ("not mine", "unlabelled")
    owner = {"not mine": "bob", "unlabelled": None}.get(situation, "alice")
    box = replace(RUNNING, mine=mine, owner=owner)
    load = 90.0 if situation == "mine busy" else 0.0
    process = replace(PROCESS, mine=mine, user=owner, utilization=load)
    holder = Holder("container", "box", owner, mine=mine)
    gpu = Gpu(0, "GPU-0", "A100", utilization=load, held_by=(holder,), processes=(process,))
    session = replace(SESSION, mine=mine, attached=int(situation == "mine busy"))
    host = HostSnapshot(
        "alpha", workspaces=(box,), gpus=(gpu,), sessions=(session,), readonly=situation == "read-only host",
        complete=frozenset({"telemetry"}),
    )  # fmt: skip
    thing = {"box": box, "main": session, "train.py": process}[subject]
    try:
        asked = confirmation(verb.split()[0], thing, host, now=60.0)
    except Refused:
        return REFUSED
    if asked is None:
        return NOTHING
    return repr(asked.word) if asked.word else YES + (" with figures" if asked.busy else "")


SITUATIONS = ("mine idle", "mine busy", "not mine", "unlabelled", "read-only host")
HARMLESS_TO_ME = (
    "attach", "shell", "exec", "copy", "jupyter", "start", "new_session", "rename_session", "detach_clients",
    "attach to a session",
)  # fmt: skip


@pytest.mark.parametrize("verb", SUBJECTS)
def test_what_every_verb_asks(verb):
    name = repr(SUBJECTS[verb])
    mine = (NOTHING, NOTHING) if verb in HARMLESS_TO_ME else (YES, f"{YES} with figures")
    theirs = REFUSED if verb == "new_session" else name  # whatever is typed
    read_only = NOTHING if verb == "jupyter" else REFUSED  # it changes nothing there
    assert tuple(asked_of(verb, situation) for situation in SITUATIONS) == (*mine, theirs, theirs, read_only)


def test_the_end_of_a_session_names_what_runs_in_it():
    window = Window(
        "@1", active=True, panes=(Pane("%1", 7, "python", True), Pane("%2", 8, "bash"), Pane("%3", 9, "htop"))
    )
    session = replace(SESSION, mine=True, layout=(window,))
    gpu = Gpu(0, "GPU-0", "A100", processes=(replace(PROCESS, session="main", container="box"),))
    asked = confirmation("kill_session", session, HostSnapshot("alpha", workspaces=(RUNNING,), gpus=(gpu,)), 60.0)
    assert "runs python, htop" in asked.lines[0]
    assert asked.lines[1].startswith("train.py: ")
    assert "of GPU 0" in asked.lines[1]
    assert asked.busy


def test_the_walk_leaves_no_verb_out():
    assert {verb.split()[0] for verb in SUBJECTS} == set(get_args(Verb))


def test_the_host_itself_asks_nothing_but_to_be_writable():
    assert confirmation("exec", None, HOST, now=0.0) is None
    with pytest.raises(Refused):
        confirmation("shell", None, replace(HOST, readonly=True), now=0.0)


@pytest.mark.parametrize("name", ["", " lead", "trail ", "a\tb", "\x1b[2J", "two  blanks", "n\u0430me", "a\u200bb"])
def test_what_cannot_be_typed_for_certain_is_asked_by_its_id(name):
    odd = replace(BERT, name=name)
    assert confirmation("stop", odd, HOST, now=0.0).word == "b" * 12
    image = Image("alpha", "sha256:" + "d" * 64, (name,), used_by=("theirs",))
    assert image_confirmation(image, name, HOST, now=0.0).word == "d" * 12
    process = replace(PROCESS, command=name, mine=False)
    assert confirmation("signal", process, HOST, now=0.0).word in ("100", name.split()[0] if name.split() else "")


def test_removing_what_runs_is_known_as_such():
    mine = RUNNING
    assert confirmation("remove", mine, HOST, now=0.0, force=True).removes_running
    assert not confirmation("remove", factories.being(mine, "exited"), HOST, now=0.0).removes_running
    assert not confirmation("stop", mine, HOST, now=0.0).removes_running


# GPUs that somebody else is on, by every road


STOPPED = replace(factories.being(RUNNING, "exited"), gpus=())
BOBS = Gpu(0, "GPU-0", "A100", memory_used=9 << 30, held_by=(Holder("process", "x.py", "bob"),))


def started(gpu: Gpu = BOBS, verb: str = "start", word: str = "exited", **container: object) -> str | None:
    """The word that is asked for."""
    one = replace(factories.being(STOPPED, word), **container)
    more = replace(BOBS, index=1, uuid="GPU-1", held_by=(Holder("reservation", "idle", "carol"),))
    host = HostSnapshot("alpha", workspaces=(one,), gpus=(gpu, more), complete=frozenset({"telemetry"}))
    asked = confirmation(verb, one, host, now=0.0)
    return asked.word if asked else None


@pytest.mark.parametrize("verb", ["start", "restart", "recreate"])
@pytest.mark.parametrize("road", [{"gpus": ("0",)}, {"gpus": ("GPU-0",)}, {"reach": ("0",)}, {"reach": ("GPU-0",)}])
def test_whoever_is_on_a_gpu_is_asked_for_by_every_road_to_it(road, verb):
    assert started(verb=verb, **road) == "bob"
    assert started(replace(BOBS, held_by=(Holder("process", "x.py", "alice", mine=True),)), verb, **road) is None
    assert started(Gpu(0, "GPU-0", "A100", memory_used=0, memory_total=80 << 30), verb, **road) is None


@pytest.mark.parametrize("road", [{"gpus": ("all",)}, {"reach": ("all",)}, {"gpus": ("0",), "reach": ("1",)}])
def test_of_several_people_the_count(road):
    assert started(**road) == "2"


@pytest.mark.parametrize("user", [None, "", "b\u043eb", "b\x1bob"])
def test_where_nobody_can_be_named_it_is_the_gpu(user):
    assert started(replace(BOBS, held_by=(Holder("process", "x.py", user),)), gpus=("0",)) == "alpha/0"


def test_memory_that_nobody_explains_is_somebody():
    assert started(replace(BOBS, held_by=()), gpus=("GPU-0",)) == "alpha/0"


def test_what_can_not_be_seen_yet_is_not_taken_for_nobody():
    one = replace(STOPPED, gpus=("GPU-0123456789",))
    assert confirmation("start", one, HostSnapshot("alpha"), now=0.0).word == "alpha/GPU-01234567"
    assert confirmation("start", STOPPED, HostSnapshot("alpha"), now=0.0) is None


def test_a_container_that_is_not_mine_on_its_owners_gpu_is_one_thing():
    theirs = {"mine": False, "owner": "bob", "gpus": ("0",)}
    assert started(**theirs) == "box"
    assert started(**{**theirs, "owner": "eve"}) == "2"


def test_what_runs_is_restarted_where_it_is():
    asked = {"word": "running", "gpus": ("0",)}
    assert started(verb="restart", **asked) is None
    assert started(verb="restart", **{**asked, "word": "paused"}) is None
    assert started(verb="recreate", **asked) == "bob"


def test_a_launch_asks_for_each_person_once():
    spec = ContainerSpec("new", "i", None, (), None, None, {}, frozenset(), {}, Profile("p"))
    plan = Plan("alpha", spec, (), "docker run", True)
    assert launch_confirmation(plan) is None
    assert launch_confirmation(plan, ["no space"]).word is None
    bob = tuple(Other("bob", f"GPU {index}: bob: x.py 9G.") for index in (0, 1))
    asked = launch_confirmation(replace(plan, others=bob), ["no space"])
    assert asked.word == "bob"
    assert asked.lines == (
        "✗ no space", "GPU 0: bob: x.py 9G.", "GPU 1: bob: x.py 9G.", "Somebody else is on its GPU: type bob to go on.",
    )  # fmt: skip
    assert launch_confirmation(replace(plan, others=(*bob, Other("alpha/2", "")))).word == "2"
    cache = Mount("volume", "cache", "/cache", to="cache")
    assert launch_confirmation(replace(plan, data=(cache,))) is None
    asked = launch_confirmation(replace(plan, data=(replace(cache, there=True),)))
    assert asked.word == "cache"
    assert asked.lines == (
        "cache is there already: files of the same name in it are written over for good.",
        "It is written over: type cache to go on.",
    )


def test_of_an_instance_only_its_own_people_count():
    instances = (MigInstance("MIG-0", 0, held_by=BOBS.held_by), MigInstance("MIG-1", 1))
    divided = replace(BOBS, mig=instances, mig_instances=instances)
    assert started(divided, gpus=("0:0",)) == started(divided, gpus=("GPU-0",)) == "bob"
    assert started(divided, gpus=("MIG-1",)) is None


# several at once


def test_of_one_that_is_not_mine_the_name_and_of_several_the_count():
    mine = confirmation("stop", RUNNING, HOST, now=0.0)
    foreign = [confirmation("stop", replace(BERT, name=name), HOST, now=0.0) for name in ("one", "two")]
    assert together("Stop?", [mine, mine]).word is None
    assert together("Stop?", [mine, foreign[0]]).word == "one"
    both = together("Stop 3 containers?", [mine, *foreign])
    assert both.word == "2"
    assert both.lines == (
        "box  alice  running",
        "one  carol  running",
        "two  carol  running",
        "Not all of these are yours: one, two. Type how many they are, 2, to go on.",
    )
    assert together("Start?", [None, None]) is None
    assert together("Start?", [None, foreign[0]]).word == "one"


def test_the_equivalent_commands():
    assert act_command("stop", BERT, HOST, grace=30) == "ssh alpha 'docker stop -t 30 train-bert'"
    assert shell_command(HOST, None) == "ssh alpha"
    assert shell_command(replace(HOST, name="local"), "c").startswith(
        "docker exec -it c /bin/sh -c 'if command -v bash"
    )


@pytest.mark.parametrize("verb", ["stop", "restart", "kill", "pause", "remove", "recreate", "rename", "unpause"])
def test_what_would_cut_tunnels_says_which(verb):
    torch = factories.container()
    here = Tunnel("a", TunnelTarget("alpha", "torch-dev", 8888), 20001, workspace=torch.id, connections=2)
    elsewhere = Tunnel("b", TunnelTarget("alpha", "jup", 8888), 20002, workspace="jup-id")
    asked = confirmation(verb, torch, factories.snapshot(workspaces=(torch,)), factories.NOW, tunnels=(here, elsewhere))
    said = "It cuts 1 tunnel: 127.0.0.1:20001 → alpha/torch-dev:8888 (2 connections open)."
    assert (said in asked.lines) is (verb in CUTS)
    assert asked.row.endswith("1 tunnel") is (verb in CUTS)
    assert "20002" not in str(asked)
