"""What a browser gets from the demo's ports: a page that says what it is, and nothing else. Pure."""

from __future__ import annotations

import html
import json

from gpuws.model.session.tunnel import TunnelTarget

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:12vh auto;padding:0 1.5rem;"
    "background:#fbfaf7;color:#24292f}"
    "h1{font-size:1.4rem}code{background:#8882;padding:.1em .3em;border-radius:.2em}p.muted{opacity:.75}"
    "@media(prefers-color-scheme:dark){body{background:#14161b;color:#d7dae0}}"
)
# An open notebook asks its server all the time: so does this page, and the tunnel's figures move.
_ASKS = "setInterval(()=>fetch('/api/status').catch(()=>{}),2000)"


def answer(request: bytes, target: TunnelTarget) -> bytes:
    """The HTTP response to a request as it came."""
    path = request.split(b" ", 2)[1:2]
    if path and path[0].startswith(b"/api/status"):
        return _response("application/json", json.dumps({"demo": True, "kernels": 1}))
    return _response("text/html; charset=utf-8", _page(target))


def _page(target: TunnelTarget) -> str:
    where = html.escape(target.label)
    if target.kind == "notebook":
        title, what = f"The notebook server in {where}", "On a real host JupyterLab would be here, logged in already."
    else:
        title, what = f"Port {target.port} of {where}", "On a real host what listens there would answer."
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>gpuws demo</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1>"
        f"<p>This is gpuws' demo: {where} is made up, and this page comes from gpuws itself. {what}</p>"
        f"<p>The way here is the one you would have: a port of this computer, on loopback only, led through the host's "
        f"SSH connection into the container. Nothing was published on the host.</p>"
        f'<p class="muted">In gpuws <code>5</code> shows the tunnel with its bytes, <code>f</code> lists all tunnels, '
        f"<code>D</code> closes one.</p><script>{_ASKS}</script></html>\n"
    )


def _response(kind: str, body: str) -> bytes:
    content = body.encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + content
