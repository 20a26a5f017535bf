"""The doctor's rules over what is known of a host: each made to warn, each made to be content, each without facts."""

import shlex
from dataclasses import replace

import pytest

from gpuws.engines.docker.caps import CAPS
from gpuws.engines.docker.existing import states
from gpuws.model import checkup as folder
from gpuws.model.checkup import gpus
from gpuws.model.checkup import rules as table
from gpuws.model.checkup.facts import Claims, Exam, Leftovers, LinkFacts, MachineFacts, Opener, Owned, Shut
from gpuws.model.checkup.rules import checkup, summary, unreached, worst
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder
from gpuws.model.gpu.reading import Disk, FaultSources, Gap, GpuDetail, HostFacts, ProbeCost, Throttled, Xid
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ownership.identity import Me
from gpuws.model.placement.plan import Check
from gpuws.model.workspace.engine import EngineInfo
from gpuws.model.workspace.workspace import Container as WorkspaceOf
from gpuws.model.workspace.workspace import Port, Ref, Workspace
from tests.rules import written

NOW = 1_800_000_000.0
GIB = 1 << 30
FACTS = HostFacts("alice", 1000, 1000, (), "/home/alice", "alpha", python="3.11.2", interpreter="/usr/bin/python3")
WELL = GpuDetail(throttle=(), ecc_uncorrected=0, remap_pending=False, remap_failed=False)
HELD = Holder("container", "jup", "alice", 7200, True, "watched since 12:00")


def gpu(index=0, **more):
    told = {"memory_used": 0, "memory_total": 80 * GIB, "utilization": 0.0, "persistence": True, "detail": WELL}
    return Gpu(index, f"GPU-{index}", "NVIDIA H100", **{**told, **more})


def snapshot(**more):
    told = {
        "state": HostState.UP,
        "updated_at": NOW,
        "latency": 0.0004,
        "facts": replace(FACTS, has_tmux=True),
        "telemetry": "nvml",
        "driver": "580.95.05",
        "cuda": "13.0",
        "gpus": (gpu(), gpu(1)),
        "memory_total": 512 * GIB,
        "disks": (Disk("/", 10 * GIB, 100 * GIB),),
        "xids": (),
        "cost": ProbeCost(0.05, 31 << 20, 0.1, 3600.0, 14 << 20),
        "engine": EngineInfo("docker", version="26.1"),
    }
    return HostSnapshot("alpha", **{**told, **more})


LINK = LinkFacts("OpenSSH_9.2p1", "ssh-ed25519 SHA256:abc", 0.03, sessions=2)
MACHINE = MachineFacts(
    ahead=0.0, hidepid="", shm=Disk("/dev/shm", 0, 256 * GIB), memory_available=400 * GIB, swap_used=0,
    swap_total=8 * GIB, tmux="tmux 3.4", cards=2, module="580.95.05", kills=False, lingers=False,
)  # fmt: skip


def rows(link=LINK, machine=MACHINE, misreports=False, left=None, shut=(), claims=None, **more):
    return checkup(Exam(snapshot(**more), NOW, 1800.0, link, machine, misreports, left, shut, claims))


def found(checks, name):
    return [check for check in checks if check.name == name and check.status != "ok"]


def test_a_host_without_fault_has_only_good_rows_and_says_what_they_rest_on():
    checks = rows()
    assert worst(checks) == "ok"
    said = {check.name: check.detail for check in checks}
    assert said["link"] == "logged in within 30 ms, round trip 0.4 ms, OpenSSH_9.2p1"
    assert said["driver"] == "580.95.05, CUDA 13.0, read by nvml"
    assert said["agent"].startswith(
        "gpuws' own agent takes 0.05% of a core over 1h00, 14M of memory (31M with libraries'"
    )
    assert said["gpu"] == "GPUs 0, 1 answer"
    assert summary(checks) == f"all is well, {len(checks)} checks"


def test_what_nobody_knows_has_no_row():
    bare = HostSnapshot("alpha", HostState.UP)
    checks = checkup(Exam(bare, NOW, 1800.0))
    assert [(check.name, check.status) for check in checks] == [("link", "ok")]


