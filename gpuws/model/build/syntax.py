"""What a Dockerfile says that only BuildKit understands, told before anything is sent.

gpuws builds by the engine's classic builder, and by BuildKit where a line needs it. BuildKit takes the context in the
body of `POST /build?version=2`; what it would ask its client back through docker's session it can't: secrets and SSH
keys of a build, and logins of registries (so base images are pulled before). Measured on Docker 20.10 and 26.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gpuws.model.build.dockerfile import Instruction
from gpuws.model.placement.plan import Check

ROW = "dockerfile"
MOST = 3
"""Lines that are named."""
NEVER = 10_000
INSTEAD: Mapping[tuple[str, str], tuple[int, str]] = {
    ("RUN", "mount"): (20, "leave it out; download in an earlier stage, and COPY --from what is needed"),
    ("RUN", "network"): (23, "leave it out: a build has one network, --network"),
    ("RUN", "security"): (NEVER, "leave it out: docker build has no entitlements"),
    ("RUN", "device"): (NEVER, "leave it out: test on a GPU in a container, not in a build"),
    ("COPY", "chmod"): (20, "write RUN chmod behind it, or change the mode of the file here"),
    ("COPY", "link"): (23, "leave it out: it changes nothing but the cache"),
    ("COPY", "parents"): (NEVER, "write a COPY for each directory"),
    ("COPY", "exclude"): (NEVER, "name it in .dockerignore"),
    ("ADD", "chmod"): (20, "write RUN chmod behind it"),
    ("ADD", "link"): (23, "leave it out: it changes nothing but the cache"),
    ("ADD", "checksum"): (23, "write RUN sha256sum -c behind it"),
    ("ADD", "keep-git-dir"): (23, "write RUN git clone"),
    ("ADD", "exclude"): (NEVER, "name it in .dockerignore"),
    ("ADD", "unpack"): (NEVER, "write RUN tar behind it"),
}
"""Instruction and flag → the first Docker whose own BuildKit has it without a session, and what to write else."""
SESSION = ("type=secret", "type=ssh")
"""Mounts that BuildKit asks its client for."""
NO_SESSION = "leave it out: use the secret in an earlier stage, and COPY --from what came of it"
HEREDOCS_SINCE, PLATFORM_SINCE = 23, 20
HEREDOC = "write RUN printf '%s\\n' 'first line' 'second line' > FILE, or COPY a file that lies beside it"
GIT = (".git", "git@", "git://")
SET_BY_BUILDKIT = frozenset(
    f"{where}{what}" for where in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT")
)


@dataclass(frozen=True, slots=True)
class Need:
    """A line that the classic builder does not do. `since`: the first Docker whose BuildKit does."""

    line: int
    what: str
    since: int
    instead: str


def needs(instructions: Sequence[Instruction], args: Mapping[str, str]) -> tuple[Need, ...]:
    return tuple(need for one in instructions for need in _of(one, args))


def by_buildkit(found: Sequence[Need], docker: int) -> bool:
    """Whether it is built by BuildKit: a line needs it, and `docker`, a major version, does all of them."""
    return bool(found) and all(need.since <= docker for need in found)


def checks(instructions: Sequence[Instruction], args: Mapping[str, str], docker: int) -> Iterator[Check]:
    """A row for each line that fails; one where BuildKit does them."""
    found = needs(instructions, args)
    if by_buildkit(found, docker):
        said = ", ".join(f"{need.what} in line {need.line}" for need in found[:MOST])
        yield Check(ROW, "ok", f"built by BuildKit: {said}{' …' if len(found) > MOST else ''}")
        return
    for need in found:
        if need.since > docker:
            newer = f" of Docker {need.since} or newer" if need.since < NEVER and docker >= PLATFORM_SINCE else ""
            session = ", and a session with it" if need.instead == NO_SESSION else ""
            yield Check(ROW, "fail", f"line {need.line}: {need.what} needs BuildKit{newer}{session}", need.instead)


def _of(one: Instruction, args: Mapping[str, str]) -> Iterator[Need]:
    for flag, value in one.flags.items():
        if known := INSTEAD.get((one.word, flag)):
            asks = flag == "mount" and any(kind in value for kind in SESSION)
            since, instead = (NEVER, NO_SESSION) if asks else known
            yield Need(one.line, f"{one.word} --{flag}{f'={value}' if asks else ''}", since, instead)
    if one.heredocs:
        yield Need(one.line, f"{one.word} <<{one.heredocs[0]}", HEREDOCS_SINCE, HEREDOC)
    if one.word == "ADD" and any(mark in word for word in one.words.split()[:-1] for mark in GIT):
        yield Need(one.line, "ADD of a git repository", NEVER, "write RUN git clone")
    platform = one.flags.get("platform", "") if one.word == "FROM" else ""
    if platform.startswith("$") and platform.strip("${}") in SET_BY_BUILDKIT and platform.strip("${}") not in args:
        instead = "leave it out: it is built on the host that it is for"
        yield Need(one.line, f"FROM --platform={platform}", PLATFORM_SINCE, instead)
    if one.word == "ARG" and one.words in SET_BY_BUILDKIT and one.words not in args:
        yield Need(one.line, f"ARG {one.words}", PLATFORM_SINCE, f"say it: --build-arg {one.words}=…")
