"""A `docker run` line, as people paste it, as a profile; and one line for each thing that is lost."""

from __future__ import annotations

import pytest
import yaml

from gpuws.config.imports.run.flags import FLAGS
from gpuws.config.imports.run.line import read_run_lines
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.errors import UsageError

USUAL = {"image": "i", "user": "image", "init": False}
"""What docker means by saying nothing."""


def read(text):
    (found,) = read_run_lines(text, "", "pasted")
    return found


def said(text):
    """What a line says beyond docker's usual, and what is lost."""
    found = read(text)
    keys = {"init": True, "user": "host", **yaml.safe_load(found.text)}
    return {key: value for key, value in keys.items() if USUAL.get(key, ...) != value}, [str(one) for one in found.lost]


def kept(flags):
    keys, lost = said(f"docker run {flags} i")
    assert lost == []
    return keys


@pytest.mark.parametrize(
    ("flags", "keys"),
    [
        ("", {}),
        ("--gpus all", {"gpus": "all"}),
        ("--gpus=2", {"gpus": 2}),
        ("--gpus 0", {}),
        ("""--gpus '"device=0,1"'""", {"gpus": [0, 1]}),
        ('--gpus \\"device=3\\"', {"gpus": [3]}),
        ("--gpus device=0,1", {"gpus": [0, 1]}),
        ("--gpus device=GPU-1a2b3c4d", {"gpus": ["GPU-1a2b3c4d"]}),
        ("--gpus count=2,driver=nvidia,capabilities=gpu", {"gpus": 2}),
        ("--device nvidia.com/gpu=all", {"gpus": "all"}),
        ("--device nvidia.com/gpu=0 --device nvidia.com/gpu=1", {"gpus": [0, 1]}),
        ("--device /dev/nvidia0 --device /dev/nvidiactl --device /dev/nvidia-uvm", {"gpus": [0]}),
        ("--runtime nvidia -e NVIDIA_VISIBLE_DEVICES=1,3", {"gpus": [1, 3]}),
        ("--runtime=nvidia --gpus all -e NVIDIA_VISIBLE_DEVICES=all", {"gpus": "all"}),
        ("-e NVIDIA_VISIBLE_DEVICES=void", {}),
        ("-it", {"tty": True, "stdin_open": True}),
        ("-dit --rm", {"tty": True, "stdin_open": True, "auto_remove": True}),
        ("-t=false --rm=false --init=true", {"init": True}),
        ("-itv /a:/b", {"tty": True, "stdin_open": True, "volumes": ["/a:/b"]}),
        ("-itp8080:80", {"tty": True, "stdin_open": True, "ports": ["0.0.0.0:8080:80"]}),
        ("-eA=1 -e=B=2 --env C=", {"environment": {"A": "1", "B": "2", "C": ""}}),
        (
            "-e A -e HF_TOKEN=$HF_TOKEN -e DISPLAY=${DISPLAY}",
            {"environment": {"A": None, "HF_TOKEN": None, "DISPLAY": None}},
        ),
        ("-v /a:/b:ro -v data:/c -v /d", {"volumes": ["/a:/b:ro", "data:/c", {"type": "volume", "target": "/d"}]}),
        ("-v ~/x.txt:/x.txt -v $HOME/y.txt:/y.txt", {"volumes": ["~/x.txt:/x.txt", "~/y.txt:/y.txt"]}),
        ("-v ~/x:/x", {"volumes": [{"source": "~/x", "target": "/x", "check": "create"}]}),
        ("--mount type=bind,src=/a,dst=/b,readonly", {"volumes": ["/a:/b:ro"]}),
        ("--mount source=v,target=/v", {"volumes": ["v:/v"]}),
        ("""--mount '"type=bind","source=/a,b","target=/c"' """, {"volumes": ["/a,b:/c"]}),
        ("--mount type=tmpfs,target=/t", {"volumes": [{"type": "tmpfs", "target": "/t"}]}),
        ("--mount type=tmpfs,target=/t,tmpfs-size=1g,tmpfs-mode=1770", {"tmpfs": ["/t:size=1g,mode=1770"]}),
        ("--tmpfs /run:rw,size=64m", {"tmpfs": ["/run:rw,size=64m"]}),
        ("-p 8000:8000", {"ports": ["0.0.0.0:8000:8000"]}),
        ("-p 127.0.0.1:8000:80/tcp -p [::1]:1:2", {"ports": ["8000:80", "[::1]:1:2"]}),
        ("-p 8888-8889:88-89", {"ports": ["0.0.0.0:8888:88", "0.0.0.0:8889:89"]}),
        ("--expose 6006 --expose 7000-7001/tcp", {"ports": [6006, 7000, 7001]}),
        ("-m 8g", {"mem_limit": "8g", "memswap_limit": "16g"}),
        ("-m 8g --memory-swap 8g", {"mem_limit": "8g"}),
        (
            "--memory=8g --memory-swap=-1 --memory-reservation 4g",
            {"mem_limit": "8g", "memswap_limit": -1, "mem_reservation": "4g"},
        ),
        ("--cpus 1.5 --cpu-shares 512 --cpuset-cpus 0-3", {"cpus": 1.5, "cpu_shares": 512, "cpuset": "0-3"}),
        ("--cpu-quota 150000", {"cpus": 1.5}),
        ("--cpu-quota 100000 --cpu-period 50000", {"cpus": 2}),
        (
            "--shm-size=16gb --ipc host --pid=host --uts host",
            {"shm_size": "16g", "ipc": "host", "pid": "host", "uts": "host"},
        ),
        ("--net host -h box --dns 192.0.2.1", {"network_mode": "host", "hostname": "box", "dns": ["192.0.2.1"]}),
        ("--network bridge", {"network_mode": "bridge"}),
        ("--add-host db:192.0.2.7 --add-host=gw=host-gateway", {"extra_hosts": ["db:192.0.2.7", "gw:host-gateway"]}),
        (
            "--ulimit memlock=-1 --ulimit nofile=1024:2048",
            {"ulimits": {"memlock": -1, "nofile": {"soft": 1024, "hard": 2048}}},
        ),
        ("--ulimit memlock=-1:-1", {"ulimits": {"memlock": -1}}),
        (
            "--cap-add SYS_PTRACE --cap-add=cap_sys_nice --cap-drop ALL",
            {"cap_add": ["SYS_PTRACE", "SYS_NICE"], "cap_drop": ["ALL"]},
        ),
        (
            "--security-opt seccomp=unconfined --security-opt label:disable",
            {"security_opt": ["seccomp=unconfined", "label=disable"]},
        ),
        ("--privileged --read-only", {"privileged": True, "read_only": True}),
        (
            "--device /dev/infiniband --device /dev/fuse:/dev/f:r",
            {"devices": ["/dev/infiniband", "/dev/fuse:/dev/f:r"]},
        ),
        ("--device-cgroup-rule 'c 81:* rmw'", {"device_cgroup_rules": ["c 81:* rmw"]}),
        ("-u $(id -u):$(id -g)", {"user": "host"}),
        ('--user "$UID:`id -g`"', {"user": "host"}),
        ("-u root", {"user": "root"}),
        ("-u 1000:100", {"user": "1000:100"}),
        ("-u jovyan --group-add users", {"user": "jovyan", "group_add": ["users"]}),
        ("-w /work --entrypoint bash", {"working_dir": "/work", "entrypoint": ["bash"]}),
        ("--entrypoint ''", {"entrypoint": []}),
        (
            "--restart on-failure:3 --stop-signal INT --stop-timeout 20",
            {"restart": "on-failure:3", "stop_signal": "SIGINT", "stop_grace_period": "20s"},
        ),
        (
            "--health-cmd 'curl -f x || exit 1' --health-interval 1m30s --health-retries 3",
            {"healthcheck": {"test": ["CMD-SHELL", "curl -f x || exit 1"], "interval": "90s", "retries": 3}},
        ),
        ("--no-healthcheck", {"healthcheck": {"test": ["NONE"]}}),
        ("--log-driver local --log-opt max-size=1m", {"logging": {"driver": "local", "options": {"max-size": "1m"}}}),
        ("--log-opt max-size=1m", {"logging": {"options": {"max-size": "1m"}}}),
        ("-l team=vision --label gpuws.owner=eve", {"labels": {"team": "vision"}}),
        ("--env-file /home/me/x.env", {"env_file": ["/home/me/x.env"]}),
        (
            "--sysctl net.core.somaxconn=1024 --oom-score-adj -500",
            {"sysctls": {"net.core.somaxconn": "1024"}, "oom_score_adj": -500},
        ),
        ("--pull always -q --sig-proxy=false --disable-content-trust", {"pull_policy": "always"}),
        (
            "--userns host --dns-search lab.example --dns-opt ndots:2",
            {"userns_mode": "host", "dns_search": ["lab.example"], "dns_opt": ["ndots:2"]},
        ),
        ("-e A='$HOME' -e B='${HOME}' -e 'C=$$'", {"environment": {"A": "$HOME", "B": "$${HOME}", "C": "$$$$"}}),
        ("-e M=${MODEL:-org/model}", {"environment": {"M": "org/model"}}),
        (
            "-v /home/$USER/x:/x -e WHO=$(whoami)",
            {"volumes": ["/home/${user}/x:/x"], "environment": {"WHO": "${user}"}},
        ),
    ],
)
def test_what_a_flag_comes_to(flags, keys):
    assert kept(flags) == keys


