"""What a Dockerfile says that only BuildKit understands, told before anything is sent.

gpuws builds by the engine's classic builder: BuildKit wants a session beside the request, through which it asks its
client back (measured: docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gpuws.model.build.dockerfile import Instruction
from gpuws.model.placement.plan import Check

ROW = "dockerfile"
INSTEAD: Mapping[tuple[str, str], str] = {
    ("RUN", "mount"): "leave it out: download in an earlier stage, and COPY --from what is needed",
    ("RUN", "network"): "leave it out: a build has one network, --network",
    ("RUN", "security"): "leave it out: the classic builder has no entitlements",
    ("RUN", "device"): "leave it out: test on a GPU in a container, not in a build",
    ("COPY", "chmod"): "write RUN chmod behind it, or change the mode of the file here",
    ("COPY", "link"): "leave it out: it changes nothing but the cache",
    ("COPY", "parents"): "write a COPY for each directory",
    ("COPY", "exclude"): "name it in .dockerignore",
    ("ADD", "chmod"): "write RUN chmod behind it",
    ("ADD", "link"): "leave it out: it changes nothing but the cache",
    ("ADD", "checksum"): "write RUN sha256sum -c behind it",
    ("ADD", "keep-git-dir"): "write RUN git clone",
    ("ADD", "exclude"): "name it in .dockerignore",
    ("ADD", "unpack"): "write RUN tar behind it",
}
"""Instruction and flag → what to write for the classic builder."""
HEREDOC = "write RUN printf '%s\\n' 'first line' 'second line' > FILE, or COPY a file that lies beside it"
GIT = (".git", "git@", "git://")
SET_BY_BUILDKIT = frozenset(
    f"{where}{what}" for where in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT")
)


def checks(instructions: Sequence[Instruction], args: Mapping[str, str]) -> Iterator[Check]:
    """A row for each line that fails, or means something else."""
    for one in instructions:
        yield from _flags(one)
        if one.heredocs:
            yield _fail(one, f"<<{one.heredocs[0]}", HEREDOC)
        if one.word == "FROM":
            yield from _platform(one, args)
        if one.word == "ADD" and any(mark in word for word in one.words.split()[:-1] for mark in GIT):
            yield _fail(one, "of a git repository", "write RUN git clone")
        if one.word == "ARG" and one.words in SET_BY_BUILDKIT and one.words not in args:
            text = f"line {one.line}: {one.text} is set by BuildKit alone, here it is empty"
            yield Check(ROW, "warn", text, f"RUN uname -m says it, or --build-arg {one.words}=…")


def _flags(one: Instruction) -> Iterator[Check]:
    for flag in one.flags:
        if instead := INSTEAD.get((one.word, flag)):
            yield _fail(one, f"--{flag}", instead)


def _platform(one: Instruction, args: Mapping[str, str]) -> Iterator[Check]:
    platform = one.flags.get("platform", "")
    named = platform.strip("${}")
    if platform.startswith("$") and named in SET_BY_BUILDKIT and named not in args:
        yield _fail(one, f"--platform={platform}", "leave it out: it is built on the host that it is for")


def _fail(one: Instruction, what: str, instead: str) -> Check:
    return Check(ROW, "fail", f"line {one.line}: {one.word} {what} needs BuildKit", instead)
