"""Each fault ends in one clear sentence with the remedy and the right exit code; other hosts go on."""

import socket

import pytest

from tests.e2e.gpuws import PROFILE, configured
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]


def user(lab, tmp_path, hosts, **profiles):
    text = f"hosts: {{{hosts}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    return configured(tmp_path / "ada", text, [("lab", PROFILE), *profiles.items()])


def says(done, code, *words):
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, (word, done.stderr)
    return done


def test_an_unreachable_host(lab, tmp_path):
    says(
        user(lab, tmp_path, "nowhere: {}, charlie: {}").run("gpus"),
        3,
        "gpuws: nowhere: 127.0.0.19 port 2022 refuses connections — ",
    )


def test_a_refused_key(lab, tmp_path):
    done = says(user(lab, tmp_path, "alpha-nokey: {}, charlie: {}").run("gpus"), 3, "alpha-nokey")
    assert "charlie" in done.stdout


def test_a_changed_host_key_shows_both_fingerprints_and_is_never_overridden(lab, tmp_path):
    ada = user(lab, tmp_path, "charlie: {}, alpha: {}")
    faults.new_host_key("charlie")
    try:
        done = says(ada.run("gpus"), 3, "charlie", "ssh-keygen -f", "-R")
        assert done.stderr.count("SHA256:") == 2
        assert "torch-dev" in done.stdout
    finally:
        faults.restore_host_key("charlie")


def test_a_host_without_docker(lab, tmp_path):
    ada = user(lab, tmp_path, "charlie: {}")
    says(ada.run("launch", "lab", "-H", "charlie", "--gpus", "none"), 1, "charlie", "Docker")
    assert ada.run("ps").returncode == 0


def test_a_user_outside_group_docker(lab, tmp_path):
    ada = user(lab, tmp_path, "alpha-carol: {}")
    says(ada.run("launch", "lab", "-H", "alpha-carol"), 3, "carol", "usermod -aG docker carol")
    assert ada.json("gpus")["hosts"][0]["state"] == "up"


def test_a_host_without_python3(lab, tmp_path):
    ada = user(lab, tmp_path, "charlie: {python: /no/such/python3}")
    (host,) = ada.json("gpus")["hosts"]
    assert host["state"] == "up"
    assert "python3" in host["telemetry"]["error"]


def test_an_image_that_is_not_there(lab, tmp_path):
    ada = user(lab, tmp_path, "alpha: {}", missing="image: gpuws-lab/no-such-image:1\npull_policy: never\n")
    says(ada.run("launch", "missing", "-H", "alpha"), 5, "gpuws-lab/no-such-image:1")


def test_a_port_in_use_on_the_host(lab, tmp_path):
    published = "image: gpuws-lab/workspace:latest\npull_policy: never\nports: ['18080:8080']\n"
    ada = user(lab, tmp_path, "alpha: {}", published=published)
    try:
        ada.ok("launch", "published", "-H", "alpha", "--name", "first")
        says(ada.run("launch", "published", "-H", "alpha", "--name", "second"), 5, "18080")
    finally:
        ada.run("rm", "-f", "--yes", "alpha/first")


def test_a_port_in_use_on_the_workstation(lab, tmp_path):
    ada = user(lab, tmp_path, "alpha: {}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        says(ada.run("tunnel", "alpha/torch-dev", f"{port}:8888"), 1, str(port), "in use")


def test_a_profile_with_an_unknown_key(lab, tmp_path):
    ada = user(lab, tmp_path, "alpha: {}", typo="image: x\nmem_limt: 4g\nshm_siz: 1g\n")
    says(ada.run("launch", "typo", "-H", "alpha"), 2, "typo.yaml:2:1", "mem_limit", "typo.yaml:3:1", "shm_size")


def test_a_gpu_that_does_not_exist(lab, tmp_path):
    says(
        user(lab, tmp_path, "alpha: {}").run("launch", "lab", "-H", "alpha", "--gpus", "device=9"),
        5,
        "no GPU 9",
        "0, 1, 2, 3",
    )


def test_more_gpus_than_are_free_says_who_has_them(lab, tmp_path):
    says(
        user(lab, tmp_path, "alpha: {}").run("launch", "lab", "-H", "alpha", "--gpus", "2"),
        5,
        "alice",
        "torch-dev",
        "bert",
    )


def test_a_host_nobody_knows(lab, tmp_path):
    says(user(lab, tmp_path, "alpha: {}").run("attach", "alfa/torch-dev"), 255, "alfa", "alpha")
    says(user(lab, tmp_path, "alpha: {}").run("stop", "--yes", "no-such-container"), 4, "no-such-container")


def test_a_read_only_host_refuses_before_anything_is_sent(lab, tmp_path):
    ada = user(lab, tmp_path, "alpha: {readonly: true}")
    says(ada.run("stop", "--yes", "alpha/torch-dev"), 5, "read-only")
    says(ada.run("launch", "lab", "-H", "alpha"), 5, "read-only")
    says(ada.run("exec", "alpha/torch-dev", "true"), 5, "read-only")
    assert ada.run("logs", "alpha/torch-dev", "--tail", "1").returncode == 0
    assert ada.run("ps").returncode == 0


def test_a_broken_hosts_file_names_every_problem(lab, tmp_path):
    ada = configured(tmp_path / "ada", "hosts:\n  alpha: {jmp: bravo}\n  bravo: {address: -evil}\n")
    says(ada.run("gpus"), 2, "hosts.yaml:2:11", "jump", "hosts.yaml:3")


def test_an_engine_that_is_down(lab, tmp_path):
    ada = user(lab, tmp_path, "bravo: {}, alpha: {}")
    faults.stop_engine("bravo")
    try:
        done = ada.run("ps")
        assert "torch-dev" in done.stdout
        assert "Traceback" not in done.stderr
        says(ada.run("launch", "lab", "-H", "bravo"), 3, "bravo")
    finally:
        faults.start_engine("bravo")