@pytest.mark.parametrize(
    ("flags", "keys", "lost"),
    [
        ("-e TOKEN=hunter2", {"environment": {"TOKEN": None}}, "TOKEN: it looks secret"),
        ("-e HF_TOKEN=<your token>", {"environment": {"HF_TOKEN": None}}, "HF_TOKEN: what <your token> is"),
        ("-e X=$Y", {"environment": {"X": None}}, "X: what $Y is, is not known here"),
        (
            "-e P=/x:$PATH",
            {"environment": {"P": "/x:${PATH}"}},
            "$PATH: nothing is run or looked up: ${PATH} stands in env",
        ),
        (
            "-v $PWD:/w",
            {"volumes": ["${PWD}:/w"]},
            "$PWD: nothing is run or looked up: ${PWD} stands in volumes — write",
        ),
        ("-v `pwd`/a:/w", {"volumes": ["${PWD}/a:/w"]}, "`pwd`: nothing is run"),
        ("-v ./a:/w", {"volumes": ["${PWD}/a:/w"]}, "./a: nothing is run"),
        ("-v $(realpath x):/w", {"volumes": ["${realpath_x}:/w"]}, "$(realpath x): nothing is run"),
        ("--name $USER-x", {}, "--name ${user}-x: a container's name knows no variables"),
        ("-p 80", {"ports": [80]}, "--publish 80: nothing is published on a port that the engine chooses"),
        ("-p 53:53/udp", {}, "--publish 53:53/udp: a profile's ports are TCP"),
        ("--userns keep-id", {"user": "host"}, "--userns keep-id: podman's own"),
        ("-P", {}, "-P: nothing is published that is not named"),
        ("-v /a:/b:z", {"volumes": ["/a:/b"]}, "z of /a:/b:z: a profile sets no SELinux label"),
        ("-v /a:/b:ro,cached", {"volumes": ["/a:/b:ro"]}, "cached of /a:/b:ro,cached: it is for Docker Desktop"),
        ("-v /a:/b:rslave", {"volumes": ["/a:/b"]}, "rslave of /a:/b:rslave: a profile doesn't say how mounts spread"),
        ("--gpus 'all,capabilities=utility'", {"gpus": "all"}, "--gpus capabilities=utility: a profile gives all"),
        ("--gpus device=0:1", {}, "GPU 0:1: a profile names GPUs by index or by UUID"),
        ("--runtime nvidia", {"gpus": "all"}, "--runtime nvidia: which GPUs, its image says"),
        ("--runtime sysbox-runc", {}, "--runtime sysbox-runc: a profile runs with the engine's own runtime"),
        ("--cidfile /tmp/x", {}, "--cidfile /tmp/x: nothing is written on this machine"),
        ("--link db", {}, "--link db: containers on one network find each other by name"),
        ("--network a --network b", {"network_mode": "a"}, "--network b: a profile has one network"),
        ("--network name=a,alias=x", {"network_mode": "a"}, "--network alias=x: a profile says a network's name only"),
        ("--platform linux/arm64", {}, "--platform linux/arm64: a host runs its own"),
        ("--security-opt seccomp=/x.json", {}, "--security-opt seccomp=/x.json: a profile can't say it"),
        (
            "--device vendor.com/nic=0",
            {},
            "--device vendor.com/nic=0: of such devices a profile says NVIDIA's GPUs only",
        ),
        ("--volumes-from x", {}, "--volumes-from x: a profile takes no other container's mounts"),
        ("--env-file .env", {"env_file": [".env"]}, "--env-file .env: it is looked for beside the profile's file"),
        ("--cpuset-mems 0", {}, "--cpuset-mems 0: a profile has no key for it"),
        ("--mount type=image,source=x,target=/x", {}, "--mount type=image,source=x,target=/x: a profile mounts binds"),
        ("-m $MEM", {"mem_limit": "${MEM}"}, "$MEM: nothing is run or looked up: ${MEM} stands in mem_limit"),
        ("--label note=token=hunter2x", {}, "the label note: it may hold a secret"),
    ],
)
def test_what_can_not_be_said_is_a_line(flags, keys, lost):
    found, (line,) = said(f"docker run {flags} i")
    assert (found, line.removeprefix("line 1: ").startswith(lost)) == (keys, True), line


