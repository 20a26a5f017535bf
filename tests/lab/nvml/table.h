/* The text file that stands for the GPUs of a lab host. README.md of the lab describes the format. */
#ifndef GPUWS_LAB_TABLE_H
#define GPUWS_LAB_TABLE_H

#define MAX_GPUS 32
#define MAX_PROCESSES 64
#define MAX_RULES 16
#define MAX_INSTANCES 7
#define MAX_ROUTES 32
#define MAX_LINKS 36
#define MAX_COUNTERS 64
#define MAX_EVENTS 16
#define UNSET (~0u) /* a key that the file does not have: the driver says NotSupported */
#define UNKNOWN_BYTES (~0ull) /* NVML_VALUE_NOT_AVAILABLE */

struct process {
    unsigned pid;
    unsigned long long memory;
    unsigned sm;
    unsigned gpu_instance, compute_instance; /* UNSET: of no instance */
};

/* A MIG instance; `slot` is where nvmlDeviceGetMigDeviceHandleByIndex finds it, and slots may be empty. */
struct instance {
    char uuid[96];
    char profile[32];
    unsigned slot, gpu_instance, compute_instance;
    unsigned long long memory_used, memory_total;
};

/* NVLinks that lead to one place: a GPU by its place in the file, or a switch. */
struct route {
    unsigned peer; /* UNSET: a switch */
    unsigned lanes;
};

/* What a GPM metric is to say, of a whole GPU or of one of its instances. */
struct counter {
    unsigned gpu_instance; /* UNSET: of the whole */
    unsigned metric;
    double value;
};

/* Something that happens to whoever listens then; numbers grow. */
struct event {
    unsigned number;
    unsigned long long type, data;
    unsigned gpu_instance; /* UNSET: of none */
};

/* "GetMemoryInfo:NotSupported": one call, or with an empty name every call. */
struct rule {
    char call[48];
    int result;
};

struct faults {
    struct rule errors[MAX_RULES];
    int error_count;
    char hangs[MAX_RULES][48];
    int hang_count;
};

struct gpu {
    char uuid[96];
    char name[96];
    unsigned long long memory_total, memory_used, memory_reserved;
    unsigned utilization, memory_utilization, temperature;
    unsigned power, power_limit; /* milliwatts */
    unsigned energy;             /* joules since the driver was loaded */
    unsigned clock, clock_memory; /* MHz */
    unsigned performance_state, persistence;
    unsigned fan, clock_max, clock_memory_max, throttle, encoder, decoder;
    unsigned pcie_generation, pcie_generation_max, pcie_width, pcie_width_max;
    unsigned pcie_received, pcie_sent; /* KB/s */
    unsigned numa, pcie_switch;
    unsigned ecc_corrected, ecc_uncorrected;
    unsigned garbage_samples; /* of processes that are gone */
    unsigned mig;             /* 1: divided */
    struct instance instances[MAX_INSTANCES];
    unsigned instance_count;
    struct route routes[MAX_ROUTES];
    unsigned route_count;
    struct process processes[MAX_PROCESSES];
    unsigned process_count;
    struct counter counters[MAX_COUNTERS];
    unsigned counter_count;
    unsigned event_types; /* NVML's bits */
    struct event events[MAX_EVENTS];
    unsigned event_count;
    unsigned violation_power, violation_thermal; /* milliseconds */
    struct faults faults;
};

struct table {
    char driver[80], nvml[80];
    int cuda;
    struct faults faults;
    struct gpu gpus[MAX_GPUS];
    unsigned gpu_count;
};

/* The table as the file has it now; read again when the file changed. 0, or an NVML error when there is no file.
 * The copy is the caller's. */
int table_read(struct table *copy);

/* The result that the file sets for a call: 0 when none. */
int faults_result(const struct faults *faults, const char *call);
int faults_hang(const struct faults *faults, const char *call);

/* An NVML error by its name without the prefix: "GpuIsLost" is 15. */
int error_number(const char *name);
const char *error_text(int number);

#endif
