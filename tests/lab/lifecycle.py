"""The lab as a whole: up, down, how it is."""

import fcntl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.lab import engine, images, keys, machines, packages, scene
from tests.lab.hosts import HOSTS, Host
from tests.lab.paths import cache_dir
from tests.lab.report import LabError, say


def up() -> None:
    """Have the lab up and its scene complete, from whatever state the machine is in."""
    if reason := packages.unsupported():
        raise LabError(reason)
    with _alone():
        packages.install()
        keys.make()
        engine.start()
        images.build_all()
        _on_all_hosts(start)


def down() -> None:
    """Take the lab down; images, volumes and keys stay for the next time."""
    if reason := packages.unsupported():
        raise LabError(reason)
    with _alone():
        if engine.is_up():
            machines.remove_all()
        engine.stop()
        say("down")


def status() -> dict[str, str]:
    """Each host's state; all are `missing` when the engine is down."""
    if packages.unsupported() or not engine.is_up():
        return dict.fromkeys(HOSTS, "missing")
    return {name: machines.state(host) for name, host in HOSTS.items()}


def start(host: Host) -> None:
    """Have a host up and its scene complete; one that does not start is made anew, the data of its engine too."""
    try:
        machines.start(host)
    except LabError as error:
        say(f"{host.name} does not start, making it anew: {error}")
        machines.remove(host)
        machines.start(host)
    if host.has_engine:
        machines.load_workspace_image(host)
    scene.ensure(host)


def _on_all_hosts(action: Callable[[Host], None]) -> None:
    with ThreadPoolExecutor(len(HOSTS)) as pool:
        list(pool.map(action, HOSTS.values()))


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time: others that want the lab up or down wait."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that changes the lab")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
