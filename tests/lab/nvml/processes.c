/* The part of the library that tells which processes use a GPU. */
#include <time.h>

#include "call.h"

struct process_info {
    unsigned pid;
    unsigned long long memory;
    unsigned gpu_instance, compute_instance;
};

/* Of the whole GPU, or of one instance. */
static int give_processes(const struct gpu *gpu, const struct instance *instance, unsigned *count,
                          struct process_info *infos)
{
    unsigned room = *count, found = 0;
    for (unsigned i = 0; i < gpu->process_count; i++) {
        const struct process *process = &gpu->processes[i];
        if (instance && (process->gpu_instance != instance->gpu_instance ||
                         process->compute_instance != instance->compute_instance))
            continue;
        if (found < room && infos)
            infos[found] = (struct process_info){process->pid, process->memory, process->gpu_instance,
                                                 process->compute_instance};
        found++;
    }
    *count = found;
    return found > room || (found && !infos) ? INSUFFICIENT_SIZE : 0;
}

CALL nvmlDeviceGetComputeRunningProcesses_v3(device which, unsigned *count, struct process_info *infos)
{
    ENTER_GPU("GetComputeRunningProcesses_v3")
    return give_processes(gpu, instance_of(gpu, which), count, infos);
}

CALL nvmlDeviceGetComputeRunningProcesses_v2(device which, unsigned *count, struct process_info *infos)
{
    ENTER_GPU("GetComputeRunningProcesses_v2")
    return give_processes(gpu, instance_of(gpu, which), count, infos);
}

CALL nvmlDeviceGetGraphicsRunningProcesses_v3(device which, unsigned *count, struct process_info *infos)
{
    (void)infos;
    ENTER_GPU("GetGraphicsRunningProcesses_v3")
    *count = 0;
    return 0;
}

CALL nvmlDeviceGetMPSComputeRunningProcesses_v3(device which, unsigned *count, struct process_info *infos)
{
    (void)infos;
    ENTER_GPU("GetMPSComputeRunningProcesses_v3")
    *count = 0;
    return 0;
}

struct process_sample {
    unsigned pid;
    unsigned long long time;
    unsigned sm, memory, encoder, decoder;
};

static unsigned long long microseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
}

/* One sample a busy process, and what is left of the dead; no sample at all is NotFound, as the driver has it. */
CALL nvmlDeviceGetProcessUtilization(device which, struct process_sample *samples, unsigned *count,
                                     unsigned long long seen)
{
    (void)seen;
    ENTER_UNDIVIDED_GPU("GetProcessUtilization")
    unsigned room = *count, busy = gpu->garbage_samples, next = 0;
    for (unsigned i = 0; i < gpu->process_count; i++)
        busy += gpu->processes[i].sm > 0;
    *count = busy;
    if (busy == 0)
        return NOT_FOUND;
    if (busy > room || !samples)
        return INSUFFICIENT_SIZE;
    for (unsigned i = 0; i < gpu->process_count; i++)
        if (gpu->processes[i].sm)
            samples[next++] = (struct process_sample){gpu->processes[i].pid, microseconds_now(),
                                                      gpu->processes[i].sm, 0, 0, 0};
    while (next < busy) {
        samples[next] = (struct process_sample){4200000 + next, microseconds_now(), 900, 900, 0, 0};
        next++;
    }
    return 0;
}