def test_who_i_am_is_said_where_others_use_my_login():
    assert "shared_login" not in {check.name for check in rows()}
    said = {check.name: check.detail for check in rows(me=Me("ada", shared=True))}
    assert said["shared_login"].endswith("mine is only what is labelled as ada's")


@pytest.mark.parametrize(
    ("name", "status", "detail", "remedy", "changed"),
    [
        ("link", "warn", "logged in within 4.2 s", "UseDNS no", {"link": replace(LINK, login=4.2)}),
        ("link", "warn", "round trip 450 ms", "jump", {"latency": 0.45}),
        ("link", "warn", "link lost", "", {"state": HostState.STALE, "error": "link lost: no answer"}),
        ("host_key", "warn", "gave up", "ssh-keygen -A", {"link": replace(LINK, host_key="ssh-dss SHA256:x")}),
        ("login", "warn", "needs you", "ssh-copy-id alpha", {"link": replace(LINK, needed_human=True)}),
        ("keys", "warn", "others can read /k: not used", "chmod 600 /k", {"link": replace(LINK, exposed=("/k",))}),
        ("sessions", "warn", "usually allow 10", "", {"link": replace(LINK, sessions=9, needed_human=True)}),
        ("forwarding", "warn", "forbids forwarding to /var/run/docker.sock", "AllowStreamLocalForwarding yes",
         {"link": replace(LINK, forbidden=("/var/run/docker.sock",))}),
        ("clock", "warn", "12s ahead of", "timedatectl", {"machine": replace(MACHINE, ahead=12.4)}),
        ("clock", "warn", "2m behind", "timedatectl", {"machine": replace(MACHINE, ahead=-130.0)}),
        ("python", "warn", "no python3 found on the host: nvidia-smi is read instead", "install python3",
         {"facts": None, "telemetry": "nvidia-smi",
          "warnings": (Fault("no-python", "no python3 found on the host", "install python3 or set `python:`"),)}),
        ("agent", "warn", "0.9% of a core", "telemetry_interval", {"cost": ProbeCost(0.9, 14 << 20, age=4000.0)}),
        ("agent", "warn", "40M of memory", "", {"cost": ProbeCost(0.1, 60 << 20, age=9.0, own=40 << 20)}),
        ("driver", "fail", "reboot pending", "sudo reboot",
         {"gpus": (), "telemetry": None, "telemetry_error": Fault("reboot-pending", "upgraded, reboot pending")}),
        ("driver", "fail", "not loaded", "modprobe nvidia",
         {"gpus": (), "telemetry": None, "telemetry_error": Fault("not-loaded", "NVIDIA driver not loaded (…)")}),
        ("driver", "fail", "2 NVIDIA GPUs on the bus", "nvidia-driver",
         {"gpus": (), "telemetry": None, "telemetry_error": Fault("no-driver", "no NVIDIA driver")}),
        ("driver", "warn", "neither amd-smi nor rocm-smi", "install amd-smi-lib",
         {"gpus": (), "telemetry": None,
          "telemetry_error": Fault("no-driver", "neither amd-smi nor rocm-smi is there", "install amd-smi-lib")}),
        ("gpu", "fail", "amd-smi tells no figures of it", "grep -i amdgpu",
         {"gpus": (gpu(vendor="amd", health="error", error="amd-smi tells no figures of it"),)}),
        ("driver", "fail", "module 570.1 loaded", "sudo reboot", {"machine": replace(MACHINE, module="570.1")}),
        ("driver", "fail", "NVML not responding for 12 s", "a reboot",
         {"telemetry": None, "telemetry_error": Fault("hung", "NVML not responding for 12 s")}),
        ("driver", "warn", "can't load libnvidia-ml.so.1", "libraries are missing",
         {"telemetry": "nvidia-smi", "telemetry_error": Fault("no-library", "can't load libnvidia-ml.so.1, though …")}),
        ("gpu", "fail", "GPUs 0-2: NVML not responding", "dmesg",
         {"gpus": tuple(gpu(i, health="error", error="NVML not responding for 12 s") for i in range(3))}),
        ("persistence", "warn", "off for GPU 1", "nvidia-persistenced", {"gpus": (gpu(), gpu(1, persistence=False))}),
        ("gpu", "fail", "GPU 1: GPU is lost", "sudo reboot, once nobody works there",
         {"gpus": (gpu(), gpu(1, health="lost", error="GPU is lost: it has fallen off the bus"))}),
        ("gpu", "fail", "GPU 0: reset required", "--gpu-reset -i 0", {"gpus": (gpu(health="reset-required"),)}),
        ("ecc", "warn", "3 uncorrected", "ROW_REMAPPER -i 0",
         {"gpus": (gpu(detail=replace(WELL, ecc_uncorrected=3)),)}),
        ("ecc", "warn", "at its next reset", "--gpu-reset", {"gpus": (gpu(detail=replace(WELL, remap_pending=True)),)}),
        ("ecc", "fail", "failed", "RMA", {"gpus": (gpu(detail=replace(WELL, remap_failed=True)),)}),
        ("xid", "warn", "Xid 79 at 0000:3b:00, 1h00 ago: fallen off", "Xid 79",
         {"xids": (Xid(79, "0000:3b:00", "fallen off", NOW - 3600), Xid(13, "0000:3b:00", "old", NOW - 90000))}),
        ("xid", "warn", "Xid 31 at 0000:3b:00, 1m ago: a program touched memory", "a program's fault, the GPU is well",
         {"xids": (Xid(31, "0000:3b:00", "", NOW - 60), Xid(13, "0000:3b:00", "", NOW - 7200))}),
        ("xid", "warn", "fault at 0000:3b:00, 1m ago: GPU unavailable", "ROW_REMAPPER",
         {"xids": (Xid(None, "0000:3b:00", "GPU unavailable", NOW - 60),)}),
        ("xid", "warn", "faults can't be read here: the log is closed", "usermod -aG systemd-journal",
         {"xids": None, "faults": FaultSources(why="the log is closed")}),
        ("clocks", "warn", "GPU 0 was throttled by heat for 2m of the last 1h00", "-i 0",
         {"gpus": (gpu(throttled=Throttled(3600.0, 1800.0, 150.0)), gpu(1, throttled=Throttled(3600.0, 9.0, 5.0)))}),
        ("clocks", "warn", "GPU 0 is throttled by hardware thermal, 91 °C", "-i 0",
         {"gpus": (gpu(temperature=91.0, detail=replace(WELL, throttle=("power cap", "hardware thermal"))),)}),
        ("ghost", "warn", "100% without a process", "-i 0, when nobody works", {"gpus": (gpu(utilization=100.0),)}),
        ("gpu", "warn", "GPUs 0, 1: memory can't be read: no permission, so never", "access to /dev/nvidia",
         {"gpus": tuple(gpu(i, gaps=(Gap("memory", "no permission"),)) for i in range(2))}),
        ("gpu_unseen", "warn", "GPU 1: 9.0G in use by nobody visible", "fuser -v /dev/nvidia1",
         {"gpus": (gpu(), gpu(1, memory_used=9 * GIB))}),
        ("gpu_lost", "fail", "torch-dev, yours, may not open /dev/nvidiactl any more", "gpuws restart alpha/torch-dev",
         {"shut": (Shut("torch-dev", "/dev/nvidiactl"),)}),
        ("kernel_left", "warn", "process 77, a kernel of yours, runs without its Jupyter server, and holds GPU 1",
         "kill 77", {"left": Leftovers(kernels=(77,)), "gpus": (gpu(), gpu(1, processes=(GpuProcess(77),)))}),
        ("shm_left", "warn", "90M in 2 files of yours that no program", "rm -- '/dev/shm/b c' /dev/shm/a",
         {"left": Leftovers((("/dev/shm/a", 30 << 20), ("/dev/shm/b c", 60 << 20)))}),
        ("pids", "warn", "misreports", "535.104", {"misreports": True, "driver": "535.54.03"}),
        ("processes", "warn", "hidepid=2", "remount,hidepid=0", {"machine": replace(MACHINE, hidepid="2")}),
        ("telemetry", "warn", "something odd", "do this", {"warnings": (Fault("other", "something odd", "do this"),)}),
        ("engine", "fail", "may not use Docker", "usermod",
         {"engine": EngineInfo("docker", error="carol may not use Docker on alpha", remedy="usermod -aG docker")}),
        ("disk", "warn", "/data 93% full, 7.0G of 100G free", "du -xhd1 /data",
         {"disks": (Disk("/data", 93 * GIB, 100 * GIB),)}),
        ("disk", "fail", "99% full", "du", {"disks": (Disk("/", 99 * GIB, 100 * GIB),)}),
        ("shm", "warn", "/dev/shm has 64M", "remount,size",
         {"machine": replace(MACHINE, shm=Disk("/dev/shm", 0, 64 << 20))}),
        ("shm", "warn", "95% full", "ls -l /dev/shm", {"machine": replace(MACHINE, shm=Disk("/dev/shm", 95, 100))}),
        ("memory", "warn", "10G of 512G available", "ps aux", {"machine": replace(MACHINE, memory_available=10 * GIB)}),
        ("swap", "warn", "6.0G of 8.0G in use", "vmstat", {"machine": replace(MACHINE, swap_used=6 * GIB)}),
        ("tmux", "warn", "not there", "apt-get install tmux", {"machine": replace(MACHINE, tmux=None), "facts": FACTS}),
        ("logout", "warn", "logind ends", "enable-linger", {"machine": replace(MACHINE, kills=True)}),
        ("idle", "warn", "GPU 0 is yours, jup: idle 2h00 (watched since 12:00)", "gpuws stop alpha/jup",
         {"gpus": (gpu(held_by=(HELD,)),)}),
    ],
)  # fmt: skip
def test_each_rule_can_complain_and_says_what_mends_it(name, status, detail, remedy, changed):
    assert not found(rows(), name)
    complaint = found(rows(**changed), name)
    assert [check.status for check in complaint] == [status]
    assert detail in complaint[0].detail
    assert remedy in complaint[0].remedy