@pytest.mark.parametrize(
    "text",
    [
        "$ docker run --gpus all i",
        "# docker run --gpus all i",
        "me@gpu1:~/x$ sudo docker run --gpus all i",
        "(base) root@abc:/# docker run --gpus all i",
        "sudo -E docker container run --gpus all i",
        "podman run --gpus all i",
        "/usr/bin/docker run --gpus all i",
        "NV_GPU=all nvidia-docker run i",
        "PS C:\\> docker run `\n  --gpus all `\n  i",
        "docker run ^\r\n  --gpus all ^\r\n  i\r\n",
        "docker run \\\n  --gpus all \\\n  i",
        "docker run \\ \n  --gpus all \\\t\n  i",
        "docker run \\\n  --gpus all \\ # the cards\n  i",
        "docker run \\\n  # the cards\n  --gpus all \\\n  i   # the image",
        "docker run\n  --gpus all i",
        "docker \\\n run --gpus all i",
        "\ufeffdocker run –gpus all i",
        "docker run —gpus all i",
        "docker\xa0run --gpus “all” i",
        "docker run --gpus ‘all’ i",
        "```bash\ndocker run --gpus all i\n```",
        "1. docker run --gpus all i",
        "- `docker run --gpus all i`",
        "ID=$(docker run --gpus all i)",
        "alias x='docker run --gpus all i'",
        "!docker run --gpus all i",
    ],
)
def test_it_is_read_as_it_is_pasted(text):
    assert said(text) == ({"gpus": "all"}, [])


