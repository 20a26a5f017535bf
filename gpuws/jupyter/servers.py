"""Find the Jupyter servers of a Place, with their tokens, and the addresses that open them.

A token is a secret: it comes in through a pipe and goes out in a header or in a URL that is opened, never logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote

from gpuws.jupyter import script
from gpuws.jupyter.records import search_of
from gpuws.link.place import Place
from gpuws.model.session.notebook import JupyterServer

PATIENCE = 15.0  # seconds
MOST_USERS = 4  # that are asked beside the one as whom commands run there


def find_servers(
    place: Place,
    *,
    ports: Sequence[int] = (),
    anyone: bool = False,
    as_user: Callable[[str], Place] | None = None,
) -> tuple[JupyterServer, ...]:
    """Servers of the user that live in that place; those on `ports` come first, in that order. May be none.

    `anyone`: those of others there, too. Right inside a container of mine, where commands run as root and the server as
    somebody else; on a host they would be other people's. `as_user` gives the place as a uid sees it, for servers of
    which the usual user of the place does not see enough."""
    search = search_of(_run(place, anyone=anyone))
    found = {server.reached_at: server for server in search.servers}
    for user in sorted(search.unseen)[:MOST_USERS] if as_user else ():
        assert as_user is not None  # as the loop's head says
        more = search_of(_run(as_user(user), anyone=False)).servers
        found |= {one.reached_at: one for one in more if one.recorded or one.reached_at not in found}
    wanted = {port: rank for rank, port in enumerate(ports)}
    return tuple(sorted(found.values(), key=lambda one: (wanted.get(one.port, len(wanted)), one.port, one.socket)))


def url(server: JupyterServer, local_port: int) -> str:
    """What opens it through a tunnel on `local_port`, at the page that it shows first. It holds the token."""
    token = f"?token={quote(server.token, safe='')}" if server.token else ""
    scheme = "https" if server.secure else "http"
    return f"{scheme}://127.0.0.1:{local_port}{server.base_url}{server.landing}{token}"


def remark(server: JupyterServer, *, unlocked: bool) -> str:
    """What a person should know who opens it; "" where nothing. `unlocked`: it lets in whoever comes."""
    if server.token:
        return ""
    if unlocked:
        return "it asks for no token: whoever reaches its port works as its user"
    if not server.recorded:
        return "its record can't be read: its login page asks for the token"
    return "it has a password: its login page opens"


def _run(place: Place, *, anyone: bool) -> str:
    done = place.run(script.argv(anyone=anyone), timeout=PATIENCE)
    return done.stdout.decode("utf-8", "replace")
