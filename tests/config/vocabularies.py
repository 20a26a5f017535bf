"""Words that people bring to a profile from elsewhere: keys of Compose and devcontainer.json, flags of `docker run`."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


COMPOSE_FILE = _words("version name include services networks volumes configs secrets models")
COMPOSE_SERVICE = _words(
    """
    annotations attach build blkio_config cap_add cap_drop cgroup
    cgroup_parent command configs container_name cpu_count cpu_percent cpu_shares cpu_quota cpu_period cpu_rt_period
    cpu_rt_runtime cpus cpuset credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt
    dns_search domainname entrypoint env_file environment expose extends external_links extra_hosts gpus group_add
    healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit
    mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid
    pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy pull_refresh_after
    read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal
    storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir
    """
)
DOCKER_RUN = _words(
    """
    add-host annotation attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile
    cpu-count cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems
    detach detach-keys device device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops
    disable-content-trust dns dns-option dns-search domainname entrypoint env env-file expose gpus group-add health-cmd
    health-interval health-retries health-start-interval health-start-period health-timeout help hostname init
    interactive io-maxbandwidth io-maxiops ip ip6 ipc isolation kernel-memory label label-file link link-local-ip
    log-driver log-opt mac-address memory memory-reservation memory-swap memory-swappiness mount name network
    network-alias no-healthcheck oom-kill-disable oom-score-adj pid pids-limit platform privileged publish publish-all
    pull quiet read-only restart rm runtime security-opt shm-size sig-proxy stop-signal stop-timeout storage-opt
    sysctl tmpfs tty ulimit use-api-socket user userns uts volume volume-driver volumes-from workdir
    """
)
DEVCONTAINER = _words(
    """
    $schema name image build dockerFile dockerComposeFile service runServices workspaceFolder workspaceMount context
    features overrideFeatureInstallOrder runArgs appPort forwardPorts portsAttributes otherPortsAttributes
    containerEnv remoteEnv containerUser remoteUser updateRemoteUserUID userEnvProbe overrideCommand shutdownAction
    init privileged capAdd securityOpt mounts initializeCommand onCreateCommand updateContentCommand
    postCreateCommand postStartCommand postAttachCommand waitFor customizations hostRequirements secrets settings
    extensions
    """
)
SDK = _words(
    """
    auto_remove detach device_requests mem_reservation nano_cpus network remove mounts storage_opts network_disabled
    """
)
OTHERS = _words(
    """
    env cmd run workdir gpu num_gpus memory ram vram cpu cores args script mount shm mem swap port notebook
    partition gres time nodes containers apiVersion kind metadata spec schedule_on tags timeout title
    """
)
SECTIONS = {
    "build": _words(
        """
        additional_contexts args cache_from cache_to context dockerfile dockerfile_inline entitlements extra_hosts
        isolation labels network no_cache platforms privileged provenance pull sbom secrets shm_size ssh tags target
        ulimits
        """
    ),
    "volumes": _words("type source target read_only consistency bind volume tmpfs image src dst destination readonly"),
    "ports": _words("name target host_ip published protocol app_protocol mode"),
    "healthcheck": _words("test interval timeout retries start_period start_interval disable"),
    "logging": _words("driver options"),
    "gpus": _words("driver count device_ids capabilities options"),
}
RIGHT = {"volume": "volumes", "tmpfs": "tmpfs", "network_disabled": "", "schedule_on": ""}
"""Words without advice: the only key that may be named for them."""
