"""Why a build failed: the line of the Dockerfile, its command, and of its output what decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gpuws.engines.docker.api.errors import Rejected, from_status
from gpuws.model.build.dockerfile import Instruction
from gpuws.model.secret import masked
from gpuws.model.text import plain

MOST = 3
"""Lines of output that an error quotes."""
COMMAND = 100
"""Characters of a command."""
_RETURNED = re.compile(r"(?:returned a non-zero code|did not complete successfully: exit code|: exit code): (\d+)")
_DECISIVE = re.compile(
    r"E: |ERROR: |Error: |error: |fatal: |FAILED: |\S*(?:Error|Exception): |CMake Error|make(?:\[\d+\])?: \*\*\* "
    r"|.*?(?:: not found|: command not found|: No such file or directory|fatal error: |: error: |Permission denied"
    r"|No space left on device|Killed$)"
)
"""How programs that build things begin the line that says why: apt, pip, Python, git, compilers, make, shells."""
_SAYS_LITTLE = re.compile(
    r"ERROR: (?:Failed (?:building wheel|to build installable wheels)|Could not build wheels|Exception:)"
    r"|ERROR: subprocess-exited-with-error"
    r"|error: (?:subprocess-exited-with-error|metadata-generation-failed|legacy-install-failure)"
    r"|E: (?:Some index files failed|Sub-process .* returned an error code)"
    r"|subprocess\.CalledProcessError|make(?:\[\d+\])?: \*\*\* "
)
"""Lines that only say that something before them failed."""

DEVEL = (
    "a -runtime image has no compiler for CUDA: build in a stage FROM the -devel image of the same version, and "
    "COPY --from it"
)
NETWORK: tuple[tuple[str, str], ...] = (
    (
        r"Temporary failure (?:resolving|in name)|Could not resolve|Network is unreachable|Failed to establish a new",
        "the build reaches no network there: try --network host, or its proxy with --build-arg http_proxy=…",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verif|self-signed certificate",
        "the network there has a certificate of its own: COPY it into the image, and name it in ENV PIP_CERT",
    ),
)
"""What any line of its output says, since programs end with another one: → what mends it."""
REMEDIES: tuple[tuple[str, str], ...] = (
    (
        r"E: Unable to locate package|has no installation candidate",
        "check the package's name, and that apt-get update stands in the same RUN",
    ),
    (
        r"No matching distribution found|Could not find a version that satisfies",
        "check the name and the version, and that it has a wheel for this Python",
    ),
    (
        r"externally-managed-environment",
        "this image's Python is the system's: pip install --break-system-packages, or a venv",
    ),
    (r"CUDA_HOME|nvcc.*not found|cuda_runtime\.h", DEVEL),
    (
        r"fatal error: Python\.h|(?:gcc|g\+\+|cc)\S*: (?:command )?not found|command '\S*(?:gcc|g\+\+|cc)' failed",
        "install a compiler and the headers first: apt-get install -y gcc g++ python3-dev",
    ),
    (r"No space left on device", "that host's disk is full: gpuws images prune, or another host"),
    (r"\bKilled$", "it may have run out of memory: build with fewer jobs, MAX_JOBS=4"),
    (r"(?:git|curl|wget)\S*: (?:command )?not found", "install it first: apt-get install -y it"),
    (
        r"COPY failed|ADD failed",
        "check the path: it starts at the context, and .dockerignore may leave it out",
    ),
    (
        r"Hash Sum mismatch|Release file .* (?:expired|is not valid yet)",
        "the package lists changed meanwhile: build again, with --no-cache",
    ),
)
"""What its output says → what mends it."""


def fault(
    host: str, image: str, step: int, instructions: Sequence[Instruction], output: Iterable[str], message: str
) -> Rejected:
    """`step`: the one that failed, from 1, 0 where none began; `message`: what the engine says."""
    returned = _RETURNED.search(message)
    known = from_status(500, message, host)
    said = tuple(decisive(output)) if returned else ()
    why = " · ".join(said) or (known.message if known.remedy else masked(plain(message)))
    code = f" (exit {returned[1]})" if returned else ""
    mended = "" if returned else known.remedy
    mended = mended or _remedy(NETWORK, output) or _remedy(REMEDIES, (*said, message))
    return Rejected(f"{_where(image, step, instructions)}{code}: {why}", mended)


def _where(image: str, step: int, instructions: Sequence[Instruction]) -> str:
    if not 0 < step <= len(instructions):
        return f"the build of {image} failed"
    one = instructions[step - 1]
    return f"the build of {image} failed in line {one.line} of its Dockerfile, {masked(plain(one.text, COMMAND))}"


def _remedy(known: Sequence[tuple[str, str]], said: Iterable[str]) -> str:
    return next((mend for pattern, mend in known if re.search(pattern, "\n".join(said), re.MULTILINE)), "")


def decisive(output: Iterable[str]) -> tuple[str, ...]:
    """The lines that say why, in their order; where none is known by its words, the last one."""
    said = [line for line in output if line.strip()]
    known = list(dict.fromkeys(line.strip() for line in said if _DECISIVE.match(line.strip())))
    telling = [line for line in known if not _SAYS_LITTLE.match(line)] or known
    return tuple(masked(plain(line, 200)) for line in telling[:MOST] or said[-1:])
