"""A validated profile file → the frozen Profile, and the rules that span several of its keys. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gpuws.config.nodes import Location
from gpuws.config.profile_file import BuildSection, PortSection, ProfileFile, VolumeSection
from gpuws.config.short_forms import bind_source, volume_name
from gpuws.model.profile import Build, GpuMemoryCap, JupyterWish, PortWish, Profile, TmuxWish, Ulimit, Volume


def broken_rules(file: ProfileFile) -> Iterator[tuple[Location, str]]:
    """What is wrong although every key by itself is right."""
    if file.image is None and file.build is None:
        yield (), "expected image or build: there is nothing to run"
    if file.build is not None:
        yield from _build_rules(file.build)
    if file.mem_limit and file.memswap_limit is not None and -1 != file.memswap_limit < file.mem_limit:
        yield ("memswap_limit",), "expected at least mem_limit: it is memory and swap together"
    for name, limit in file.ulimits.items():
        if limit and limit.hard != -1 and (limit.soft == -1 or limit.soft > limit.hard):
            yield ("ulimits", name), "the soft limit is above the hard one"
    yield from _volume_rules(file.volumes)
    yield from _port_rules(file.ports)


def to_profile(name: str, file: ProfileFile, environ: Mapping[str, str], source: str | None) -> Profile:
    """The model of a file without broken rules. `environ`: where build arguments without a value come from."""
    return Profile(
        name=name,
        description=" ".join(file.description.split()),
        image=file.image,
        build=_build(file.build, environ) if file.build else None,
        pull_policy=file.pull_policy,
        command=None if file.command is None else tuple(file.command),
        entrypoint=None if file.entrypoint is None else tuple(file.entrypoint),
        gpus=file.gpus.wish,
        gpu_memory=GpuMemoryCap(cap.limit, cap.action, cap.framework) if (cap := file.gpu_memory) else None,
        mem_limit=file.mem_limit,
        memswap_limit=file.mem_limit if file.memswap_limit is None else file.memswap_limit,
        cpus=file.cpus,
        pids_limit=file.pids_limit,
        shm_size=file.shm_size,
        ipc=file.ipc,
        network_mode=file.network_mode,
        ulimits=tuple(Ulimit(key, limit.soft, limit.hard) for key, limit in file.ulimits.items() if limit),
        user=file.user,
        working_dir=file.working_dir,
        volumes=tuple(_volume(volume) for volume in file.volumes),
        ports=tuple(PortWish(port.target, port.published, port.host_ip, port.name) for port in file.ports),
        environment=dict(file.environment),
        env_file=tuple(file.env_file),
        jupyter=JupyterWish(file.jupyter.port, file.jupyter.start, file.jupyter.token) if file.jupyter else None,
        tmux=TmuxWish(file.tmux.session) if file.tmux else None,
        restart=file.restart,
        init=file.init,
        stop_grace_period=file.stop_grace_period,
        labels=dict(file.labels),
        source=source,
    )


def _build_rules(build: BuildSection) -> Iterator[tuple[Location, str]]:
    if build.context is None and build.dockerfile_inline is None:
        yield ("build",), "expected context or dockerfile_inline"
    if build.dockerfile is not None and build.dockerfile_inline is not None:
        yield ("build", "dockerfile"), "expected either dockerfile or dockerfile_inline, not both"


def _volume_rules(volumes: list[VolumeSection]) -> Iterator[tuple[Location, str]]:
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        try:
            _volume(volume)
        except ValueError as error:
            yield ("volumes", index, "source"), str(error)
        if volume.target in seen:
            yield ("volumes", index, "target"), f"{volume.target} stands twice"
        seen.add(volume.target)


def _port_rules(ports: list[PortSection]) -> Iterator[tuple[Location, str]]:
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        if port.published is None:
            continue
        if (port.host_ip, port.published) in seen:
            yield ("ports", index, "published"), f"port {port.published} stands twice"
        seen.add((port.host_ip, port.published))


def _volume(volume: VolumeSection) -> Volume:
    source = volume.source
    if volume.type == "bind":
        if source is None:
            raise ValueError("source is missing: the path on the host")
        source = bind_source(source)
    elif volume.type == "volume" and source is not None:
        source = volume_name(source)
    elif source is not None:
        raise ValueError("a tmpfs has no source")
    return Volume(volume.target, source, volume.type, volume.read_only, volume.check)


def _build(build: BuildSection, environ: Mapping[str, str]) -> Build:
    return Build(
        dockerfile_inline=build.dockerfile_inline,
        dockerfile=build.dockerfile,
        context=build.context,
        target=build.target,
        args={name: environ.get(name, "") if value is None else value for name, value in build.args.items()},
        taken=tuple(name for name, value in build.args.items() if value is None),
    )
