"""The lab's own Docker engine: its own directories, socket and bridge, no firewall rule; it never meets another engine.

It is found by its command line in /proc, not by a pid file, so that one that was killed leaves no trap behind.
"""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.lab import shell
from tests.lab.paths import cache_dir, state_dir
from tests.lab.report import LabError, say

BRIDGE = "gpuws-lab"
BRIDGE_ADDRESS = "172.31.213.1/24"


def engine_dir() -> Path:
    """Socket, log and run-time files of the engine."""
    return state_dir() / "engine"


def data_root() -> Path:
    """Images and volumes: they outlive the engine."""
    return cache_dir() / "engine"


def socket_path() -> Path:
    """The unix socket of the lab's engine."""
    return engine_dir() / "docker.sock"


def docker(*args: str | Path, stdin: bytes = b"", timeout: float = 600, check: bool = True) -> str:
    """Run the docker program against the lab's engine; what it prints, stripped."""
    done = shell.run(docker_argv(*args), stdin=stdin, timeout=timeout, check=check, extra_env={"DOCKER_BUILDKIT": "0"})
    return done.stdout.decode(errors="replace").strip()


def docker_argv(*args: str | Path) -> list[str]:
    """The command line for `docker` against the lab's engine."""
    return [_docker_program(), "-H", f"unix://{socket_path()}", *map(str, args)]


def _docker_program() -> str:
    """The docker program that came with dockerd: a newer one elsewhere on PATH may refuse to talk to it."""
    path = shell.environment()["PATH"]
    dockerd = shutil.which("dockerd", path=path)
    beside = [Path(dockerd).parent, Path(dockerd).parent.parent / "bin"] if dockerd else []
    found = shutil.which("docker", path=":".join([*map(str, beside), path]))
    if found is None:
        raise LabError("docker is not installed: run `python3 -m tests.lab install`")
    return found


def pid() -> int | None:
    """The process id of the lab's engine, when it runs."""
    return next(iter(_processes("dockerd", f"--data-root={data_root()}")), None)


def is_up() -> bool:
    """Whether the lab's engine answers."""
    if not socket_path().exists() or pid() is None:
        return False
    return shell.run(docker_argv("version", "-f", "{{.Server.Version}}"), check=False, timeout=30).returncode == 0


def start() -> None:
    """Start the engine, or find it running; what an earlier one left when it was killed is cleared first."""
    if (running := pid()) is not None:
        if is_up():
            return
        if f"--host=unix://{socket_path()}" not in _command_line(running):
            raise LabError(
                f"process {running} is the lab's engine of another state directory: take that lab down first"
            )
        _end(running)
    _clear_leftovers()
    _make_bridge()
    try:
        _launch()
    except LabError as error:
        say(f"the engine does not start on its old data, beginning anew: {error}")
        if (stuck := pid()) is not None:
            _end(stuck)
        _clear_leftovers()
        shutil.rmtree(data_root(), ignore_errors=True)
        _launch()


def stop() -> None:
    """Stop the engine with all that runs in it; images and volumes stay."""
    if (running := pid()) is not None:
        _end(running)
    _clear_leftovers()
    shell.run(["ip", "link", "del", BRIDGE], check=False)


def _launch() -> None:
    engine_dir().mkdir(parents=True, exist_ok=True)
    data_root().mkdir(parents=True, exist_ok=True)
    settings = {"bridge": BRIDGE, "iptables": False, "ip-forward": False, "ip-masq": False, "shutdown-timeout": 5}
    (engine_dir() / "daemon.json").write_text(json.dumps(settings))
    argv = [
        "dockerd",
        f"--data-root={data_root()}",
        f"--exec-root={engine_dir() / 'exec'}",
        f"--pidfile={engine_dir() / 'docker.pid'}",
        f"--config-file={engine_dir() / 'daemon.json'}",
        f"--host=unix://{socket_path()}",
    ]
    log = engine_dir() / "dockerd.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=shell.environment(),
            start_new_session=True,
            cwd="/",
        )
    try:
        shell.wait_until(lambda: is_up() or process.poll() is not None, "the lab's engine", timeout=60)
    except LabError as error:
        raise LabError(f"{error}; its log is {log}") from error
    if process.poll() is not None:
        last_words = log.read_text(errors="replace").strip().rpartition("\n")[2]
        raise LabError(f"dockerd ended at once (its log: {log}): {last_words}")


def _make_bridge() -> None:
    if not Path("/sys/class/net", BRIDGE).exists():
        shell.run(["ip", "link", "add", BRIDGE, "type", "bridge"])
    if BRIDGE_ADDRESS not in shell.output(["ip", "-4", "addr", "show", "dev", BRIDGE]):
        shell.run(["ip", "addr", "add", BRIDGE_ADDRESS, "dev", BRIDGE])
    shell.run(["ip", "link", "set", BRIDGE, "up"])


def _processes(program: str, argument: str) -> list[int]:
    """Processes of that program name with that argument on their command line."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    lines = ((pid, _command_line(pid)) for pid in pids)
    return [pid for pid, words in lines if Path(words[0]).name.startswith(program) and argument in words]


def _command_line(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return [""]


def _end(process: int) -> None:
    """SIGTERM, and SIGKILL when that is not heard."""
    try:
        os.kill(process, signal.SIGTERM)
        try:
            shell.wait_until(lambda: not _alive(process), f"process {process} to end", timeout=20)
        except LabError:
            os.kill(process, signal.SIGKILL)
            shell.wait_until(lambda: not _alive(process), f"process {process} to end", timeout=10)
    except ProcessLookupError:
        return


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _clear_leftovers() -> None:
    """End what a killed engine left running, take its mounts away, forget its run-time files."""
    containerd = engine_dir() / "exec/containerd/containerd.sock"
    for shim in _processes("containerd-shim", str(containerd)):
        _kill_tree(shim)
    for leftover in _processes("containerd", str(engine_dir() / "exec/containerd/containerd.toml")):
        _end(leftover)
    roots = (engine_dir(), data_root())
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    for mount in reversed([line.split()[4].replace("\\040", " ") for line in lines]):
        if any(Path(mount).is_relative_to(root) for root in roots):
            shell.run(["umount", "--lazy", mount], check=False)
    for name in ("exec", "docker.pid", "docker.sock"):
        _remove(engine_dir() / name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _kill_tree(root: int) -> None:
    """Kill a shim and everything below it; processes frozen by `docker pause` are thawed so that they can die."""
    family = [root]
    for process in family:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                family.extend(map(int, children.read_text().split()))
            except OSError:
                continue
    for process in family:
        _thaw(process)
    for process in family:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _thaw(process: int) -> None:
    try:
        groups = Path(f"/proc/{process}/cgroup").read_text().splitlines()
    except OSError:
        return
    for number, controllers, path in (line.split(":", 2) for line in groups):
        if path == "/":
            continue
        if controllers == "freezer":
            file, word = Path(f"/sys/fs/cgroup/freezer{path}/freezer.state"), "THAWED"
        elif number == "0":
            file, word = Path(f"/sys/fs/cgroup{path}/cgroup.freeze"), "0"
        else:
            continue
        if file.exists():
            file.write_text(word)
