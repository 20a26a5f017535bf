/* The part of the library that tells what the parts of a GPU do: counters, as means between two samples. */
#include <stdlib.h>

#include "call.h"

struct sample {
    device which;
    unsigned gpu_instance;
};

struct metric {
    unsigned number;
    int result;
    double value;
    const char *short_name, *long_name, *unit;
};

struct wanted {
    unsigned version, count;
    struct sample *before, *after;
    struct metric metrics[];
};

struct support {
    unsigned version, supported;
};

/* A GPU without any in the file is older than they are. */
CALL nvmlGpmQueryDeviceSupport(device which, struct support *support)
{
    ENTER_WHOLE_GPU("GpmQueryDeviceSupport")
    support->supported = gpu->counter_count > 0;
    return 0;
}

CALL nvmlGpmSampleAlloc(struct sample **sample)
{
    *sample = calloc(1, sizeof **sample);
    return 0;
}

CALL nvmlGpmSampleFree(struct sample *sample)
{
    free(sample);
    return 0;
}

CALL nvmlGpmSampleGet(device which, struct sample *sample)
{
    ENTER_UNDIVIDED_GPU("GpmSampleGet")
    (void)gpu;
    *sample = (struct sample){which, UNSET};
    return 0;
}

CALL nvmlGpmMigSampleGet(device which, unsigned gpu_instance, struct sample *sample)
{
    ENTER_WHOLE_GPU("GpmMigSampleGet")
    if (gpu->mig != 1)
        return NOT_SUPPORTED;
    *sample = (struct sample){which, gpu_instance};
    return 0;
}

static int fill(const struct gpu *gpu, unsigned gpu_instance, struct metric *metric)
{
    for (unsigned i = 0; i < gpu->counter_count; i++)
        if (gpu->counters[i].metric == metric->number && gpu->counters[i].gpu_instance == gpu_instance) {
            metric->value = gpu->counters[i].value;
            return 0;
        }
    return NOT_SUPPORTED;
}

CALL nvmlGpmMetricsGet(struct wanted *wanted)
{
    device which = wanted->after->which;
    ENTER_GPU("GpmMetricsGet")
    const struct sample *before = wanted->before;
    if (!before || before->which != which || before->gpu_instance != wanted->after->gpu_instance)
        return INVALID_ARGUMENT;
    for (unsigned i = 0; i < wanted->count; i++)
        wanted->metrics[i].result = fill(gpu, wanted->after->gpu_instance, &wanted->metrics[i]);
    return 0;
}
