/* Reading the text file: `key = value` lines, a `[gpu]` line before each GPU, `#` comments. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "table.h"

#ifndef TABLE_PATH
#define TABLE_PATH "/run/gpuws-lab/gpus.txt"
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct table current;
static struct stat read_from; /* of the file that `current` was read from */

static void copy_text(char *target, size_t size, const char *text)
{
    snprintf(target, size, "%s", text);
}

static char *strip(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length && strchr(" \t\r\n", text[length - 1]))
        text[--length] = '\0';
    return text;
}

static unsigned number_or(const char *text, unsigned otherwise)
{
    return text ? (unsigned)strtoul(text, NULL, 0) : otherwise;
}

/* "pid:bytes:sm, …", on a divided GPU "pid:bytes:sm:gpu instance:compute instance"; bytes may be "unknown". */
static void read_processes(struct gpu *gpu, char *value)
{
    char *rest = NULL;
    gpu->process_count = 0;
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *fields = NULL;
        char *pid = strtok_r(item, ": ", &fields), *memory = strtok_r(NULL, ": ", &fields);
        char *sm = strtok_r(NULL, ": ", &fields);
        if (!pid || !memory || gpu->process_count == MAX_PROCESSES)
            continue;
        struct process *process = &gpu->processes[gpu->process_count++];
        process->pid = (unsigned)strtoul(pid, NULL, 10);
        process->memory = strcasecmp(memory, "unknown") == 0 ? UNKNOWN_BYTES : strtoull(memory, NULL, 10);
        process->sm = number_or(sm, 0);
        process->gpu_instance = number_or(strtok_r(NULL, ": ", &fields), UNSET);
        process->compute_instance = number_or(strtok_r(NULL, ": ", &fields), UNSET);
    }
}

/* "slot:uuid:profile:gpu instance:compute instance:bytes used:bytes in all, …" */
static void read_instances(struct gpu *gpu, char *value)
{
    char *rest = NULL;
    gpu->instance_count = 0;
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *words[7] = {NULL}, *fields = NULL;
        int count = 0;
        for (char *word = strtok_r(item, ": ", &fields); word && count < 7; word = strtok_r(NULL, ": ", &fields))
            words[count++] = word;
        if (count < 7 || gpu->instance_count == MAX_INSTANCES)
            continue;
        struct instance *instance = &gpu->instances[gpu->instance_count++];
        instance->slot = number_or(words[0], 0);
        copy_text(instance->uuid, sizeof instance->uuid, words[1]);
        copy_text(instance->profile, sizeof instance->profile, words[2]);
        instance->gpu_instance = number_or(words[3], 0);
        instance->compute_instance = number_or(words[4], 0);
        instance->memory_used = strtoull(words[5], NULL, 10);
        instance->memory_total = strtoull(words[6], NULL, 10);
    }
}

/* "1:4, switch:18": lanes to a GPU, lanes to a switch. */
static void read_routes(struct gpu *gpu, char *value)
{
    char *rest = NULL;
    gpu->route_count = 0;
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *colon = strchr(item, ':');
        if (!colon || gpu->route_count == MAX_ROUTES)
            continue;
        *colon = '\0';
        char *peer = strip(item);
        gpu->routes[gpu->route_count].peer = strcmp(peer, "switch") == 0 ? UNSET : number_or(peer, 0);
        gpu->routes[gpu->route_count++].lanes = number_or(colon + 1, 0);
    }
}

/* "2:96.5, 5:93": NVML's number of a metric, and what it says; "1:2:96.5" of the GPU instance 1. */
static void read_counters(struct gpu *gpu, char *value)
{
    char *rest = NULL;
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *colon = strrchr(item, ':');
        if (!colon || gpu->counter_count == MAX_COUNTERS)
            continue;
        *colon = '\0';
        char *metric = strchr(item, ':');
        struct counter *counter = &gpu->counters[gpu->counter_count++];
        counter->gpu_instance = metric ? number_or(item, 0) : UNSET;
        counter->metric = number_or(metric ? metric + 1 : item, 0);
        counter->value = strtod(colon + 1, NULL);
    }
}

