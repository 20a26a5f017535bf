"""What Docker can do, and what people type for it."""

from __future__ import annotations

from gpuws.model.workspace.engine import Caps, Commands

_SWAP = "docker rename {name} {old} && docker create --name {name} … {image}"
"""`…` stands for all the options that the container has now."""
CAPS = Caps(
    commands=Commands(
        start="docker start {name}",
        stop="docker stop {name}",
        stop_within="docker stop -t {grace} {name}",
        restart="docker restart {name}",
        restart_within="docker restart -t {grace} {name}",
        kill="docker kill {name}",
        pause="docker pause {name}",
        unpause="docker unpause {name}",
        rename="docker rename {name} {new}",
        remove="docker rm {name}",
        remove_running="docker rm -f {name}",
        recreate=f"{_SWAP} && docker rm -f {{old}}",
        recreate_running=f"{_SWAP} && docker stop {{old}} && docker start {{name}} && docker rm -f {{old}}",
        republish=f"{_SWAP.replace('…', '-p {publish} …')} && docker rm -f {{old}}",
        own=(
            "docker run --rm --network none -u 0 -v {path}:/mended --entrypoint find {image}"
            " /mended -xdev -user 0 -exec chown -h {owner} '{{}}' +"
        ),
        logs="docker logs -f --tail {tail} {name}",
        logs_with_times="docker logs -f --tail {tail} -t {name}",
        inspect="docker inspect {name}",
        inside="docker exec {name}",
        on_tty="docker exec -it {name}",
        as_root="docker exec -u 0 {name}",
        pull="docker pull {image}",
        remove_image="docker rmi {image}",
        remove_used_image="docker rmi -f {image}",
        prune_images="docker image prune -f",
        save_image="docker save {image}",
        load_image="docker load",
        disk_usage="docker system df",
        remove_volume="docker volume rm {volume}",
    )
)
