"""What to write instead of a key that other tools have and profiles don't: Compose, `docker run`, devcontainer.json,
the Docker SDK, Slurm, Kubernetes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gpuws.config.yaml.instead import by_word

_GPUS = "write gpus: all, a count, a list of indices such as [0, 1], or {count: 2, memory: 40g}"
_IMPORT = "this is of a Compose file: `gpuws profiles import FILE` makes profiles of it"
_DEVCONTAINER = "this is of a devcontainer.json: `gpuws profiles import FILE` makes a profile of it"
_ONE = "leave it out: a profile is one container; launch the other by a profile of its own, and reach its ports"
_NAME = "leave it out: a container gets its name when it is launched, by --name"
_KUBERNETES = "leave it out: this is Kubernetes; write image, command and the other keys at the top"
_CLASSIC = "leave it out: the classic builder has no such setting"
_HERE = "leave it out: only Docker's program knows it"
_WINDOWS = "leave it out: it is for Windows"
_SHARE = "write cpus, a limit of the CPUs' time, or cpu_shares, a weight"
_SETUP = "leave it out: put what it does into build.dockerfile_inline, or into command"
_EDITOR = "leave it out: it is for an editor; `gpuws code` opens one in the workspace"
_SECRETS = (
    "write NAME: null under environment for a value of your environment, an env_file, or a read-only volume for a file"
)
_NO_WAY = "leave it out: a profile has no such setting"
_HEALTH = "write it under healthcheck"
_ALWAYS = "leave it out: gpuws always does so"

TOP: Mapping[str, str] = by_word(
    (
        (
            "write gpus for its devices, mem_limit and cpus for its limits, restart for its restart_policy",
            "deploy resources reservations limits",
        ),
        (_GPUS, "gpu gpu_count gpucount gpu_ids gpuids num_gpus numgpus ngpus gres gpus_per_node gpus_per_task"),
        (_GPUS, "device_requests device_ids device_id devicereservations cuda_visible_devices nvidia_visible_devices"),
        ("leave it out: gpus alone gives GPUs, whatever runtime the engine has", "runtime nvidia"),
        ("write gpu_memory for a cap, or gpus: {memory: 40g} for what must be free", "vram gpu_mem gpumem gpu_ram"),
        (_NAME, "container_name name container containername job_name jobname"),
        (_ONE, "depends_on links external_links link"),
        (
            "write network_mode: NAME for one network of the engine; containers of one network know each other by name",
            "networks network net network_name",
        ),
        ("leave it out: a container answers to its name and its hostname", "network_alias network_aliases aliases"),
        (_SECRETS, "secrets secret configs config"),
        ("write environment", "env envs environ environments env_vars envvars variables vars"),
        ("write environment", "containerenv remoteenv exports"),
        ("write env_file", "env_files envfiles dotenv"),
        ("write command", "cmd run exec script args arguments program argv start entry"),
        ("write working_dir", "workdir work_dir wd cwd chdir directory workspacefolder pwd"),
        (
            "write volumes: [SOURCE:TARGET], or {type: bind, source: /data, target: /data}",
            "mount mounts bind binds volume_mounts volumemounts workspacemount",
        ),
        ("write volumes, each by itself: what another container has is not taken over", "volumes_from"),
        (_NO_WAY + "; the engine's own driver keeps volumes", "volume_driver"),
        ("write shm_size", "shm shmem shared_memory sharedmemory dev_shm"),
        ("write mem_limit", "mem memory ram memory_limit memorylimit max_memory mem_per_node"),
        ("write memswap_limit: memory and swap together", "memory_swap swap swap_limit mem_swap"),
        ("write mem_reservation", "memory_reservation soft_memory_limit"),
        (_NO_WAY, "mem_swappiness memory_swappiness kernel_memory"),
        ("write cpus", "cpu cpu_count ncpus num_cpus cpu_limit cpus_per_task nano_cpus cores"),
        (_SHARE, "cpu_percent cpu_quota cpu_period cpu_rt_period cpu_rt_runtime"),
        ("write cpu_shares", "cpu_weight"),
        ("write cpuset", "cpuset_cpus cpu_affinity"),
        (_NO_WAY, "cpuset_mems"),
        ("write pids_limit", "pids max_pids"),
        ("write ports; each is a tunnel's target", "expose port forwardports appport publish published publish_all"),
        (_NO_WAY + " for ports", "portsattributes otherportsattributes"),
        ("write hostname, with the domain behind it: box.lab.example", "domainname domain"),
        ("write dns_opt", "dns_option dns_options"),
        ("write extra_hosts", "add_host add_hosts"),
        (_NO_WAY + ": the engine chooses addresses", "mac_address ip ip6 ipv4_address ipv6_address link_local_ip"),
        ("write devices", "device"),
        ("write device_cgroup_rules", "device_cgroup_rule"),
        ("write ulimits", "ulimit rlimits limit"),
        ("write cap_add", "capabilities caps add_capabilities linux_capabilities"),
        ("write security_opt", "security apparmor seccomp selinux security_options"),
        ("write group_add", "groups supplementary_groups"),
        ("write user", "remoteuser containeruser run_as uid runas"),
        ("write healthcheck: {disable: true}", "no_healthcheck"),
        (_HEALTH, "health health_cmd health_interval health_retries health_timeout health_start_period"),
        (_HEALTH + ", less what says how often it is tried at the start", "health_start_interval"),
        ("write logging: {driver: …, options: {…}}", "log log_driver log_opt log_opts log_config"),
        ("write labels", "label label_file annotations annotation metadata"),
        ("write stop_grace_period: 30s", "stop_timeout grace_period"),
        ("write restart: unless-stopped, always or on-failure:3", "restart_policy restarts"),
        ("write tty and stdin_open", "interactive stdin attach_stdin terminal"),
        ("write pull_policy", "pull imagepullpolicy pull_always pull_refresh_after"),
        ("write build", "dockerfile dockerfile_path build_context context docker_file buildargs"),
        ("write build: {dockerfile_inline: …}", "dockerfile_inline inline apt pip packages requirements conda"),
        ("write ipc", "ipc_mode"),
        ("write pid", "pid_mode"),
        ("write jupyter: true, or its port", "notebook jupyterlab lab jupyter_port"),
        ("write tmux: true, or the session's name", "session tmux_session"),
        ("write extends, or overlays under hosts", "base inherit inherits parent from include profile"),
        ("write hosts: {HOST: {…}} for what differs there; which host is said at launch, by -H", "host node nodes"),
        ("leave it out: which host is said at launch, by -H or --tag", "tags nodelist partition nodeselector queue"),
        ("write auto_remove: true", "rm remove"),
        (_ALWAYS, "detach d detached background"),
        (_HERE, "attach cidfile detach_keys sig_proxy quiet help disable_content_trust use_api_socket"),
        (_WINDOWS, "isolation credential_spec io_maxbandwidth io_maxiops"),
        (
            "leave it out: the image must be one for the host's own architecture; a check says if it is not",
            "platform platforms arch architecture",
        ),
        ("write read_only", "read_only_rootfs readonly_rootfs"),
        (_NO_WAY, "blkio_config blkio_weight blkio_weight_device"),
        (_NO_WAY, "device_read_bps device_read_iops device_write_bps device_write_iops"),
        (_NO_WAY, "cgroup cgroupns cgroup_parent storage_opt storage_opts"),
        ("write sysctls", "sysctl kernel_parameters"),
        ("write userns_mode", "userns"),
        ("write uts", "uts_mode"),
        (_SETUP, "post_start pre_stop lifecycle setup prolog epilog before after"),
        (_SETUP, "initializecommand oncreatecommand updatecontentcommand postcreatecommand"),
        (_SETUP, "poststartcommand postattachcommand waitfor"),
        ("write build: features are Dockerfiles' lines here", "features overridefeatureinstallorder"),
        (_EDITOR, "customizations settings extensions develop userenvprobe"),
        ("leave it out: user: host (the default) gives your uid and gid", "updateremoteuseruid"),
        ("leave it out: write command for what it runs", "overridecommand"),
        ("leave it out: a workspace goes on until it is stopped", "shutdownaction"),
        ("write gpus for its gpu, mem_limit and cpus for the others", "hostrequirements"),
        (_DEVCONTAINER, "runargs dockercomposefile service runservices"),
        (_IMPORT, "services version"),
        (_ONE, "models provider"),
        ("leave it out: launch it as often as you need it", "scale replicas count"),
        ("leave it out: a profile is launched by its name", "profiles"),
        ("leave it out: a job ends by itself; `gpuws launch` has no limit of time", "time timelimit walltime timeout"),
        ("write description", "title comment summary about"),
        ("leave it out: in an editor it stands in a comment, `# yaml-language-server: $schema=…`", "$schema schema"),
        (
            "leave it out: this is Kubernetes; write image, command and the other keys at the top",
            "apiversion kind spec",
        ),
        (_KUBERNETES, "containers pod"),
    )
)
"""Of the top of a profile and of an overlay."""

BUILD: Mapping[str, str] = by_word(
    (
        ("write dockerfile", "file"),
        ("write dockerfile_inline", "inline"),
        ("write args", "build_args build_arg buildargs arg options"),
        ("write target", "stage"),
        ("write image beside build: the tag to give it", "tags tag image"),
        ("leave it out: the classic builder keeps what it built; pull_policy: always asks anew", "no_cache pull"),
        (
            "leave it out: the classic builder has no such setting",
            "cache_from cache_to additional_contexts entitlements",
        ),
        (
            "leave it out: the classic builder has no such setting",
            "isolation privileged provenance sbom shm_size ulimits",
        ),
        ("leave it out: the image is built on the host, for its own architecture", "platform platforms"),
        ("leave it out: a build has the engine's own network", "network extra_hosts"),
        ("write LABEL lines in the Dockerfile", "labels label"),
        (
            "leave it out: a build hands no secret on; what it takes stands in the image for everybody who has it",
            "secrets secret ssh",
        ),
    )
)
GPUS: Mapping[str, str] = by_word(
    (
        ("write gpus: [0, 1], or their UUIDs", "device_ids device_id device devices index indices ids id uuid uuids"),
        ("leave it out: GPUs are NVIDIA's", "driver capabilities options"),
        ("write model: part of its name, such as H100|H200", "name type kind"),
        ("write memory: what must be free of each", "mem vram min_memory minmemory free size"),
        ("write count", "number n num amount"),
    )
)
VOLUMES: Mapping[str, str] = by_word(
    (
        ("leave it out: it is for macOS only", "consistency"),
        ("write check: create instead of create_host_path: true; the rest of it is not known here", "bind"),
        (
            "leave it out: the engine makes volumes its own way",
            "volume driver driver_opts subpath external nocopy",
        ),
        ("write it as an entry of the key tmpfs: /scratch:size=1g", "tmpfs"),
        ("write type: bind, volume or tmpfs", "image cluster npipe"),
        ("write source", "src from host path device"),
        ("write target", "dst dest destination to container mountpoint mount"),
        ("write read_only", "ro mode writable rw"),
        ("write read_only: true", "access"),
    )
)
PORTS: Mapping[str, str] = by_word(
    (
        ("leave it out: ports are TCP; UDP can't be published", "protocol proto udp tcp"),
        ("leave it out: it has no meaning here", "mode app_protocol appprotocol"),
        ("write target", "port container_port containerport internal inside to"),
        ("write published", "host_port hostport external outside public"),
        ("write host_ip", "ip address host bind"),
    )
)
HEALTHCHECK: Mapping[str, str] = by_word(
    (
        ("leave it out: interval counts from the start, too", "start_interval"),
        ("write test", "cmd command run check"),
        ("write start_period", "grace delay initial_delay"),
        ("write retries", "attempts"),
    )
)
LOGGING: Mapping[str, str] = by_word(
    (
        ("write it under options", "max_size max_file tag labels env compress mode"),
        ("write driver", "type log_driver"),
        ("write options", "opts opt log_opts"),
    )
)
DEVICES: Mapping[str, str] = by_word(
    (
        ("write source", "path_on_host pathonhost src host path device"),
        ("write target", "path_in_container pathincontainer dst destination container"),
        ("write permissions", "cgroup_permissions cgrouppermissions mode rights"),
        ("leave it out; GPUs are what gpus says", "driver count device_ids capabilities options"),
    )
)
ULIMITS: Mapping[str, str] = by_word((("write soft", "softlimit min"), ("write hard", "hardlimit max")))
JUPYTER: Mapping[str, str] = by_word(
    (
        ("leave it out: Jupyter has a token, which gpuws reads inside", "password pass"),
        ("write bind: container, or loopback", "ip host address listen"),
        ("write restart: on-failure", "respawn always"),
        ("leave it out: gpuws starts it so that a tunnel reaches it", "notebook_dir dir args lab"),
    )
)
GPU_MEMORY: Mapping[str, str] = by_word((("write limit", "size max memory cap"), ("write action", "on_exceed then")))