@pytest.mark.parametrize(
    "changed",
    [
        {"gpus": (gpu(held_by=(replace(HELD, mine=False),)),)},
        {"gpus": (gpu(held_by=(replace(HELD, idle_evidence=None),)),)},
        {"gpus": (gpu(held_by=(replace(HELD, idle_seconds=60.0),)),)},
        {"cost": ProbeCost(17.0, 14 << 20, age=1.0)},
        {"gpus": (gpu(detail=replace(WELL, throttle=("power cap",))),)},
        {
            "gpus": (),
            "telemetry": None,
            "telemetry_error": Fault("no-driver", "no NVIDIA driver"),
            "machine": replace(MACHINE, cards=0),
        },
        {"engine": EngineInfo(kind="none", error="charlie has no Docker")},
        {"link": replace(LINK, sessions=12, spilled=3)},
        {"left": Leftovers((("/dev/shm/sem.a", 4096),))},
    ],
    ids=["others", "no evidence", "not for long", "just begun", "at work", "no GPU", "no engine", "spilled", "little"],
)
def test_what_is_no_fault_is_no_complaint(changed):
    assert worst(rows(**changed)) == "ok"


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (replace(LINK, backend="paramiko"), ["paramiko"]),
        (replace(LINK, backend="openssh", why="KnownHostsCommand"), ["openssh: KnownHostsCommand"]),
        (LINK, []),
        (None, []),
    ],
)
def test_what_speaks_ssh_is_told_with_its_reason(link, said):
    assert [check.detail for check in rows(link=link) if check.name == "backend"] == said


