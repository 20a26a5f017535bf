"""A fleet that records what is asked of it."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace

from gpuws.fleet.background.facet import BookedTasks
from gpuws.fleet.background.verbs import in_background
from gpuws.fleet.events import HostsChanged, HostUpdated, QuestionsChanged, TunnelsChanged, WaitsChanged
from gpuws.fleet.history import STEPS
from gpuws.model.build.want import BuildPlan
from gpuws.model.errors import Ambiguous, GpuwsError
from gpuws.model.host.busiest import Busiest
from gpuws.model.host.configured import Alias, Configured, ConfiguredHost
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.notice.watch import Watch
from gpuws.model.ownership.others import others_on, within_reach
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Asked, Check, ContainerSpec, Device, Plan, Progress
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.profile.profile import GpuWish, Profile, ProfileSummary
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.timeline import Timeline
from gpuws.model.workspace.details import Details
from gpuws.model.workspace.storage import DiskUsage
from gpuws.model.workspace.workspace import Ref
from tests.factories import GIB, NOW, container, gpu, session, snapshot


@in_background
class StubFleet(BookedTasks):
    """Holds what a test puts there; `calls` is what the screen asked for, `fail` what a verb raises."""

    def __init__(self, *snapshots, candidates=(), questions=(), tunnels=()):
        self.hosts = {each.name: each for each in snapshots}
        self.calls = []
        self.ports = ()
        self.fail = {}
        self.block = threading.Event()
        self.blocked = set()
        self.away = set()
        self._candidates, self._questions, self._tunnels = candidates, questions, tunnels
        self.left_out = ()
        self._listeners = []
        self.inspected = {}
        self.queue = ()
        self.written = defaultdict(lambda: Host("?"), {name: Host(name) for name in self.hosts})
        self.manners = []
        self.told = ()
        self.watching = {}
        self.servers = ()

    @property
    def _publisher(self):
        return self

    def publish(self, event):
        self.emit(event)

    def _need_writable(self, host):
        """Any may be changed."""

    def _called(self, name, *args):
        self.calls.append((name, *args))
        if name in self.blocked:
            self.block.wait(30)
        if name in self.fail:
            raise self.fail[name]

    def named(self, name):
        return [call for call in self.calls if call[0] == name]

    def add_tunnel(self, tunnel):
        self._tunnels = (*self._tunnels, tunnel)
        self.emit(TunnelsChanged(self._tunnels))

    def emit(self, event):
        for listener in list(self._listeners):
            listener(event)

    def put(self, snapshot):
        self.hosts[snapshot.name] = snapshot
        self.emit(HostUpdated(snapshot))

    def ask(self, *questions):
        self._questions = questions
        self.emit(QuestionsChanged(questions))

    def start(self):
        self._called("start")
        for each in self.hosts.values():
            self.emit(HostUpdated(each))
        if self._questions:
            self.emit(QuestionsChanged(self._questions))
        if self._tunnels:
            self.emit(TunnelsChanged(self._tunnels))

    def close(self):
        self.block.set()

    def snapshots(self):
        return tuple(self.hosts.values())

    def notices(self):
        return self.told

    def take_notices(self, ids):
        self._called("take_notices", *ids)
        return tuple(ids)

    def watches(self):
        return tuple(self.watching.values())

    def begin_watch(self, thing, host, key, label):
        self._called("begin_watch", thing, host, key, label)
        return self.watching.setdefault(key, Watch(key, thing, host, key, label, NOW))

    def end_watch(self, watch_id):
        self._called("end_watch", watch_id)
        del self.watching[watch_id]

    def subscribe(self, listener):
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def questions(self):
        return self._questions

    def answer(self, question_id, answer):
        self.calls.append(("answer", question_id, answer))
        self.ask(*[question for question in self._questions if question.id != question_id])

    def hurry(self, host):
        pass

    def reconnect(self, host):
        self._called("reconnect", host)

    def configured(self):
        self._called("configured")
        hosts = tuple(ConfiguredHost(self.written[name]) for name in self.hosts if name != "local")
        aliases = tuple(Alias(name) for name in self._candidates)
        return Configured("/home/alice/.config/gpuws/hosts.yaml", bool(hosts), hosts, aliases, self.left_out)

    def addresses(self, names):
        self._called("addresses", tuple(names))
        return tuple(self.inspected.get("addresses", {}).get(name, f"alice@{name}.lab.example") for name in names)

    def add_hosts(self, names):
        self._called("add_hosts", tuple(names))
        self.hosts |= {name: HostSnapshot(name) for name in names}
        self.emit(HostsChanged(tuple(self.hosts)))

    def save_host(self, host, was):
        self._called("save_host", host, was)
        self.written[host.name] = host
        self.hosts = {host.name if name == was else name: one for name, one in self.hosts.items()}
        self.hosts.setdefault(host.name, HostSnapshot(host.name))
        self.emit(HostsChanged(tuple(self.hosts)))

    def remove_host(self, name):
        self._called("remove_host", name)
        del self.hosts[name]
        self.emit(HostsChanged(tuple(self.hosts)))

    def try_host(self, host, was, report, cancel):
        self._called("try_host", host, was)
        for step in self.inspected.get("trial", (HostSnapshot(host.name, HostState.UP),)):
            report(step)
        return step

    def watch(self, host):
        self.calls.append(("watch", host))

    def mend(self, host, mend):
        self._called("mend", host, mend)
        return "mended"

    def checkup(self, host, *, idle_after):
        self._called("checkup", host, idle_after)
        return self.inspected.get("checkup", {}).get(host, ())

    def history(self, host, subject, window):
        self._called("history", host, subject, window)
        return self.inspected.get("history", {}).get((subject, window), Timeline(STEPS[window], 0.0))

    def busiest(self, host):
        self._called("busiest", host)
        return self.inspected.get("busiest", Busiest(host, NOW))

    def signal(self, host, pid, signal):
        self._called("signal", host, pid, signal)

    def profiles(self):
        self._called("profiles")
        known = (ProfileSummary("base", "tmux and a shell", "debian"), ProfileSummary("torch", "PyTorch", "t", "1"))
        return self.inspected.get("profiles", known)

    def save_profile(self, draft):
        self._called("save_profile", draft)
        return f"/home/alice/.config/gpuws/profiles/{draft.name}.yaml"

    def profile_file(self, name):
        self._called("profile_file", name)
        return self.inspected["file"]

    def discard_unedited(self, name):
        self._called("discard_unedited", name)
        return self.inspected.get("unedited", False)

    def save_recipe(self, name, text):
        self._called("save_recipe", name, text)
        return f"/home/alice/.config/gpuws/profiles/{name}.yaml"

    def begin_wait(self, order, environ):
        self._called("begin_wait", order)
        entry = QueuedWait(str(len(self.queue) + 1), order, NOW, text="bravo has 1 of 2 (0 carol: sweep.py 30G)")
        self.queue = (*self.queue, entry)
        self.emit(WaitsChanged(self.queue))
        return entry

    def read_recipe(self, text, environ):
        self._called("read_recipe", text)
        return self.inspected["read"]

    def propose(self, profile):
        self._called("propose", profile)
        return self.inspected["proposal"]

    def accept(self, proposal_id):
        self._called("accept", proposal_id)

    def plan(self, host, profile, want):
        self._called("plan", host, profile, want)
        if host in self.away:
            self.block.wait(30)
        gpus = self.hosts[host].gpus
        wish = want.gpus or GpuWish(count=1)
        named = tuple(g.uuid for g in gpus if g.index in wish.indices or g.uuid in wish.uuids)
        uuids = named or tuple(g.uuid for g in gpus if g.free)[: wish.count]
        spec = ContainerSpec(
            want.name or profile or "pasted", "t", None, uuids, "cdi", None, {}, frozenset(), {}, Profile(profile)
        )  # fmt: skip
        checks = tuple(self.inspected.get("checks", (Check("gpus", "ok", "GPU 1"),)))
        devices = tuple(Device(g.uuid, g.uuid, g.index, str(g.index), g.name) for g in gpus if g.uuid in uuids)
        return Plan(
            host, spec, checks, f"docker run -d --name {spec.name} t", True, devices,
            self.inspected.get("rejected", ()), sum(g.free for g in gpus),
            others=others_on(within_reach(uuids, gpus), host), asked=Asked(host, profile, replace(want, environ={})),
        )  # fmt: skip

    def launch(self, plan, report, cancel):
        report(Progress("checking", "GPUs are free"))
        self._called("launch", plan.host, plan.spec.name)
        return Launched(Ref(plan.host, "new-id"), self.inspected.get("ended"))

    def verify(self, ref, report, cancel):
        self._called("verify", ref)
        found = self.inspected["verified"]
        if isinstance(found, GpuwsError):
            raise found
        return found

    def act(self, ref, action, *, force=False, grace=None):
        self._called("act", ref, action, force)

    def logs(self, ref, window):
        self._called("logs", ref, window)
        stream = self.inspected["stream"]
        return stream(window) if callable(stream) else stream

    def rename(self, ref, name):
        self._called("rename", ref, name)

    def details(self, ref):
        self._called("details", ref)
        return self.inspected.get("details", Details())

    def usage(self, host, ids):
        self._called("usage", host, ids)
        return self.inspected.get("usage", ())

    def inspect(self, ref):
        self._called("inspect", ref)
        return {"Id": ref.id, "Name": "[red]x[/red]"}

    def images(self, host):
        self._called("images", host)
        return self.inspected.get("images", ())

    def disk_usage(self, host, report, cancel):
        self.cancels = [*getattr(self, "cancels", []), cancel]
        self._called("disk_usage", host)
        return self.inspected.get("disks") or DiskUsage(host, NOW)

    def mounts(self, ref):
        self._called("mounts", ref)
        return self.inspected.get("mounts", ())

    def remove_volume(self, host, name):
        self._called("remove_volume", host, name)

    def copy_image(self, source, reference, host, report, cancel):
        self._called("copy_image", source, reference, host)

    def pull_image(self, host, reference, report, cancel):
        for step in self.inspected.get("steps", ()):
            report(step)
        self._called("pull_image", host, reference)

    def plan_build(self, host, want):
        self._called("plan_build", host, want)
        checks = self.inspected.get("checks", ())
        return BuildPlan(host, want.tag or f"gpuws/{want.what}:1", checks, "docker build", None, 0, 1)

    def build_image(self, host, want, report, cancel):
        for step in self.inspected.get("steps", ()):
            report(step)
        self._called("build_image", host, want)
        return want.tag or f"gpuws/{want.what}:1"

    def remove_image(self, host, image_id, report, cancel, *, force=False):
        self._called("remove_image", host, image_id, force)

    def prune_images(self, host):
        self._called("prune_images", host)
        return 3 * GIB

    def newer_image(self, host, reference):
        self._called("newer_image", host, reference)
        return True

    def capture(self, ref, *, compose=False):
        self._called("capture", ref)
        return self.inspected.get("captured", "image: t\n")

    def save_captured(self, ref, name):
        self._called("save_captured", ref, name)
        return f"/home/alice/.config/gpuws/profiles/{name}.yaml"

    def plan_clone(self, ref, host, want):
        self._called("plan_clone", ref, host, want)
        return self.plan(host, "torch-dev", want)

    def drift(self, ref):
        self._called("drift", ref)
        return self.inspected.get("drift", ())

    def recreate(self, ref, report, cancel):
        self._called("recreate", ref)
        return Ref(ref.host, "newer-id")

    def attach(self, place, session, size, *, term="xterm-256color", how=None, mine=None):
        self._called("attach", place, session, size)
        self.manners.append(how)
        return object()

    def interactive(self, place, argv, size, *, term="xterm-256color", user=None, cwd=None, env=()):
        self._called("interactive", place, tuple(argv), size, tuple(env))
        return object()

    def preview(self, place, session, pane=None, *, colours=True, lines=100):
        self._called("preview", place, session)
        return PaneScreen(lines=(f"\x1b[31mstep of {session}\x1b[0m\x1b]0;title\x07",))

    def new_session(self, place, name, *, directory="", argv=()):
        self._called("new_session", place, name, directory, tuple(argv))

    def rename_session(self, place, name, new):
        self._called("rename_session", place, name, new)

    def detach_clients(self, place, name):
        self._called("detach_clients", place, name)

    def kill_session(self, place, name):
        self._called("kill_session", place, name)

    def read_notebooks(self, host):
        self._called("read_notebooks", host)
        return True

    def act_on_kernel(self, host, kernel, act):
        self._called("act_on_kernel", host, kernel, act)

    def open_tunnel(self, target, local_port=None, *, keep=True, bind=""):
        self._called("open_tunnel", target, local_port, *([bind] if bind else []))
        return Tunnel("t1", target, local_port or 20001, bind=bind)

    def listening_ports(self, place):
        self._called("listening_ports", place)
        return self.ports

    def open_jupyter(self, place, local_port=None, *, port=None, keep=True):
        self._called("open_jupyter", place, *([port] if port else []))
        if port is None and len(self.servers) > 1:
            raise Ambiguous("several Jupyter servers run there")
        return Tunnel(
            "t2",
            TunnelTarget(place.host, place.workspace, 8888, "notebook"),
            20002,
            url="http://127.0.0.1:20002/lab?token=s3cret",
        )

    def notebook_servers(self, place):
        return self.servers

    def stop_jupyter(self, place, port=None):
        self._called("stop_jupyter", place, port)

    def jupyter_log(self, place):
        self._called("jupyter_log", place)
        return ("Serving notebooks", "http://127.0.0.1:8888/lab?token=***")

    def close_tunnel(self, tunnel_id):
        self._called("close_tunnel", tunnel_id)

    def tunnels(self):
        return tuple(self._tunnels)

    def waits(self):
        return self.queue


def lab():
    """alpha: mine, bob's and a free GPU; bravo: carol's. Containers and sessions on both."""
    mine = gpu(0, user="alice", name="torch-dev", kind="container", used=70, mine=True)
    bobs = gpu(1, user="bob", name="jup", kind="container", used=20)
    alpha = snapshot(
        "alpha",
        gpus=(mine, bobs, gpu(2)),
        workspaces=(container(), container("jup", owner="bob", mine=False), container("old", state="exited")),
        sessions=(session(), session("inner", container="torch-dev")),
    )
    carols = gpu(0, user="carol", name="sweep.py", used=30, host="bravo")
    bravo = snapshot("bravo", gpus=(carols, gpu(1, host="bravo")))
    return StubFleet(alpha, bravo)


def down(name="golf", **more):
    return replace(
        snapshot(name), state=HostState.DOWN, error="did not answer within 10 s", remedy="is it on?", updated_at=None,
        **more,
    )  # fmt: skip