/* "1:8:31, 2:8:13:3": number, NVML's type, its data, and the instance that it happened to. */
static void read_events(struct gpu *gpu, char *value)
{
    char *rest = NULL;
    gpu->event_count = 0;
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *fields = NULL;
        char *number = strtok_r(item, ": ", &fields), *type = strtok_r(NULL, ": ", &fields);
        if (!number || !type || gpu->event_count == MAX_EVENTS)
            continue;
        struct event *event = &gpu->events[gpu->event_count++];
        event->number = number_or(number, 0);
        event->type = number_or(type, 0);
        event->data = number_or(strtok_r(NULL, ": ", &fields), 0);
        event->gpu_instance = number_or(strtok_r(NULL, ": ", &fields), UNSET);
    }
}

/* "GetMemoryInfo:NotSupported, …", or an error alone for every call. */
static void read_errors(struct faults *faults, char *value)
{
    char *rest = NULL;
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        if (faults->error_count == MAX_RULES)
            return;
        struct rule *rule = &faults->errors[faults->error_count++];
        char *colon = strchr(item, ':');
        if (colon)
            *colon = '\0';
        copy_text(rule->call, sizeof rule->call, colon ? strip(item) : "");
        rule->result = error_number(strip(colon ? colon + 1 : item));
    }
}

static void read_hangs(struct faults *faults, char *value)
{
    char *rest = NULL;
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest))
        if (faults->hang_count < MAX_RULES)
            copy_text(faults->hangs[faults->hang_count++], sizeof faults->hangs[0], strip(item));
}

static int read_fault(struct faults *faults, const char *key, char *value)
{
    if (strcmp(key, "error") == 0)
        read_errors(faults, value);
    else if (strcmp(key, "hang") == 0)
        read_hangs(faults, value);
    else
        return 0;
    return 1;
}

static void read_header(struct table *table, const char *key, char *value)
{
    if (read_fault(&table->faults, key, value))
        return;
    if (strcmp(key, "driver") == 0)
        copy_text(table->driver, sizeof table->driver, value);
    else if (strcmp(key, "nvml") == 0)
        copy_text(table->nvml, sizeof table->nvml, value);
    else if (strcmp(key, "cuda") == 0)
        table->cuda = (int)strtol(value, NULL, 10);
    else if (strcmp(key, "init") == 0) {
        char rule[64];
        snprintf(rule, sizeof rule, "Init:%s", value);
        read_errors(&table->faults, rule);
    }
}

/* What the driver does not tell where the file does not say it. */
static void begin_gpu(struct gpu *gpu)
{
    unsigned *const fields[] = {
        &gpu->fan, &gpu->clock_max, &gpu->clock_memory_max, &gpu->throttle, &gpu->encoder, &gpu->decoder,
        &gpu->pcie_generation, &gpu->pcie_generation_max, &gpu->pcie_width, &gpu->pcie_width_max,
        &gpu->pcie_received, &gpu->pcie_sent, &gpu->numa, &gpu->pcie_switch, &gpu->mig,
        &gpu->event_types, &gpu->violation_power, &gpu->violation_thermal, &gpu->energy,
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i] = UNSET;
}

