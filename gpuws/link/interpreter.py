"""How a program of gpuws' own gets to the Python of a place: found by a POSIX shell, started without a file.

The command line holds the search and a first stage; what is large follows on stdin, whose first bytes it reads."""

from __future__ import annotations

NO_PYTHON_WORD = "GPUWS-NO-PYTHON"
UNFIT = "unfit"
"""Behind that word: there is one, which is too old, lacks a module or does not run."""
# Those below a home directory come last: it may lie on a network file system that hangs.
PYTHONS = (
    "python3",
    "/usr/libexec/platform-python",
    *(f"python3.{minor}" for minor in range(15, 5, -1)),
    "python",
    "/usr/local/bin/python3",
    *(f"{root}/bin/python3" for root in ("/opt/conda", "/opt/miniconda3", "/opt/anaconda3", "/opt/miniforge3")),
    "/opt/venv/bin/python3",
    *(f"~/{name}/bin/python3" for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge", ".local")),
    "~/.pyenv/shims/python3",
)
# $1: code, $2…$4: its arguments, $5: modules it needs, then the candidates. The first one that is new enough and has
# them becomes the program. -I and -S: no site-packages and nothing of the user's: no home directory is looked at.
_SEARCH = f"""
code=$1 name=$2 nonce=$3 size=$4 needs=$5 found=; shift 5
for python; do
  case $python in "~/"*) python=$HOME/${{python#??}} ;; esac
  command -v "$python" >/dev/null 2>&1 || continue
  found=" {UNFIT}"
  if "$python" -IS -c "import sys, $needs; sys.exit(sys.version_info < (3, 6))" </dev/null >/dev/null 2>&1
  then exec "$python" -ISuc "$code" "$name" "$nonce" "$size"
  fi
done
echo "{NO_PYTHON_WORD}$found" >&2
exit 127
"""


def argv(
    code: str, name: str, nonce: str, size: int, *, needs: str, python: str | None = None, mark: str = ""
) -> list[str]:
    """Runs `code` wherever a POSIX shell and a Python are, with `name`, `nonce` and `size` as its arguments.

    `mark`: a word that the shell says first, before the nonce; "": nothing. `needs`: modules without which an
    interpreter will not do. `python`: the only interpreter to try."""
    candidates = (python,) if python else PYTHONS
    first = f"echo {mark} {nonce}" if mark else ""
    return ["sh", "-c", first + _SEARCH, "sh", code, name, nonce, str(size), needs, *candidates]
