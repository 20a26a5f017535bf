"""A plan: what would be created, and everything that can be checked before it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from gpuws.engines.base import Site
from gpuws.engines.docker import images, volumes
from gpuws.engines.docker.client import Client
from gpuws.engines.docker.command import docker_run
from gpuws.engines.docker.environment import TOKEN
from gpuws.engines.docker.mode import Mode
from gpuws.engines.docker.parse import name_of, rows, table
from gpuws.engines.docker.spec import NAME, make_spec
from gpuws.model import units
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.plan import Check, ContainerSpec, Plan, Want
from gpuws.model.profile import Profile

LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp."""


def plan(client: Client, mode: Mode, environ: Mapping[str, str], profile: Profile, want: Want, site: Site) -> Plan:
    """Nothing is created; the host is asked, not changed."""
    with client.errors():
        others = [table(row) for row in rows(client.api.containers(all=True))]
    taken = {name for row in others if (name := name_of(row.get("Names")))}
    spec, making = make_spec(profile, want, site, mode, environ, taken)
    there = images.present(client, spec.image)
    checks = [
        *_readonly(site),
        _engine(client, mode),
        *making,
        _image(spec, there, client.host),
        _name(spec.name, taken, client.host),
        *_ports(client, spec),
        *volumes.check(client.link, spec.profile.volumes, client.host),
        *_memory(spec.profile, mode, client.host),
        *_visible(spec),
    ]
    return Plan(site.host.name, spec, tuple(checks), docker_run(spec), there)


def _readonly(site: Site) -> list[Check]:
    if not site.host.readonly:
        return []
    return [Check("host", "fail", f"{site.host.name} is read-only", "choose another host, or change hosts.yaml")]


def _engine(client: Client, mode: Mode) -> Check:
    how = {"cdi": "GPUs through CDI", "hook": "GPUs through NVIDIA's hook"}.get(mode.name or "", "no GPUs")
    return Check("engine", "ok", f"Docker {client.server.version}, {how}")


def _image(spec: ContainerSpec, there: bool, host: str) -> Check:
    profile, image = spec.profile, spec.image
    if profile.pull_policy == "never" and not there:
        error = images.missing(image, host)
        return Check("image", "fail", error.message, error.remedy)
    if there and profile.pull_policy != "always":
        return Check("image", "ok", f"{image} is there")
    return Check("image", "ok", f"{image} will be {'built' if profile.build else 'pulled'}")


def _name(name: str, taken: Collection[str], host: str) -> Check:
    if not NAME.match(name):
        return Check(
            "name", "fail", f"{name!r} is no name for a container", "use letters, digits, dot, dash, underscore"
        )
    if name in taken:
        remedy = f"choose another with --name, or remove it: gpuws rm {host}/{name}"
        return Check("name", "fail", f"{host} has a container {name} already", remedy)
    return Check("name", "ok", name)


def _ports(client: Client, spec: ContainerSpec) -> list[Check]:
    """Published ports: free on the host, and who else may reach them."""
    wanted = [port for port in spec.profile.ports if port.published is not None]
    listening = _listening(client) if wanted else frozenset()
    checks: list[Check] = []
    for port in wanted:
        if port.published in listening:
            text = f"port {port.published} of {client.host} is taken"
            checks.append(
                Check("ports", "fail", text, "publish another port, or none: a tunnel needs no published port")
            )
        else:
            who = f"any user of {client.host}" if port.host_ip.startswith(("127.", "::1")) else "the network"
            text = f"{port.host_ip}:{port.published} can be reached by {who}"
            checks.append(Check("ports", "warn", text, "a tunnel needs no published port: leave `published` out"))
    return checks


def _listening(client: Client) -> frozenset[int]:
    """TCP ports that something listens on, whoever it is; none where the host can't say."""
    try:
        done = client.link.run(["cat", "/proc/net/tcp", "/proc/net/tcp6"], timeout=10.0)
    except HostError:
        raise
    except GpuwsError:
        return frozenset()
    return parse_listening(done.stdout.decode(errors="replace"))


def parse_listening(text: str) -> frozenset[int]:
    lines = (line.split() for line in text.splitlines())
    return frozenset(
        int(words[1].rpartition(":")[2], 16)
        for words in lines
        if len(words) > 3 and words[3] == LISTENING and re.fullmatch(r"[0-9A-F]+:[0-9A-F]{4}", words[1])
    )


def _memory(profile: Profile, mode: Mode, host: str) -> list[Check]:
    limit, there = profile.mem_limit, mode.memory
    if limit is None:
        text = f"no memory limit: a leak here takes all of {host} down"
        return [Check("memory", "warn", text, "set mem_limit in the profile")]
    checks: list[Check] = []
    if there is not None and limit > there:
        text = f"{units.size(limit)} wanted, {host} has {units.size(there)}"
        checks.append(Check("memory", "warn", text, "lower mem_limit: as it is, it protects nobody"))
    if profile.shm_size and profile.shm_size > limit:
        text = f"shm_size {units.size(profile.shm_size)} is above mem_limit {units.size(limit)}"
        checks.append(Check("memory", "warn", text, "shared memory counts as memory: raise mem_limit"))
    return checks or [Check("memory", "ok", f"{units.size(limit)} of {units.size(there)}")]


def _visible(spec: ContainerSpec) -> Sequence[Check]:
    names = sorted(spec.secret_names - {TOKEN})
    if not names:
        return []
    text = f"{', '.join(names)}: whoever may use Docker on this host can read them"
    return [Check("environment", "warn", text, "keep them in a file of yours that the program reads")]
