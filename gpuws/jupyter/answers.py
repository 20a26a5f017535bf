"""Ask a Jupyter server, over a stream of a link, whether it is there and takes its token."""

from __future__ import annotations

from http.client import HTTPException

from gpuws.jupyter.http import get
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError
from gpuws.model.session.notebook import JupyterServer

PATIENCE = 5.0  # seconds for the whole answer
OK, UNAVAILABLE = 200, (502, 503, 504)
REFUSALS = {401: "refuses its token", 403: "refuses its token", 404: "does not answer as Jupyter at {base}"}


def answers(stream: Stream, server: JupyterServer, patience: float = PATIENCE) -> bool:
    """True once `/api/status` answers 200. False while nobody answers there yet. Closes the stream.

    GpuwsError for an answer that waiting does not mend: a refused token, or something that is not Jupyter."""
    try:
        status, _ = get(stream, server, "api/status", patience)
    except (OSError, GpuwsError):
        return False
    except HTTPException as error:
        raise not_jupyter(server) from error
    if status == OK or status in UNAVAILABLE:
        return status == OK
    raise refused(server, status, "api/status")


def refused(server: JupyterServer, status: int, path: str) -> GpuwsError:
    said = REFUSALS.get(status, "answers {status} to /{path}").format(base=server.base_url, status=status, path=path)
    return GpuwsError(f"the server on port {server.port} {said}", "see the log of that server")


def not_jupyter(server: JupyterServer) -> GpuwsError:
    return GpuwsError(f"what listens on port {server.port} is no Jupyter server")
