"""Rights and devices that containers do not have by themselves: what each gives away on a shared host."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.model.linux import CAPABILITIES
from gpuws.model.placement.plan import Check
from gpuws.model.profile import exposure

_UNPROTECTED = {
    "seccomp=unconfined": "its programs may call all of the kernel of {host}, the parts that let out of containers too",
    "apparmor=unconfined": "AppArmor on {host} does not hold it",
    "label=disable": "SELinux on {host} does not hold it",
}
_MIGHTY_GROUPS = frozenset({"root", "docker", "disk", "kmem", "shadow", "sudo", "wheel", "adm"})


def privileged(evidence: Evidence) -> Iterator[Check]:
    if evidence.profile.privileged:
        who = f"you on {evidence.host}" if evidence.mode.rootless else f"root on {evidence.host}"
        text = f"privileged: root inside is {who}, with every device and every GPU"
        yield Check("privileged", "warn", text, "leave privileged out: cap_add and devices give what is needed")


def capabilities(evidence: Evidence) -> Iterator[Check]:
    harmless = [name for name in evidence.profile.cap_add if not CAPABILITIES.get(name)]
    for name in evidence.profile.cap_add:
        if gives := CAPABILITIES.get(name):
            text = f"cap_add: {name}: {gives.format(host=evidence.host)}"
            yield Check("cap_add", "warn", text, f"leave {name} out where its program works without")
    if harmless:
        yield Check("cap_add", "ok", f"{', '.join(harmless)}: nothing of {evidence.host} goes with it")


def protections(evidence: Evidence) -> Iterator[Check]:
    for option in evidence.profile.security_opt:
        if lacks := _UNPROTECTED.get(option):
            text = f"security_opt: {option}: {lacks.format(host=evidence.host)}"
            yield Check("security_opt", "warn", text, f"leave {option} out; cap_add gives a single right")


def devices(evidence: Evidence) -> Iterator[Check]:
    for device in evidence.profile.devices:
        gives = exposure.given_by_device(device).format(host=evidence.host)
        if gives:
            does = "read" if "w" not in device.permissions else "read and written"
            text = f"{device.source} can be {does} inside: that is {gives}"
            yield Check("devices", "warn", text, f"leave {device.source} out; r alone lets nobody write")
        else:
            yield Check("devices", "ok", f"{device.source} → {device.target}")


def device_kinds(evidence: Evidence) -> Iterator[Check]:
    """What may be made may be used: no file of the host's stands before it."""
    for rule in evidence.profile.device_cgroup_rules:
        text = f"device_cgroup_rules: {rule}: its programs make and use such devices of {evidence.host} by themselves"
        yield Check("devices", "warn", text, "name the devices: devices: [/dev/…]")


def groups(evidence: Evidence) -> Iterator[Check]:
    """By number the engine gives any group there is; by name it is the image's."""
    mine = {str(gid) for gid in (*evidence.site.facts.gids, evidence.site.facts.gid)}
    for group in evidence.profile.group_add:
        if group.isdecimal() and group not in mine:
            text = f"group {group} is not yours on {evidence.host}: its files in what is mounted can be used inside"
            yield Check("group_add", "warn", text, "leave it out; with user: host your own groups come along")
        elif group in _MIGHTY_GROUPS:
            text = f"group {group}: what is that group's in mounts of {evidence.host} can be used inside"
            yield Check("group_add", "warn", text, "leave it out; with user: host your own groups come along")
