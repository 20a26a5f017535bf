"""What listens on a TCP port, told by the process that has it, its number and one answer to a GET. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from gpuws.model.errors import TargetError
from gpuws.model.session.tunnel import LOOPBACK
from gpuws.model.session.tunnel_state import spoken
from gpuws.model.workspace.workspace import PlaceRef


@dataclass(frozen=True, slots=True)
class Service:
    """`name`: as it is typed, TARGET:NAME; `title`: as its makers write it. `port`: where it listens unless it is told
    otherwise. `program`: the path of what is run, or the module that an interpreter was given. `answer`: what only its
    front page, or its way to a login, says."""

    name: str
    title: str
    port: int
    program: str
    answer: str


SERVICES = (
    Service(
        "jupyter",
        "Jupyter",
        8888,
        r"jupyter([-_](lab|notebook|server|labhub|nbclassic))?|jupyterhub-singleuser|notebook|jupyterlab|jupyter_server",
        r"<title>(?:JupyterLab|Jupyter Server|Jupyter Notebook|JupyterHub|Home Page - Select or create)|"
        r"^server: TornadoServer[\s\S]*^location: [^\n]*/(?:lab\?|tree\?|login\?next=%2F)",
    ),
    Service(
        "tensorboard", "TensorBoard", 6006, r"tensorboard([./]main)?", r"<title>TensorBoard</title>|<tf-tensorboard"
    ),
    Service(
        "code-server",
        "code-server",
        8080,
        r".*/code-server(/.*)?|code-server|openvscode-server",
        r"^(?:<p>)?Found\. Redirecting to \./login|<title>code-server|vscode-workbench-web-configuration",
    ),
    Service("marimo", "marimo", 2718, r"marimo", r"<marimo-|<title>marimo|^location: [^\n]*/auth/login\?next="),
    Service("gradio", "Gradio", 7860, r"gradio", r"gradio_config|<gradio-app|content=\"Gradio\""),
    Service("streamlit", "Streamlit", 8501, r"streamlit([./]web[./]cli)?", r"<title>Streamlit</title>"),
    Service(
        "rstudio", "RStudio", 8787, r"rserver", r"^location: [^\n]*/auth-sign-in|<title>RStudio|rstudio\.nocache\.js"
    ),
    Service("mlflow", "MLflow", 5000, r"mlflow|mlflow\.server[\w.]*:\w+", r"<title>MLflow</title>"),
    Service("wandb", "W&B Server", 8080, r"(?!)", r"<title>Weights (?:&|&amp;) Biases"),
    Service("ray", "Ray Dashboard", 8265, r".*/ray/dashboard/dashboard", r"<title>Ray Dashboard</title>"),
)
JUPYTER = SERVICES[0].name
"""Opened with its token, which its own record tells."""
HTTP, HTTPS, TCP = "http", "https", "tcp"
TITLES = {HTTP: "HTTP", HTTPS: "HTTPS", TCP: "TCP"} | {one.name: one.title for one in SERVICES}
"""All names of services, with what is shown."""
WELL_KNOWN = {22: "SSH", 2375: "Docker", 3306: "MySQL", 5432: "PostgreSQL", 6379: "Redis", 27017: "MongoDB"}
"""What is not HTTP, by the number that everybody leaves to it."""
RENDEZVOUS = frozenset({29400, 29500})
"""Where torchrun's processes find each other, unless told otherwise."""
EPHEMERAL = 32768
"""From here on programs take ports that nobody chose: kernels of notebooks, workers, collectives."""
_AMONG_THEMSELVES = re.compile(r"torchrun|torch[./]distributed.*|deepspeed|mpirun|orted|ipykernel_launcher|sshd(:.*)?")
_INTERPRETER = re.compile(r"python[\d.]*|pypy[\d.]*|node|bash|dash|sh|env|Rscript")
_SERVER = re.compile(r"gunicorn|uvicorn|hypercorn")
_APP = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_TO_TLS = re.compile(r"HTTP request (?:was sent )?to (?:an )?HTTPS", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListeningPort:
    """A TCP port that takes connections in a place. `service`: one of the keys of `TITLES`. `process`: the name of the
    program that has it, without its arguments, which may hold secrets; `pid`: its number on the host; None: the host
    does not show whose it is.

    `address`: the only one at which it takes connections; "": all that the place has."""

    place: PlaceRef
    port: int
    service: str = TCP
    process: str | None = None
    pid: int | None = None
    address: str = ""

    @property
    def loopback(self) -> bool:
        """Only what runs in the place itself reaches it without gpuws."""
        return self.address != "" and ip_address(self.address).is_loopback

    @property
    def to(self) -> str:
        """What a tunnel to it must be told besides its place: an address that is not the usual one; "": nothing."""
        usual_ones = ("", LOOPBACK, "::1")
        return "" if self.place.workspace is not None or self.address in usual_ones else self.address

    @property
    def web(self) -> bool:
        """A browser can open it."""
        return self.service != TCP

    @property
    def title(self) -> str:
        """What is shown."""
        return WELL_KNOWN.get(self.port, TITLES[TCP]) if self.service == TCP else TITLES[self.service]


def named(argv: Sequence[str], answer: bytes | None) -> str:
    """The service. `argv`: of its process, () where it is not known; `answer`: how it replied to a GET, None where it
    was not asked. A process may have several ports of which one is its page: an answer decides where there is one."""
    by_process = _by_process(argv)
    if answer is None:
        return by_process or TCP
    text = answer.decode("latin-1")
    if spoken(answer) not in ("http", "tls"):
        return TCP
    if spoken(answer) == "tls" or _TO_TLS.search(text):
        return by_process or HTTPS
    return _by_answer(text) or by_process or HTTP


def the_one(service: str, listed: Sequence[ListeningPort], label: str) -> ListeningPort:
    """The one port of a place that the name of a service means. TargetError with the candidates where it is none or
    several. `label`: the place as it is typed."""
    there = [one for one in listed if one.service == service]
    if len(there) == 1:
        return there[0]
    if there:
        several = ", ".join(f"{label}:{one.port}" for one in there)
        raise TargetError(f"{label} has {TITLES[service]} on several ports", f"one of {several}")
    web = ", ".join(f"{one.title} on {one.port}" for one in listed if one.web)
    remedy = f"what does: {web}" if web else f"gpuws ports {label} lists what does"
    raise TargetError(f"{label}: {TITLES[service]} does not listen there", remedy)


def worth_asking(port: int, argv: Sequence[str], *, alone: bool) -> bool:
    """Whether a GET may be sent there to learn what it is. Never to what programs use among themselves, which may take
    one connection only. `alone`: its process has no other port."""
    if port in WELL_KNOWN or port in RENDEZVOUS or _AMONG_THEMSELVES.fullmatch(_basename(program(argv))):
        return False
    if alone and _by_process(argv):
        return False
    return port < EPHEMERAL or mentions(argv, port)


def mentions(argv: Sequence[str], port: int) -> bool:
    """The process was told this port: `--port 6006`, `--port=6006`, `--bind 0.0.0.0:6006`."""
    return any(re.search(rf"(?:^|[=:]){port}$", word) for word in argv[1:])


def usual(argv: Sequence[str]) -> int | None:
    """Where the service that it runs listens unless it is told otherwise."""
    name = _by_process(argv)
    return next((one.port for one in SERVICES if one.name == name), None)


def process_name(argv: Sequence[str]) -> str | None:
    """The program's name, or the script's; None where the command line is not known."""
    return _basename(program(argv)) or (_basename(argv[0]) if argv else None)


def program(argv: Sequence[str]) -> str:
    """What runs: a path, or the script, module or application that an interpreter or a server of them was given; "" for
    none, as of code in the command line."""
    words = list(argv) if len(argv) > 1 else _title(argv)
    while words and _INTERPRETER.fullmatch(_basename(words[0])):
        words = words[1:]
        while words and words[0].startswith("-"):
            if words[0] in ("-m", "-c"):
                return _application(words[1:]) if words[0] == "-m" else ""
            words = words[1:]
    return _application(words)


def _title(argv: Sequence[str]) -> list[str]:
    """The words of a process that has written over its command line: `sshd: …`, `gunicorn: master [app:app]`."""
    words = [word.strip("[]") for one in argv for word in one.split()]
    return [words[0].removesuffix(":"), *words[1:]] if words else []


def _application(words: Sequence[str]) -> str:
    """The first, or what it serves where it only serves applications."""
    if words and _SERVER.fullmatch(_basename(words[0])):
        return next((word for word in words[1:] if _APP.fullmatch(word)), words[0])
    return words[0] if words else ""


def _by_process(argv: Sequence[str]) -> str:
    whole = program(argv).removesuffix(".py")
    for service in SERVICES:
        if re.fullmatch(service.program, whole) or re.fullmatch(service.program, _basename(whole)):
            return service.name
    return ""


def _by_answer(text: str) -> str:
    for service in SERVICES:
        if re.search(service.answer, text.replace("\r\n", "\n"), re.MULTILINE | re.IGNORECASE):
            return service.name
    return ""


def _basename(path: str) -> str:
    return path.rpartition("/")[2]