static void read_gpu(struct gpu *gpu, const char *key, char *value)
{
    const struct {
        const char *key;
        unsigned *field;
    } numbers[] = {
        {"utilization", &gpu->utilization}, {"memory_utilization", &gpu->memory_utilization},
        {"temperature", &gpu->temperature}, {"power", &gpu->power},
        {"power_limit", &gpu->power_limit}, {"clock", &gpu->clock},
        {"clock_memory", &gpu->clock_memory}, {"performance_state", &gpu->performance_state},
        {"persistence", &gpu->persistence}, {"fan", &gpu->fan},
        {"clock_max", &gpu->clock_max}, {"clock_memory_max", &gpu->clock_memory_max},
        {"throttle", &gpu->throttle}, {"encoder", &gpu->encoder},
        {"decoder", &gpu->decoder}, {"pcie_generation", &gpu->pcie_generation},
        {"pcie_generation_max", &gpu->pcie_generation_max}, {"pcie_width", &gpu->pcie_width},
        {"pcie_width_max", &gpu->pcie_width_max}, {"pcie_received", &gpu->pcie_received},
        {"pcie_sent", &gpu->pcie_sent}, {"numa", &gpu->numa},
        {"pcie_switch", &gpu->pcie_switch}, {"ecc_corrected", &gpu->ecc_corrected},
        {"ecc_uncorrected", &gpu->ecc_uncorrected}, {"garbage_samples", &gpu->garbage_samples},
        {"mig", &gpu->mig}, {"event_types", &gpu->event_types},
        {"violation_power", &gpu->violation_power}, {"violation_thermal", &gpu->violation_thermal},
        {"energy", &gpu->energy},
    };
    if (read_fault(&gpu->faults, key, value))
        return;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0)
            *numbers[i].field = number_or(value, 0);
    if (strcmp(key, "uuid") == 0)
        copy_text(gpu->uuid, sizeof gpu->uuid, value);
    else if (strcmp(key, "name") == 0)
        copy_text(gpu->name, sizeof gpu->name, value);
    else if (strcmp(key, "memory_total") == 0)
        gpu->memory_total = strtoull(value, NULL, 10);
    else if (strcmp(key, "memory_used") == 0)
        gpu->memory_used = strtoull(value, NULL, 10);
    else if (strcmp(key, "memory_reserved") == 0)
        gpu->memory_reserved = strtoull(value, NULL, 10);
    else if (strcmp(key, "processes") == 0)
        read_processes(gpu, value);
    else if (strcmp(key, "instances") == 0)
        read_instances(gpu, value);
    else if (strcmp(key, "counters") == 0 || strcmp(key, "instance_counters") == 0)
        read_counters(gpu, value);
    else if (strcmp(key, "events") == 0)
        read_events(gpu, value);
    else if (strcmp(key, "nvlinks") == 0)
        read_routes(gpu, value);
}

static void parse(struct table *table, FILE *file)
{
    char line[8192];
    struct gpu *gpu = NULL;
    memset(table, 0, sizeof *table);
    while (fgets(line, sizeof line, file)) {
        char *text = strip(line), *equals = strchr(text, '=');
        if (strncmp(text, "[gpu", 4) == 0 && table->gpu_count < MAX_GPUS) {
            gpu = &table->gpus[table->gpu_count++];
            begin_gpu(gpu);
        }
        if (*text == '#' || !equals)
            continue;
        *equals = '\0';
        char *key = strip(text), *value = strip(equals + 1);
        if (gpu)
            read_gpu(gpu, key, value);
        else
            read_header(table, key, value);
    }
}

static int changed(const struct stat *now)
{
    return now->st_ino != read_from.st_ino || now->st_size != read_from.st_size ||
           now->st_mtim.tv_sec != read_from.st_mtim.tv_sec || now->st_mtim.tv_nsec != read_from.st_mtim.tv_nsec;
}

int table_read(struct table *copy)
{
    struct stat now;
    int result = 0;
    pthread_mutex_lock(&lock);
    if (stat(TABLE_PATH, &now) != 0) {
        result = error_number("DriverNotLoaded");
    } else if (changed(&now)) {
        FILE *file = fopen(TABLE_PATH, "r");
        if (file) {
            parse(&current, file);
            fclose(file);
            read_from = now;
        } else {
            result = error_number("NoPermission");
        }
    }
    if (result == 0)
        *copy = current;
    pthread_mutex_unlock(&lock);
    return result;
}

/* A rule "GetMemoryInfo" means every version of the call, "GetMemoryInfo_v2" that one. */
static int same_call(const char *rule, const char *call)
{
    const char *version = strstr(call, "_v");
    size_t stem = version ? (size_t)(version - call) : strlen(call);
    return strcasecmp(rule, call) == 0 || (strlen(rule) == stem && strncasecmp(rule, call, stem) == 0);
}

int faults_result(const struct faults *faults, const char *call)
{
    for (int i = 0; i < faults->error_count; i++)
        if (!*faults->errors[i].call || same_call(faults->errors[i].call, call))
            return faults->errors[i].result;
    return 0;
}

int faults_hang(const struct faults *faults, const char *call)
{
    for (int i = 0; i < faults->hang_count; i++)
        if (same_call(faults->hangs[i], call))
            return 1;
    return 0;
}