def test_an_agent_that_has_just_begun_says_what_its_start_took():
    (row,) = (check for check in rows(cost=ProbeCost(17.0, 14 << 20, age=1.0)) if check.name == "agent")
    assert row.detail.startswith("gpuws' own agent takes 0.17 s of processor time to start")


def test_a_host_that_is_not_reached_has_one_row_with_the_reason():
    down = HostSnapshot("golf", HostState.DOWN, error="no answer within 10 s", remedy="is it on?")
    checks = unreached(Exam(down, NOW, 1800.0))
    assert checks == (Check("link", "fail", "no answer within 10 s", "is it on?"),)
    assert summary(checks) == "not reached"


def test_the_engines_rows_stand_between_the_gpus_and_the_disks():
    names = [
        check.name for check in checkup(Exam(snapshot(), NOW, 1800.0), [Check("toolkit", "warn", "old", "upgrade")])
    ]
    assert names.index("gpu") < names.index("toolkit") < names.index("disk")


def test_a_summary_counts():
    checks = [Check("a", "fail", ""), Check("b", "warn", ""), Check("c", "warn", ""), Check("d", "ok", "")]
    assert (summary(checks), worst(checks)) == ("1 failure, 2 warnings, 4 checks", "fail")


def test_every_rule_has_its_row():
    assert {*table.BEFORE, *table.AFTER} == written(folder, gpus.driver)


