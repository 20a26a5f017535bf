"""Starting is cheap and imports run one way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("textual", "rich", "pydantic", "paramiko", "docker", "pynvml", "yaml", "ruamel", "requests", "asyncio")


@pytest.mark.parametrize("module", ["gpuws.cli", "gpuws.cli.root", "gpuws.__main__"])
def test_the_command_line_loads_nothing_heavy(module):
    code = f"import sys, {module}; from gpuws.cli.root import build; build(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "gpuws" in loaded
    assert loaded & set(HEAVY) == set()


def test_the_fleet_and_its_data_load_nothing_heavy():
    code = "import sys, gpuws.fleet.base, gpuws.fleet.demo; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & {*HEAVY, "typer"} == set()


def test_what_is_said_loads_nothing_heavy():
    files = sorted((ROOT / "gpuws" / "present").rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]
    code = f"import sys, {', '.join(names)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & {*HEAVY, "typer"} == set()


def test_first_numbers_wait_for_nothing_that_they_do_not_need():
    modules = (
        "gpuws.fleet.local.fleet",
        "gpuws.fleet.local.host.telemetry",
        "gpuws.fleet.local.host.engine_watch",
        "gpuws.link.connect.connector",
        "gpuws.link.paramiko.login",
        "gpuws.link.paramiko.ssh",
        "gpuws.engines.docker.connect",
    )
    code = f"import sys, {', '.join(modules)}; "
    code += "print(*(name for name, module in sys.modules.items() if module))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "paramiko" in loaded
    assert loaded & {*HEAVY, "typer", "urllib3", "invoke", "http"} == {"paramiko"}


def test_the_way_to_the_screen_loads_no_parser_of_command_lines():
    code = "import sys, gpuws.__main__, gpuws.cli.screen, gpuws.cli.toolkit.failures; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & {*HEAVY, "typer"} == set()


SLOW = {
    "typing",
    "dataclasses",
    "pathlib",
    "socket",
    "enum",
    "re",
    "inspect",
    "tempfile",
    "traceback",
    "msgspec",
    "typer",
    "collections",
    "functools",
    "contextlib",
}
"""What takes longer to load than a command that is done in a blink may take in all."""


def _loaded(modules: str) -> set[str]:
    """What a fresh interpreter has after `import modules`."""
    code = f"import sys, {modules}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_the_quick_road_loads_itself_and_the_classes_of_errors():
    rooms = {f"gpuws.quick.{path.stem}" for path in (ROOT / "gpuws/quick").glob("[!_]*.py")}
    loaded = _loaded(", ".join(rooms))
    ours = {name for name in loaded if name.startswith("gpuws")}
    assert ours - {"gpuws._version"} == rooms | {"gpuws", "gpuws.quick", "gpuws.model", "gpuws.model.errors"}
    assert not loaded & SLOW


@pytest.mark.parametrize("command", ["gpuws.cli.inside.quick, gpuws.cli.terminal.handover", "gpuws.cli.listings.gpus"])
def test_what_is_done_in_a_blink_loads_next_to_nothing(command):
    """From the installed command on."""
    loaded = _loaded(f"gpuws.__main__, {command}, gpuws.quick.streams")
    assert not loaded & SLOW
    ours = {name.split(".")[1] for name in loaded if name.startswith("gpuws.")}
    assert ours - {"_version", "workstation"} == {"__main__", "cli", "model", "quick"}
    assert not loaded & {"gpuws.workstation.browser", "gpuws.workstation.loopback"}
    assert "gpuws.cli.toolkit.options" not in loaded


def test_imports_run_one_way():
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout
