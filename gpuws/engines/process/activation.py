"""What readies the shell that a workspace begins in, as bash runs it. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_PATH = re.compile(r"[~./][^\s;&|<>()$`\"']*\Z")
_CONDA = (
    'command -v conda >/dev/null || for d in "$HOME"/{miniconda3,miniforge3,mambaforge,anaconda3} '
    "/opt/{conda,miniconda3,anaconda3}; do"
    ' [ ! -x "$d/bin/conda" ] || { PATH=$d/bin:$PATH; break; }; done'
)
_READY = {
    "conda": f'{_CONDA}; eval "$(conda shell.bash hook)"',
    "mamba": f'{_CONDA}; eval "$(mamba shell hook --shell bash 2>/dev/null || conda shell.bash hook)"',
    "micromamba": 'eval "$(micromamba shell hook --shell bash)"',
    "module": (
        "command -v module >/dev/null || for f in /etc/profile.d/{modules,lmod}.sh /usr/share/modules/init/bash "
        '/usr/share/lmod/lmod/init/bash; do [ ! -r "$f" ] || { . "$f"; break; }; done'
    ),
}
"""First word of a line → what has a shell know it that is nobody's login shell."""


def script(lines: Sequence[str]) -> str:
    """Ends with the status of the first line that fails; "" where there is nothing to do. A path alone is a virtual
    environment, as venv and uv make them."""
    steps = []
    for line in lines:
        word = line.split(" ", 1)[0]
        if _PATH.match(line):
            home = line.startswith("~/")
            path = f'"$HOME"/{shlex.quote(line[2:])}' if home else shlex.quote(line)
            steps.append(f". {path}/bin/activate")
        else:
            steps += [_READY[word]] if word in _READY else []
            steps.append(line)
    return "".join(f"{step} || return\n" for step in steps)