@pytest.mark.parametrize(
    ("text", "command", "lost"),
    [
        ("docker run i python train.py --lr 1e-3 -v", ["python", "train.py", "--lr", "1e-3", "-v"], []),
        ("docker run -- i -x", ["-x"], []),
        ('docker run i sh -c "cd /x && python a.py | tee log"', ["sh", "-c", "cd /x && python a.py | tee log"], []),
        ("docker run i sh -c 'echo ${X} $Y'", ["sh", "-c", "echo $${X} $$Y"], []),
        ('docker run i bash -c "a\n  b"', ["bash", "-c", "a\n  b"], []),
        ("docker run i a\\ b $'c\\td'", ["a b", "c\td"], []),
        ("docker run i --key sk-abcdefghijklmnop", ["--key", "***"], ["something in it looks like a secret"]),
        ("docker run i x | tee log", ["x"], ["| tee log: a shell's own"]),
        ("docker run i x && echo done", ["x"], ["&& echo done: a shell's own"]),
        ("docker run i x > out 2>&1 &", ["x"], ["> out 2>&1 &: a shell's own"]),
        (
            "docker run i run $N 'a b'",
            ["run", "${N}", "a b"],
            ["$N: nothing is run or looked up: ${N} stands in command"],
        ),
        ("N=5\ndocker run i run $N", ["run", "${N}"], ["the text sets it: write 5 there", "line 1: not read"]),
        ("cd /x\nexport A=1\ndocker run i x\ndocker ps", ["x"], ["lines 1, 2, 4: not read: only docker run is"]),
        ("docker -H ssh://gpu1 run i x", ["x"], ["docker -H ssh://gpu1: which engine it runs on"]),
        ("ssh me@gpu1 docker run -d i x", ["x"], ["ssh me@gpu1: which host it runs on"]),
        ("CUDA_VISIBLE_DEVICES=0 docker run i x", ["x"], ["CUDA_VISIBLE_DEVICES=0: docker does not hand it on"]),
    ],
)
def test_what_stands_behind_the_image_and_around_the_line(text, command, lost):
    found, lines = said(text)
    assert found["command"] == command
    assert len(lines) == len(lost)
    assert all(part in line for part, line in zip(lost, lines, strict=True)), lines


