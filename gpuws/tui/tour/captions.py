"""What the row under the cursor means, in one sentence or two. Pure."""

from __future__ import annotations

from gpuws.model import units
from gpuws.model.gpu.gpu import Gpu, Holder, MigInstance
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.tenancy import defect, foremost, person, tenanted
from gpuws.model.ownership.usage import IDLE_AFTER
from gpuws.present.line import clean
from gpuws.tui.selection import Selection

_HOSTS = {
    HostState.STALE: "The link to {0} is lost: old values, and nothing to be changed. ctrl+r tries at once.",
    HostState.HOST_KEY_CHANGED: "{0} shows another host key than you know: nothing is sent there. ⏎ says what to do.",
    HostState.DOWN: "{0} does not answer. It is tried again by itself; ctrl+r tries at once.",
    HostState.ASKING: "{0} asks something before it lets you in. ⏎ shows the question.",
    HostState.CONNECTING: "{0} is being reached.",
}


def caption(selection: Selection | None) -> str:
    """Of what is selected; "" where nothing is."""
    if selection is None:
        return ""
    if (inside := _of_panel(selection)) is not None:
        return inside
    place = selection.mig or selection.gpu
    return _of_host(selection.snapshot) if place is None else _of_place(place)


def _of_panel(selection: Selection) -> str | None:
    if (tunnel := selection.tunnel) is not None:
        return f"Port {tunnel.local_port} of this computer leads to {clean(tunnel.target.text)}. D closes the tunnel."
    if selection.kernel is not None:
        return "A notebook keeps its GPU memory until its kernel ends, used or not. o opens it, K is about the kernel."
    if selection.session is not None:
        return "What runs in a tmux session goes on without you. a goes in, ctrl+b d comes back."
    if (process := selection.process) is not None:
        return f"This process holds {units.size(process.memory)} of the GPU. K ends it, after asking."
    if (container := selection.container) is None:
        return None
    if container.enterable:
        return "A container that runs. a goes in, l follows its log, i inspects it, S stops it, after asking."
    return "A container that ended: it holds no GPU any more. R starts it again, D removes it."


def _of_host(snapshot: HostSnapshot) -> str:
    name = clean(snapshot.name)
    if snapshot.state in _HOSTS:
        return _HOSTS[snapshot.state].format(name)
    if not snapshot.gpus:
        return f"{name} has no GPU, but tmux sessions: 3 lists them."
    return "A host with the sums of its GPUs. ← folds it to this row, → unfolds it; 2 lists its containers."


def _of_place(place: Gpu | MigInstance) -> str:
    if isinstance(place, Gpu):
        if defect(place):
            return "The driver reports a fault: until it is mended this GPU counts for nobody, free or not."
        if place.mig_instances:
            return "This GPU is divided (MIG): each instance below is a small GPU with people of its own."
    if place.free:
        return "Free: nobody computes here and nobody has reserved it. n launches a workspace on it."
    if not tenanted(place):
        return "Whether it is free can't be told: that is said, never guessed."
    return _of_holder(foremost(place), place)


def _of_holder(holder: Holder, place: Gpu | MigInstance) -> str:
    who, name, used = person(holder), clean(holder.name, 40), units.size(place.memory_used)
    if holder.kind == "reservation":
        whose = "you" if holder.mine else who
        return f"Reserved, not free: {whose} gave this GPU to {name}, which does not use it. w shows who holds what."
    if holder.rests(IDLE_AFTER):
        rest = units.duration(holder.idle_seconds)
        if holder.mine:
            return f"Yours, and at rest: {name} holds {used} and has not worked for {rest}. S stops it."
        return f"Held, not used: {who}'s {name} keeps {used} and has not worked for {rest}. You could ask {who}."
    if holder.mine:
        return "Yours: purple is what you hold. a goes in, o opens its notebook, ⏎ shows its charts."
    return f"{who} works here. You may look (⏎ charts, l log); what changes it asks for its name."
