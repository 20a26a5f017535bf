"""The cards of the tour, in their order. Whoever adds a feature may add its card here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gpuws.model.gpu.gpu import Gpu
from gpuws.model.ownership.usage import IDLE_AFTER

Where = Callable[[Gpu], bool]


def _free(gpu: Gpu) -> bool:
    return gpu.free and not gpu.mig_instances


def _works(gpu: Gpu) -> bool:
    """In a session of mine, where there is something to enter."""
    return gpu.mine and any(process.session for process in gpu.processes) and not _rests(gpu)


def _rests(gpu: Gpu) -> bool:
    return gpu.mine and any(holder.mine and holder.rests(IDLE_AFTER) for holder in gpu.held_by)


@dataclass(frozen=True, slots=True)
class Card:
    """`command`: the id of the command whose key is to be pressed, `does` what it will do, in two or three words.
    `where`: the cursor goes to the first such GPU, where there is one."""

    title: str
    text: str
    command: str
    does: str
    where: Where | None = None


CARDS = (
    Card(
        "Where is a free GPU?",
        "Each row is a GPU and says who lives there: green is free, purple is yours. They stand as configured; let "
        "the free ones come first.",
        "order",
        "free ones first",
    ),
    Card(
        "Who has the others?",
        "Held is not used. ◔ marks what rests: bob's notebook for nine hours, and a GPU that carol reserved and has "
        "never used. The sums of each person show it at a glance.",
        "people",
        "who holds what",
    ),
    Card(
        "Take one",
        "The cursor is on a free GPU. The form checks everything while you type, and shows the docker command that "
        "would do the same. ctrl+l launches, in the background, while you look around.",
        "launch",
        "launch there",
        _free,
    ),
    Card(
        "Go in",
        "What is yours is entered here, in this terminal: a tmux session, in which torch-dev trains. ctrl+b d comes "
        "back, and what runs there goes on without you.",
        "attach",
        "go in",
        _works,
    ),
    Card(
        "Open its notebook",
        "The notebook server is found, a tunnel leads to it, and your browser opens there, logged in. 5 shows the "
        "tunnel with the bytes that move.",
        "jupyter",
        "open the notebook",
        _works,
    ),
    Card(
        "Give it back",
        "vllm holds a GPU of yours and has not worked for three hours. Stopping asks first, as all does that ends "
        "something; of what is not yours it asks the name. Then the GPU is free again.",
        "stop",
        "stop it",
        _rests,
    ),
)
END = "That was the tour. ? has every key, x all that can be done with a row; gpuws hosts import takes your own hosts."