def mine(name="web", status="exited", **more):
    told = {"owner": "alice", "owner_is_label": True, "mine": True, **more}
    meaning = states.meaning(status)
    return Workspace(Ref("alpha", f"id-{name}"), name, "alpha", meaning.state, status, meaning.actions, **told)


def on_ports(*published, **more):
    ports = tuple(Port(8080, "127.0.0.1", one) for one in published)
    return mine(oci=WorkspaceOf(image="torch:2", ports=ports), **more)


DOCKER = EngineInfo("docker", version="26.1", caps=CAPS)


def the(name, **changed):
    found_rows = found(rows(engine=DOCKER, **changed), name)
    assert found_rows, name
    return found_rows[0]


def test_a_port_that_mine_wants_is_named_with_who_has_it_and_another_is_offered():
    wanting = on_ports(8080)
    program = the("port_taken", workspaces=(wanting,), claims=Claims({8080: "bob", 8081: ""}))
    assert program.detail == "port 8080, which web, yours, wants, is taken by a program of bob"
    assert (program.mend.kind, program.mend.port, program.mend.instead) == ("port", 8080, 8082)
    assert "-p 127.0.0.1:8082:8080" in program.mend.command
    bobs = on_ports(8080, name="jup", status="running", owner="bob", mine=False)
    held = the("port_taken", workspaces=(wanting, bobs), claims=Claims({8080: "root"}))
    assert held.detail.endswith("is taken by jup, bob's")
    assert the("port_taken", workspaces=(wanting, bobs), claims=Claims()).detail == held.detail
    assert the("port_taken", workspaces=(on_ports(65535),), claims=Claims({65535: ""})).mend is None


@pytest.mark.parametrize(
    ("workspace", "listening"),
    [
        (on_ports(8080), {}),
        (on_ports(8080), {8081: "bob"}),
        (on_ports(8080, status="running"), {8080: "root"}),
        (on_ports(8080, owner="bob", mine=False), {8080: "bob"}),
    ],
)
def test_a_port_is_no_trouble_where_it_is_free_or_mine_has_it(workspace, listening):
    assert not found(rows(engine=DOCKER, workspaces=(workspace,), claims=Claims(listening)), "port_taken")


def test_files_of_roots_are_counted_and_given_to_me_by_an_image_that_is_there():
    row = the(
        "root_files",
        workspaces=(mine(oci=WorkspaceOf(image="torch:2")),),
        claims=Claims(owned=(Owned("web", "/home/alice/a b", 1000, "runs/\x1b[1m", more=True),)),
    )
    assert row.detail.startswith(
        "at least 1000 files of root's in /home/alice/a b, yours, which web has mounted: runs/"
    )
    assert "\x1b" not in row.detail
    words = shlex.split(shlex.split(row.mend.command)[-1])
    assert words[-5:] == ["chown", "-h", "1000:1000", "{}", "+"]
    assert "/home/alice/a b:/mended" in words


def test_what_ended_is_offered_only_where_its_disk_is_nearly_full():
    def offered(status, *workspaces):
        exam = Exam(snapshot(engine=DOCKER, workspaces=workspaces), NOW, 1800.0, LINK, MACHINE)
        return found(checkup(exam, (Check("images", status, "9M free", "docker system df"),)), "ended_left")

    bobs = mine("theirs", owner="bob", mine=False)
    assert not offered("ok", mine())
    assert not offered("fail", bobs, mine(status="running"))
    (row,) = offered("fail", mine("b"), bobs, mine("a"))
    assert row.mend.workspaces == ("id-b", "id-a")
    assert row.mend.command == "ssh alpha 'docker rm b'; ssh alpha 'docker rm a'"
    assert "theirs" not in row.detail + row.mend.command


