"""A plan of a workspace of the host's own programs: what would be begun, and what is to be known before."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gpuws.engines.base import Site
from gpuws.engines.docker.launch import environment
from gpuws.engines.docker.launch.spec import NAME, free_name, labels_of
from gpuws.engines.process import activation, scripts
from gpuws.engines.process.caps import HELD
from gpuws.link.place import Link
from gpuws.model import units
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.ownership.others import others_on, within_reach
from gpuws.model.placement.placement import choose, reserved
from gpuws.model.placement.plan import Check, ContainerSpec, Plan, Want
from gpuws.model.profile.held import not_held
from gpuws.model.profile.profile import Profile
from gpuws.model.workspace.workspace import Workspace

VISIBLE = "CUDA_VISIBLE_DEVICES"
SESSION = "main"
"""Of its tmux, where the profile says no other."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the host has. `capped`: what a scope of my systemd there can hold: "memory", "cpu"; None: it runs none for
    me. `lingers`: it goes on without a login of mine. `kills`: what is left after one is ended."""

    tmux: bool = False
    bash: bool = True
    directory: bool = True
    capped: frozenset[str] | None = None
    lingers: bool = False
    kills: bool = False


def look(link: Link, directory: str) -> Look:
    try:
        done = link.run(scripts.argv("look", scripts.LOOK, [directory]), timeout=scripts.PATIENCE)
    except HostError:
        raise
    except GpuwsError:
        return Look(bash=False)
    if not done.ok:
        return Look(bash=False)
    told = [line.split() for line in done.stdout.decode(errors="replace").splitlines()]
    rows = {words[0]: words[1:] for words in told if words}
    capped = frozenset(rows["systemd"]) if "systemd" in rows else None
    return Look("tmux" in rows, True, "directory" in rows, capped, "linger" in rows, "kills" in rows)


def plan(
    link: Link, listed: Sequence[Workspace], environ: Mapping[str, str], profile: Profile, want: Want, site: Site
) -> Plan:
    wish = want.gpus or profile.gpus
    if site.short is not None and not wish.none:
        raise site.short
    directory = profile.working_dir or site.facts.home
    there = look(link, directory)
    mine = [replace(one, mine=True) for one in listed]
    gpus = reserved(site.gpus, mine)
    placement = choose(wish, gpus)
    env = environment.collect(profile, environ)
    environment.add_cap(env, profile.gpu_memory, placement.devices)
    env.values.update({VISIBLE: ",".join(placement.uuids), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"})
    resolved = replace(profile, gpus=wish)
    spec = ContainerSpec(
        name=want.name or free_name(profile.name or "process", site.owner, {one.name for one in listed}),
        image="",
        command=profile.command,
        gpu_uuids=placement.uuids,
        gpu_mode=None,
        user=None,
        environment=dict(sorted(env.values.items())),
        secret_names=frozenset(env.secret_names & env.values.keys()),
        labels=labels_of(resolved, site, placement.uuids),
        profile=replace(resolved, working_dir=directory, environment=dict.fromkeys(resolved.environment)),
    )
    reach = within_reach([device.uuid for device in placement.devices], gpus)
    return Plan(
        host=site.host.name,
        spec=spec,
        checks=(*_host(site, there), *placement.checks, *_rest(spec, site, there, listed), *env.checks),
        command=command_of(spec, there),
        image_present=True,
        devices=placement.devices,
        rejected=placement.rejected,
        free_gpus=sum(gpu.free for gpu in gpus),
        python=site.host.python or site.facts.interpreter,
        others=others_on(reach, site.host.name),
    )


def scope_of(spec: ContainerSpec, there: Look, unit: str = "") -> list[str]:
    """Words in front of what is begun, so that the host's systemd holds its caps; none where it has none, or can't."""
    profile = spec.profile
    can = there.capped or frozenset()
    caps = [f"MemoryMax={profile.mem_limit}", "MemorySwapMax=0"] if profile.mem_limit and "memory" in can else []
    caps += [f"CPUQuota={round(100 * profile.cpus)}%"] if profile.cpus and "cpu" in can else []
    if not caps:
        return []
    named = [f"--unit={unit}"] if unit else []
    return ["systemd-run", "--user", "--scope", "--quiet", "--collect", *named, *(f"-p{one}" for one in caps)]


def session_of(spec: ContainerSpec) -> str:
    return spec.profile.tmux.session if spec.profile.tmux else SESSION


def command_of(spec: ContainerSpec, there: Look) -> str:
    """What a person would type there for the same; secrets by name only."""
    said = [(name, value) for name, value in spec.environment.items() if value or name == VISIBLE]
    shown = [name if name in spec.secret_names else f"{name}={value}" for name, value in said]
    directory = spec.profile.working_dir or ""
    ready = activation.script(spec.profile.activate).replace(" || return\n", " && ")
    main = ready + (f"exec {shlex.join(spec.command)}" if spec.command else 'exec "$SHELL" -i')
    scope = shlex.join(scope_of(spec, there))
    begun = f"tmux new-session -d -s {shlex.quote(session_of(spec))}" if there.tmux else "setsid"
    steps = [f"cd {shlex.quote(directory)}", f"export {' '.join(map(shlex.quote, shown))}"]
    return " && ".join([*steps, f"{scope} {begun} bash -c {shlex.quote(main)}".strip()])


def _host(site: Site, there: Look) -> Iterator[Check]:
    name = site.host.name
    if site.host.readonly:
        yield Check("host", "fail", f"{name} is read-only", "choose another host, or change hosts.yaml")
    else:
        yield Check("host", "ok", f"{name}, as {site.facts.login}")
    if not there.bash:
        yield Check("engine", "fail", f"{name} has no bash for gpuws to begin a process with", "choose another host")
    elif there.tmux:
        yield Check("engine", "ok", "a process of the host, in a tmux of its own")
    else:
        yield Check(
            "engine", "warn", f"{name} has no tmux: it can't be attached to", "install it there: apt-get install tmux"
        )


def _rest(spec: ContainerSpec, site: Site, there: Look, listed: Sequence[Workspace]) -> Iterator[Check]:
    host, profile = site.host.name, spec.profile
    if not NAME.match(spec.name):
        yield Check("name", "fail", f"{spec.name!r} is no name", "use letters, digits, dot, dash, underscore")
    elif any(one.name == spec.name for one in listed):
        remedy = f"choose another with --name, or remove it: gpuws rm {host}/{spec.name}"
        yield Check("name", "fail", f"{host} has a workspace {spec.name} already", remedy)
    else:
        yield Check("name", "ok", spec.name)
    if spec.gpu_uuids and site.facts.python is None and site.host.python is None:
        text = f"{host} has no python3: a launch of somebody else in this very moment may take the same GPUs"
        yield Check("lock", "warn", text, "look at `gpuws gpus` afterwards")
    if not there.directory:
        text = f"{host} has no directory {profile.working_dir}"
        yield Check("working_dir", "fail", text, "make it there, or write another")
    published = ("ports",) if any(one.published for one in profile.ports) else ()
    if keys := (*not_held(profile, HELD), *published):
        text = f"a process of the host does not hold {', '.join(keys)}"
        yield Check("profile", "warn", text, "leave them out, or write engine: docker with an image")
    yield from _caps(profile, there, host)
    yield from _stays(profile, there, host)
    if spec.secret_names:
        names = ", ".join(sorted(spec.secret_names))
        yield Check("environment", "ok", f"{names}: only you, and root, can read them there")


def _caps(profile: Profile, there: Look, host: str) -> Iterator[Check]:
    wanted = [
        (key, which, said)
        for key, which, said in (
            ("mem_limit", "memory", units.size(profile.mem_limit)),
            ("cpus", "cpu", f"{profile.cpus:g} processors" if profile.cpus else ""),
        )
        if getattr(profile, key)
    ]
    for key, which, said in wanted:
        if which in (there.capped or ()):
            yield Check(key, "ok", f"{said}, held by your systemd there")
        else:
            why = "runs no systemd for you" if there.capped is None else f"does not let your systemd cap {which}"
            yield Check(key, "warn", f"{host} {why}: {key} is not held", "ask its admin, or go without")
    if not profile.mem_limit:
        text = f"no memory limit: a leak here takes all of {host} down"
        yield Check("mem_limit", "warn", text, "set mem_limit in the profile")


def _stays(profile: Profile, there: Look, host: str) -> Iterator[Check]:
    scope = bool(scope_of_any(profile, there))
    if there.lingers or not (scope or there.kills):
        yield Check("logout", "ok", f"goes on when you log out of {host}")
    else:
        text = f"{host} ends it with your last login there"
        yield Check("logout", "warn", text, "there: loginctl enable-linger")


def scope_of_any(profile: Profile, there: Look) -> bool:
    can = there.capped or frozenset()
    return bool((profile.mem_limit and "memory" in can) or (profile.cpus and "cpu" in can))
