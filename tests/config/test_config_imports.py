from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ("pydantic", "yaml", "ruamel", "textual", "rich", "paramiko", "docker")
EMPTY = """
from pathlib import Path
from gpuws.model.profile.gpu_spec import parse_gpus
from gpuws.config.hosts.inventory import Inventory
from gpuws.config.load import load_configuration
from gpuws.config.paths import find_paths
from gpuws.config.profiles.profiles import ProfileStore
environ = {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"}
paths = find_paths(None, environ)
configuration = load_configuration(paths, environ)
ProfileStore(configuration.profile_dirs).names()
Inventory(paths, environ).aliases()
parse_gpus("count=2,model=H100")
"""


@pytest.mark.parametrize("code", ["import gpuws.config.paths", EMPTY])
def test_nothing_heavy_is_imported_before_a_file_is_read(code):
    code += f"\nimport sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
