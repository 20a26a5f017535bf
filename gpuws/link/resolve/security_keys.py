"""FIDO key files (`id_ed25519_sk`): ssh asks the token itself, paramiko only through an agent."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gpuws.link.paramiko import key_files
from gpuws.link.paramiko.key_files import KeyFile
from gpuws.link.resolve.resolve import Resolved

MARK = "sk-"


def security_keys(resolved: Resolved) -> tuple[str, ...]:
    """Those files that a login needs. The agent is asked only where there is one."""
    if "publickey" not in resolved.methods or not any(map(_marked, resolved.identity_files)):
        return ()
    from gpuws.link.paramiko.agent import SshAgent

    agent = SshAgent(resolved.agent)
    try:
        held = {key.blob for key in agent.held()}
    finally:
        agent.close()
    files = [file for path in resolved.identity_files if (file := key_files.read(path))]
    return needed(files, held, configured=resolved.configured_keys)


def needed(files: Sequence[KeyFile], held: Collection[bytes], *, configured: bool) -> tuple[str, ...]:
    """Where somebody wrote the keys down, each FIDO key that no agent holds; of the default keys only where there are
    no others, since one of those may do. `held`: what the agent has."""
    private = [file for file in files if file.private]
    found = [file for file in private if _is_security_key(file)]
    lacking = tuple(file.path for file in found if file.public and file.public.blob not in held)
    return lacking if configured or len(found) == len(private) else ()


def _is_security_key(file: KeyFile) -> bool:
    return file.public is not None and file.public.type.startswith(MARK)


def _marked(path: str) -> bool:
    """Reads the public half only."""
    return (key_files.kind(path) or "").startswith(MARK)
