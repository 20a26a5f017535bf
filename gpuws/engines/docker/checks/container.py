"""The container itself: its name, who it runs as, what outlives it."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.engines.docker.launch.spec import NAME
from gpuws.model.placement.plan import Check
from gpuws.model.secret import HIDDEN

ALWAYS = ("always", "unless-stopped")


def name(evidence: Evidence) -> Iterator[Check]:
    wanted = evidence.spec.name
    if not NAME.match(wanted):
        detail = f"{wanted!r} is no name for a container"
        yield Check("name", "fail", detail, "use letters, digits, dot, dash, underscore")
    elif any(one.name == wanted for one in evidence.others):
        remedy = f"choose another with --name, or remove it: gpuws rm {evidence.host}/{wanted}"
        yield Check("name", "fail", f"{evidence.host} has a container {wanted} already", remedy)
    else:
        yield Check("name", "ok", wanted)


def recipe(evidence: Evidence) -> Iterator[Check]:
    """The profile's file, where what lies there is not what is used."""
    if evidence.profile.note:
        yield Check("profile", "warn", evidence.profile.note, evidence.profile.remedy)


def user(evidence: Evidence) -> Iterator[Check]:
    """Root inside is root on the host for whatever is mounted, unless the engine is rootless."""
    wanted = evidence.spec.user
    if wanted is None and evidence.image is None:
        yield Check("user", "ok", "the image's own user")
        return
    who = str(evidence.image_config.get("User") or "root") if wanted is None else wanted
    if who.partition(":")[0] in ("0", "root") and not evidence.mode.rootless:
        text = f"root in the container: what it writes into volumes is root's on {evidence.host}"
        yield Check("user", "warn", text, "user: host runs it as you")
    else:
        yield Check("user", "ok", f"runs as {who}" + (", which is you" if evidence.profile.user == "host" else ""))


def persistence(evidence: Evidence) -> Iterator[Check]:
    kept = [volume for volume in evidence.profile.volumes if volume.type != "tmpfs" and not volume.read_only]
    if not kept:
        text = "no volume to write to: what is made in the container goes with it"
        yield Check("volumes", "warn", text, "mount a directory: volumes: [~/work:/workspace]")


def restart(evidence: Evidence) -> Iterator[Check]:
    """At boot Docker may be earlier than NVIDIA's driver; the container stays `Exited (128)` then."""
    policy = evidence.profile.restart
    if not evidence.devices or policy not in ALWAYS:
        return
    persistent = [gpu.persistence for gpu in evidence.site.gpus if gpu.uuid in {d.gpu for d in evidence.devices}]
    if evidence.mode.persistent or (persistent and all(persistent)):
        yield Check("restart", "ok", f"restart: {policy}, the driver is kept ready")
    else:
        text = f"restart: {policy} may start before the GPU driver when {evidence.host} boots, and then stays down"
        remedy = 'restart: "no", or ask its admin to enable nvidia-persistenced'
        yield Check("restart", "warn", text, remedy)


def removal(evidence: Evidence) -> Iterator[Check]:
    if evidence.profile.auto_remove:
        text = "once it ends or is stopped the engine removes it, and its log and exit status with it"
        yield Check("auto_remove", "warn", text, "leave auto_remove (--rm) out; gpuws rm removes what ended")


def secrets(evidence: Evidence) -> Iterator[Check]:
    names = sorted(evidence.spec.secret_names)
    if names:
        text = f"{', '.join(names)}: whoever may use Docker on {evidence.host} can read them"
        yield Check("environment", "warn", text, "keep them in a file of yours that the program reads")
    profile = evidence.profile
    for name, what, words in (
        ("command", "command", (*(profile.entrypoint or ()), *(profile.command or ()))),
        ("healthcheck", "health check", (profile.healthcheck and profile.healthcheck.test) or ()),
        ("logging", "log's options", profile.logging.options.values() if profile.logging else ()),
    ):
        if any(HIDDEN in word for word in words):
            text = f"{HIDDEN} stands in its {what}, as where the secret of a captured container was"
            yield Check(name, "fail", text, "write it there again, or have the program read it from a file")
