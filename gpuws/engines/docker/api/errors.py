"""What Docker and the way to it may raise, as one sentence with a remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from gpuws.engines.docker.api.frames import Malformed
from gpuws.engines.docker.api.http import Refusal
from gpuws.link.place import Link
from gpuws.model.errors import GpuwsError, Unanswered, Unreachable
from gpuws.model.secret import masked
from gpuws.model.text import plain


class Rejected(GpuwsError):
    """The engine answered, with an error."""


class Gone(Rejected):
    """The container, image or exec is not there (any more)."""


class Conflict(Rejected):
    """The engine refuses it in the present state: a name in use, a container that runs or does not."""


@contextmanager
def told(host: str, link: Link, engine: str = "Docker") -> Iterator[None]:
    """Turn whatever a call to the engine raises into a `GpuwsError`; where the link is lost, `Unreachable`.

    `engine`: its name."""
    try:
        yield
    except GpuwsError as error:
        if isinstance(error, OSError) and link.alive:
            raise GpuwsError(f"the connection to {engine} on {host} broke", "try again") from error
        raise
    except Refusal as error:
        raise from_status(error.status, error.message, host, engine) from error
    except TimeoutError as error:
        raise GpuwsError(f"{engine} on {host} does not answer", "it may be overloaded: try again") from error
    except OSError as error:
        if not link.alive:
            raise Unreachable(f"the connection to {host} was lost") from error
        raise GpuwsError(f"the connection to {engine} on {host} broke: {cause(error)}", "try again") from error
    except (Malformed, ValueError, RecursionError) as error:
        raise GpuwsError(f"{engine} on {host} gave an answer that makes no sense: {plain(str(error), 200)}") from error


@contextmanager
def asked(host: str, link: Link, within: float = 0.0, engine: str = "Docker") -> Iterator[None]:
    """The same around a call that changes something: `Unanswered` where no answer came. `within`: as there."""
    try:
        with told(host, link, engine):
            yield
    except Rejected:
        raise
    except GpuwsError as error:
        raise Unanswered(error.message, error.remedy, within) from error


def about_image(message: str, image: str, host: str) -> Rejected:
    """A failed pull: a registry does not always say of what it speaks."""
    return from_status(500, message.replace("manifest unknown", f"manifest for {image} not found"), host)


def from_status(status: int, message: str, host: str, engine: str = "Docker") -> Rejected:
    """The sentence for an HTTP status and what the daemon said with it, which may quote what it was asked."""
    text = masked(plain(message))
    for pattern, sentence, remedy in KNOWN:
        if found := re.search(pattern, text, re.IGNORECASE):
            return _kind(status)(_fill(sentence, found, host, engine), _fill(remedy, found, host, engine))
    if status == 404:
        return Gone(f"{host}: {text}")
    return _kind(status)(f"{engine} on {host} refuses: {text}")


def cause(error: BaseException) -> str:
    """The innermost reason of an error that libraries wrapped."""
    while error.args and isinstance(error.args[-1], BaseException):
        error = error.args[-1]
    return plain(str(error) or type(error).__name__, 200)


def _kind(status: int) -> type[Rejected]:
    return {404: Gone, 409: Conflict}.get(status, Rejected)


def _fill(text: str, found: re.Match[str], host: str, engine: str) -> str:
    return text.format(*(group or "" for group in found.groups()), host=host, engine=engine)


# What a daemon says, what it means, how to mend it. {0}: the first group of the pattern.
KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        r"could not select device driver",
        "{engine} on {host} can't hand out GPUs",
        "ask its admin to install nvidia-container-toolkit and restart Docker",
    ),
    (
        r"(?:unresolvable CDI devices|CDI device injection failed:? unresolvable CDI devices) (\S+)",
        "the CDI specification on {host} does not know the GPU {0}",
        "ask its admin to run: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml",
    ),
    (
        r"nvidia-container-cli: .*?(\S+): unknown device",
        "NVIDIA's runtime on {host} does not know the GPU {0}",
        "see: gpuws gpus {host}",
    ),
    (
        r"nvidia-container-cli: .*unsatisfied condition: (.*?)(?:, please|: unknown|$)",
        "the driver of {host} is too old for this image ({0})",
        "choose an image for an older CUDA",
    ),
    (
        r"nvidia-container-cli: (.*?)(?:: unknown)?$",
        "NVIDIA's runtime on {host} failed: {0}",
        "see `nvidia-smi` there",
    ),
    (
        r"error setting rlimits? type (\d+)",
        "a limit of `ulimits` (rlimit type {0}) is above what {host} allows",
        "lower or remove it in the profile (8 is memlock, 7 nofile, 3 stack)",
    ),
    (
        r"(?:Bind for|listen tcp\S*) \S+?:(\d+)(?: failed: port is already allocated|: bind: address already in use)",
        "port {0} of {host} is taken",
        "publish another port, or none: a tunnel needs no published port",
    ),
    (
        r'container name "/?([^"]+)" is already in use',
        "the name {0} is in use on {host}",
        "choose another with --name, or remove the old container",
    ),
    (
        r"(?:No such image:|pull access denied for|manifest for) (\S+?)(?:,|:? not found|: image not known|$)",
        "there is no image {0} that {host} can get",
        "check its name, or log in to its registry with docker login",
    ),
    (
        r'"https?://([^/"]+)/[^"]*": .*(?:no basic auth credentials|unauthorized|authentication required)',
        "the registry {0} wants a login that {host} was not given",
        "log in on this workstation: docker login {0}",
    ),
    (
        r"bind source path does not exist: (\S+)",
        "{0} does not exist on {host}",
        "make it there first: a directory, or the file that is meant",
    ),
    (
        r'(?:mount|mounting) "?([^"\s]+)"? to .*not a directory',
        "{0} is a file on {host} where a directory is mounted, or the other way round",
        "mount a file on a file's path, and a directory on a directory's",
    ),
    (
        r"exec format error",
        "the image's program is made for another kind of machine than {host}",
        "choose an image for its platform: docker version there says which that is",
    ),
    (
        r"no space left on device",
        "the disk of {engine} on {host} is full",
        "see `docker system df` there; unused images can go with `docker image prune`",
    ),
    (
        r'exec: "([^"]*)": (?:executable file not found|stat [^:]*: no such file|permission denied)',
        "the container has no program {0}",
        "check the command, or choose an image that has it",
    ),
    (
        r"executable file `([^`]*)` not found",
        "the container has no program {0}",
        "check the command, or choose an image that has it",
    ),
    (
        r"(?:chdir to cwd|cwd:|mkdir) \(?\"?([^\"\s)]*).*(?:no such file|permission denied)",
        "the container's working directory can't be used: {0}",
        "check working_dir and the volumes",
    ),
    (
        r"(?:unable to find user|no matching entries in passwd file) ?([^:]*)",
        "the image does not know the user {0}",
        "use user: host, root or numbers",
    ),
    (
        r"No command specified",
        "the image says no command to run",
        "give the profile one, as command: [sleep, infinity]",
    ),
    (
        r"disk usage operation is already running",
        "somebody has {engine} on {host} look through its disks already",
        "try again in a minute",
    ),
    (
        r"remove (\S+): volume is in use",
        "the volume {0} on {host} is used by a container, which may have stopped",
        "see: gpuws volumes ls {host}",
    ),
    (
        r"configured logging driver does not support reading",
        "what that container writes is sent elsewhere on {host}, or kept nowhere: its logging driver can't be read",
        "look where the driver sends it, or make it anew with: logging: {{driver: local}}",
    ),
    (r"No such container: (\S+)", "that container is gone from {host}", ""),
    (r"Container (\S+) is not running", "that container on {host} is not running", "start it first"),
    (r"(?:unknown runtime specified|Unknown runtime specified) (\S+)", "{engine} on {host} has no runtime {0}", ""),
    (
        r"(?:lookup|dial tcp|Get|Head) \S+.*(?:no such host|timeout|refused|unreachable|misbehaving|canceled)",
        "{host} can't reach the image's registry",
        "pull the image where there is a network, then docker save it over",
    ),
)
