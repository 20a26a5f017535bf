"""Ask a Jupyter server, over a stream of a link, whether it is there, takes its token, and where it leads first."""

from __future__ import annotations

import re
from http.client import HTTPException
from urllib.parse import urlsplit

from gpuws.jupyter.http import first_page, get
from gpuws.jupyter.tls import TlsStream
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.session.notebook import JupyterServer

PATIENCE = 5.0  # seconds for the whole answer
OK, UNAVAILABLE = 200, (502, 503, 504)
REFUSALS = {401: "refuses its token", 403: "refuses its token", 404: "does not answer as Jupyter at {base}"}
_PAGE = re.compile(r"[\w.~%@+/-]{0,500}", re.ASCII)


def answers(stream: Stream, server: JupyterServer, patience: float = PATIENCE) -> bool:
    """True once the server answers 200 to its token, or tells its version where none is known. False while nobody
    answers there yet. Closes the stream.

    GpuwsError for an answer that waiting does not mend: a refused token, or something that is not Jupyter."""
    path = "api/status" if server.token else "api"
    try:
        status, _ = get(stream, server, path, patience)
    except (OSError, GpuwsError):
        return False
    except HTTPException as error:
        raise not_jupyter(server) from error
    if status == OK or status in UNAVAILABLE:
        return status == OK
    raise refused(server, status, path)


def unlocked(stream: Stream, server: JupyterServer, patience: float = PATIENCE) -> bool:
    """Whether it lets in whoever comes, as far as it says: its record tells of some passwords only. Closes the stream.
    `server`: one without a token."""
    try:
        return get(stream, server, "api/status", patience)[0] == OK
    except (OSError, GpuwsError, HTTPException):
        return False


def landing(stream: Stream, server: JupyterServer, patience: float = PATIENCE) -> str:
    """The path below its base that a server shows first: JupyterLab its `lab`, the notebook its `tree`, a bare server
    none. Asked, since it can be set. Where it does not say, its base is right for all of them. Closes the stream."""
    try:
        location = urlsplit(first_page(stream, server, patience)).path
    except (OSError, GpuwsError, HTTPException, ValueError):
        return ""
    page = location.removeprefix(server.base_url)
    return page if location.startswith(server.base_url) and _PAGE.fullmatch(page) else ""


def certificate(stream: Stream, patience: float = PATIENCE) -> str:
    """The fingerprint of what speaks TLS there, "" where nothing does. Closes the stream."""
    try:
        stream.settimeout(patience)
        return TlsStream(stream).fingerprint
    except (OSError, GpuwsError):
        return ""
    finally:
        stream.close()


def refused(server: JupyterServer, status: int, path: str) -> GpuwsError:
    said = REFUSALS.get(status, "answers {status} to /{path}").format(base=server.base_url, status=status, path=path)
    return GpuwsError(f"the server on {server.where} {said}", "see the log of that server")


def not_jupyter(server: JupyterServer) -> GpuwsError:
    return GpuwsError(f"what listens on {server.where} is no Jupyter server")
