/* The part of the library that tells which processes use a GPU. */
#include <time.h>

#include "call.h"

struct process_info {
    unsigned pid;
    unsigned long long memory;
    unsigned gpu_instance, compute_instance;
};

static int give_processes(const struct gpu *gpu, unsigned *count, struct process_info *infos)
{
    unsigned room = *count;
    *count = gpu->process_count;
    if (gpu->process_count > room || (gpu->process_count && !infos))
        return INSUFFICIENT_SIZE;
    for (unsigned i = 0; i < gpu->process_count; i++)
        infos[i] = (struct process_info){gpu->processes[i].pid, gpu->processes[i].memory, ~0u, ~0u};
    return 0;
}

CALL nvmlDeviceGetComputeRunningProcesses_v3(device which, unsigned *count, struct process_info *infos)
{
    ENTER_GPU("GetComputeRunningProcesses_v3")
    return give_processes(gpu, count, infos);
}

CALL nvmlDeviceGetComputeRunningProcesses_v2(device which, unsigned *count, struct process_info *infos)
{
    ENTER_GPU("GetComputeRunningProcesses_v2")
    return give_processes(gpu, count, infos);
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

/* One sample a busy process; no busy process is NotFound, as the driver has it. */
CALL nvmlDeviceGetProcessUtilization(device which, struct process_sample *samples, unsigned *count,
                                     unsigned long long seen)
{
    (void)seen;
    ENTER_GPU("GetProcessUtilization")
    unsigned room = *count, busy = 0;
    for (unsigned i = 0; i < gpu->process_count; i++)
        busy += gpu->processes[i].sm > 0;
    *count = busy;
    if (busy == 0)
        return NOT_FOUND;
    if (busy > room || !samples)
        return INSUFFICIENT_SIZE;
    for (unsigned i = 0, next = 0; i < gpu->process_count; i++)
        if (gpu->processes[i].sm)
            samples[next++] = (struct process_sample){gpu->processes[i].pid, microseconds_now(),
                                                      gpu->processes[i].sm, 0, 0, 0};
    return 0;
}
