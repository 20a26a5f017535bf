"""Who else can reach what the container offers."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.model.placement.plan import Check
from gpuws.model.profile.profile import JupyterWish, PortWish

TOKEN = "JUPYTER_TOKEN"
TUNNEL = "a tunnel needs no published port: leave `published` out"


def ports(evidence: Evidence) -> Iterator[Check]:
    """Published ports: free on the host, and who else may reach them."""
    if evidence.profile.network_mode == "host":
        yield from _on_the_host(evidence)
        return
    wanted = [port for port in evidence.profile.ports if port.published is not None]
    for port in wanted:
        if port.published in evidence.look.listening:
            yield _taken(evidence, port.published or port.target)
        elif _loopback(port):
            text = f"{port.host_ip}:{port.published} can be reached by any user of {evidence.host}"
            yield Check("ports", "warn", text, TUNNEL)
        else:
            text = (
                f"{port.host_ip}:{port.published} can be reached by the network; Docker goes past the host's firewall"
            )
            yield Check("ports", "warn", text, f"host_ip: 127.0.0.1; {TUNNEL}")
    if evidence.profile.ports and not wanted:
        yield Check("ports", "ok", "nothing is published: tunnels lead inside")


def names(evidence: Evidence) -> Iterator[Check]:
    """Whoever answers for a name sees it asked for, and says where it leads."""
    profile = evidence.profile
    if profile.dns:
        yield Check("dns", "ok", f"its names are looked up at {', '.join(profile.dns)}, which sees each of them")
    if profile.extra_hosts:
        yield Check("extra_hosts", "ok", f"inside, {', '.join(profile.extra_hosts)}")


def _on_the_host(evidence: Evidence) -> Iterator[Check]:
    for port in evidence.profile.ports:
        if port.target in evidence.look.listening:
            yield _taken(evidence, port.target)
    text = f"network_mode: host: what listens inside listens on {evidence.host} itself, nothing is published"
    yield Check("ports", "warn", text, "leave network_mode out: a tunnel reaches the container all the same")


def _taken(evidence: Evidence, port: int) -> Check:
    text = f"port {port} of {evidence.host} is taken"
    return Check("ports", "fail", text, "choose another port, or publish none: a tunnel needs no published port")


def jupyter(evidence: Evidence) -> Iterator[Check]:
    """A notebook server is a shell: without a token for whoever finds its port."""
    wish = evidence.profile.jupyter
    if wish is None or not wish.start:
        return
    beyond = [port for port in evidence.profile.ports if port.target == wish.port and port.published]
    far = next((port for port in beyond if not _loopback(port)), None)
    if evidence.spec.environment.get(TOKEN) == "":
        text = f"JupyterLab without a token: whoever reaches it on {evidence.host} works as you"
        yield Check("jupyter", "fail", text, f"take {TOKEN} out of the environment: it makes one of its own")
    elif far is not None:
        text = f"JupyterLab is published on {far.host_ip}:{far.published}, with its token as the only lock"
        yield Check("jupyter", "warn", text, f"gpuws jupyter opens a tunnel; {TUNNEL}")
    else:
        yield Check("jupyter", "ok", f"JupyterLab has a token of its own; {_reached(evidence, wish)}")


def _reached(evidence: Evidence, wish: JupyterWish) -> str:
    """By whom else its port can be reached."""
    if evidence.profile.network_mode == "host":
        return f"users of {evidence.host} reach its port"
    if wish.bind == "loopback":
        return "a relay inside leads to its port, nobody else does"
    return f"users and containers of {evidence.host} reach its port (jupyter: {{bind: loopback}} for none)"


def _loopback(port: PortWish) -> bool:
    return port.host_ip.startswith("127.") or port.host_ip in ("::1", "localhost")