def test_several_lines_are_several_profiles():
    found = read_run_lines("docker run --name a x/i:1\n\n# then\ndocker run --name b j", "", "pasted")
    assert [(one.name, one.container) for one in found] == [("a", "a"), ("b", "b")]


def test_no_flag_stands_twice():
    names = [name for flag in FLAGS for name in flag.names]
    assert len(names) == len(set(names))


BROKEN = [
    "",
    "   ",
    "docker",
    "docker run",
    "docker run\n",
    "docker ps",
    "docker compose run x",
    "run i",
    "echo hi",
    "docker run --gpus",
    "docker run --gpus all",
    "docker run -v",
    "docker run -it",
    "docker run --",
    "docker run -d \\",
    "docker run --gpsu all i",
    "docker run -z i",
    "docker run -itz i",
    "docker run --no-such=1 i",
    "docker run --rm=maybe i",
    "docker run 'i",
    'docker run "i',
    "docker run `i",
    "docker run $(i",
    "docker run ${i",
    "docker run $'i",
    "docker run -e 'A=b i",
    'docker run --gpus \'"device=0,1" i',
    "docker run -m lots i",
    "docker run -m -5 i",
    "docker run -m 8g --memory-swap 4g i",
    "docker run --shm-size big i",
    "docker run --cpus many i",
    "docker run --cpus -1 i",
    "docker run --cpu-quota x i",
    "docker run --cpu-shares x i",
    "docker run --cpuset-cpus a-b i",
    "docker run -p x:y i",
    "docker run -p 99999:80 i",
    "docker run -p 80:1-2 i",
    "docker run -p 9-1:9-1 i",
    "docker run -p 1:1 -p 1:1 i",
    "docker run -p 1-9999:1-9999 i",
    "docker run -v : i",
    "docker run -v a:b:c:d i",
    "docker run -v /a:b i",
    "docker run -v 'a b:/c' i",
    "docker run -v /a:/b -v /c:/b i",
    "docker run --mount type=bind,target=/x i",
    "docker run --mount nonsense i",
    "docker run --mount type=bind,source=/a i",
    "docker run --tmpfs run i",
    "docker run --ulimit nofile i",
    "docker run --ulimit nofile=x i",
    "docker run --ulimit nosuch=1 i",
    "docker run --ulimit nofile=5:1 i",
    "docker run --cap-add NOSUCH i",
    "docker run --gpus many i",
    "docker run --gpus colour=1 i",
    "docker run --restart sometimes i",
    "docker run --rm --restart always i",
    "docker run --stop-signal NOPE i",
    "docker run --stop-timeout soon i",
    "docker run --health-interval soon --health-cmd x i",
    "docker run --pull later i",
    "docker run --dns nowhere i",
    "docker run --add-host x i",
    "docker run --ipc weird i",
    "docker run --pid weird i",
    "docker run -h 'a b' i",
    "docker run -u 'a b c' i",
    "docker run -w relative i",
    "docker run --device nothing i",
    "docker run --sysctl x i",
    "docker run --oom-score-adj 5000 i",
    "docker run --pids-limit x i",
    "docker run -e =x i",
    "docker run -e '' i",
    "docker run '' x",
    "docker run \x00 i",
    "docker run -e 'A=\x07' i",
    "docker run " + "-i" * 5000,
    "docker run " + "`" * 99,
    "docker run $(" * 500,
]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_line_is_one_clear_report(text):
    with pytest.raises(UsageError) as caught:
        read_run_lines(text, "", "pasted")
    report = str(caught.value)
    assert report
    assert "Traceback" not in report
    if isinstance(caught.value, ConfigProblems):
        assert all(problem.line >= 1 and problem.message for problem in caught.value.problems)
    assert len(report) < 2000
