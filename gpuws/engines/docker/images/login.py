"""What `docker login` on this workstation left for a registry. It leaves this module only as a request's header."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docker import auth
from docker.errors import DockerException

HEADER = "X-Registry-Auth"
BUILD_HEADER = "X-Registry-Config"
HELPER_TIMEOUT = 60.0
"""Seconds: a helper may ask a person to unlock a key ring."""

Credentials = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Login:
    """`headers` is empty where nothing is known; `problem` says what kept us from looking.

    `command`: what a person types to log in there."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    problem: str = ""
    command: str = "docker login"


def login_for(repository: str) -> Login:
    """For a pull from an image's registry. A login that can't be read is no error: the image may be public."""
    server, found, problem = _found(repository)
    command = "docker login" if server in ("", auth.INDEX_URL) else f"docker login {server}"
    return Login({HEADER: auth.encode_header(found).decode()} if found else {}, problem, command)


def logins_for(repositories: Iterable[str]) -> Login:
    """For a build, which pulls what it stands on: the logins of these images' registries and no other."""
    told = [_found(repository) for repository in repositories]
    logins = {server: found for server, found, _ in told if found}
    problem = next((problem for _, _, problem in told if problem), "")
    return Login({BUILD_HEADER: auth.encode_header(logins).decode()} if logins else {}, problem)


def _found(repository: str) -> tuple[str, Credentials | None, str]:
    """The registry as engines call it, what is known of it, and what kept us from looking."""
    server = ""
    try:
        registry, _ = auth.resolve_repository_name(repository)
        server = auth.INDEX_URL if registry == auth.INDEX_NAME else registry
        config = auth.load_config()
        helper = config.get_credential_store(registry)
        found, problem = _from_helper(helper, server) if helper else (None, "")
        return server, found or auth.AuthConfig({"auths": config.auths}).resolve_authconfig(registry), problem
    except (DockerException, OSError, ValueError, AttributeError, TypeError, IndexError):
        return server, None, "your ~/.docker/config.json can't be read: mend it, or log in again with docker login"


def _from_helper(name: str, server: str) -> tuple[Credentials | None, str]:
    """What a credential helper keeps for `server`, and why it could not be asked."""
    program = f"docker-credential-{name}"
    found = shutil.which(program)
    if found is None:
        return None, f"{program}, which ~/.docker/config.json names, is not installed here"
    try:
        done = subprocess.run(
            [found, "get"],
            input=server.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=HELPER_TIMEOUT,
            check=False,
        )
        told = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return None, f"{program} failed: {type(error).__name__}"
    return _credentials(told, server), ""


def _credentials(told: object, server: str) -> Credentials | None:
    """As the engine wants them. A helper that knows nothing says so by its status, or by empty fields."""
    if not isinstance(told, dict) or not told.get("Secret"):
        return None
    if told.get("Username") == auth.TOKEN_USERNAME:
        return {"ServerAddress": server, "IdentityToken": told["Secret"]}
    return {"ServerAddress": server, "Username": told.get("Username", ""), "Password": told["Secret"]}
