"""Files of root's below a directory of the host given to a user, by a container that is made for it and goes again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.parse import table
from gpuws.model.errors import GpuwsError

AT = "/mended"
"""Where the directory is inside; nothing else of the host is there."""
TIMEOUT = 120.0
"""Seconds: an inode is written for each of them."""


def own(client: Client, path: str, image: str, uid: int, gid: int) -> None:
    """GpuwsError where the image has no `find`, or not all of it could be done."""
    with client.errors():
        made = client.create("/containers/create", _body(path, image, uid, gid))
        try:
            client.call("POST", f"/containers/{made}/start", timeout=TIMEOUT)
            ended = table(client.call("POST", f"/containers/{made}/wait", timeout=TIMEOUT))
        finally:
            with suppress(GpuwsError):
                client.call("DELETE", f"/containers/{made}", query={"force": True, "v": True})
    if status := ended.get("StatusCode"):
        raise GpuwsError(
            f"giving root's files in {path} to you ended with status {status}", "look what is left: gpuws doctor"
        )


def _body(path: str, image: str, uid: int, gid: int) -> dict[str, Any]:
    """Root of the container may do nothing but this: `-xdev` stays on the file system, `-h` follows no link."""
    words = [AT, "-xdev", "-user", "0", "-exec", "chown", "-h", f"{uid}:{gid}", "{}", "+"]
    return {
        "Image": image,
        "Entrypoint": ["find"],
        "Cmd": words,
        "User": "0",
        "NetworkDisabled": True,
        "Env": ["NVIDIA_VISIBLE_DEVICES=void"],
        "HostConfig": {
            "Mounts": [{"Type": "bind", "Source": path, "Target": AT, "BindOptions": {"NonRecursive": True}}],
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "CapAdd": ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
            "SecurityOpt": ["no-new-privileges", "label=disable"],
            "ReadonlyRootfs": True,
        },
    }