LINGERING = replace(MACHINE, lingers=True)
MANAGED = Leftovers(managed=("tmux: server",))


def test_lingering_is_asked_for_only_where_something_of_mine_ends_without_it():
    row = the("linger", left=MANAGED)
    assert row.mend.command == "ssh alpha 'loginctl enable-linger'"
    for changed in ({"left": Leftovers()}, {"left": MANAGED, "machine": LINGERING}):
        assert not found(rows(**changed), "linger")


def test_who_has_the_device_of_memory_that_nobody_has_is_named_and_mine_can_be_ended():
    left = Leftovers(openers=(Opener(77, 1, 4242, "python3"), Opener(78, 0, 4243, "nvtop")))
    held = {"gpus": (gpu(), gpu(1, memory_used=9 * GIB))}
    row = the("gpu_unseen", left=left, **held)
    assert row.detail.endswith("in use by nobody visible; it is open to process 77 (python3) of yours")
    assert (row.mend.kind, row.mend.pid, row.mend.began, row.mend.command) == ("end", 77, 4242, "ssh alpha 'kill 77'")
    reaching = mine("priv", "running", owner="bob", mine=False, reach=("all",))
    foreign = the("gpu_unseen", workspaces=(reaching,), **held)
    assert foreign.detail.endswith("it is open to priv, bob's")
    assert foreign.mend is None


def test_a_process_that_works_on_another_gpu_is_not_what_holds_the_memory_of_nobody():
    """CUDA opens the devices of all GPUs: to end it would be to lose a healthy run."""
    busy = gpu(processes=(GpuProcess(77),))
    left = Leftovers(openers=(Opener(77, 1, 4242, "python3"),))
    row = the("gpu_unseen", left=left, gpus=(busy, gpu(1, memory_used=9 * GIB)))
    assert "77" not in row.detail
    assert row.mend is None


def test_what_the_login_of_several_people_left_is_named_and_left_alone():
    left = Leftovers(
        (("/dev/shm/a", 80 << 20),), (77,), ((77, 99),), (Opener(78, 1, 4242, "python3"),), managed=("tmux",)
    )
    checks = rows(left=left, me=Me("ada", shared=True), gpus=(gpu(), gpu(1, memory_used=9 * GIB)))
    said = [one for name in ("shm_left", "kernel_left", "gpu_unseen") for one in found(checks, name)]
    assert len(said) == 3
    assert all("several people's login" in one.detail and one.mend is None for one in said)
    assert not any("kill" in one.remedy or "rm --" in one.remedy for one in said)
    assert all(one.mend is None for one in found(checks, "linger"))


def test_a_full_shm_and_tmp_say_who_has_most_of_it():
    left = Leftovers(large=(("/dev/shm", "bob", 90 << 20), ("/dev/shm", "alice", 5 << 20), ("/tmp", "carol", 7 << 30)))
    shm = replace(MACHINE, shm=Disk("/dev/shm", 95, 100), tmp=Disk("/tmp", 99, 100))
    assert the("shm", left=left, machine=shm).detail.endswith("; 90M of bob's, 5M of yours")
    assert the("disk", left=left, machine=shm).detail.endswith("; 7.0G of carol's")


def test_nothing_is_mended_that_may_be_another_by_now_or_on_a_host_that_is_only_looked_at():
    left = Leftovers(kernels=(77, 78), began=((78, 99),), shm=(("/dev/shm/a", 80 << 20),), managed=("tmux",))
    mends = [check.mend for check in found(rows(left=left), "kernel_left")]
    assert [mend and mend.began for mend in mends] == [None, 99]
    locked = rows(
        left=left, readonly=True, engine=DOCKER, workspaces=(on_ports(8080),), claims=Claims({8080: "bob"}),
        shut=(Shut("web", "/dev/nvidiactl"),),
    )  # fmt: skip
    assert {"kernel_left", "shm_left", "linger", "port_taken", "gpu_lost"} <= {check.name for check in locked}
    assert [check for check in locked if check.mend is not None] == []
