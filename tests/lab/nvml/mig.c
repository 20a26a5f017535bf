/* The part of the library that tells how a GPU is divided into instances. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

CALL nvmlDeviceGetMigMode(device which, unsigned *now, unsigned *pending)
{
    ENTER_WHOLE_GPU("GetMigMode")
    if (gpu->mig == UNSET)
        return NOT_SUPPORTED;
    *now = *pending = gpu->mig;
    return 0;
}

CALL nvmlDeviceGetMaxMigDeviceCount(device which, unsigned *count)
{
    ENTER_WHOLE_GPU("GetMaxMigDeviceCount")
    *count = gpu->mig == UNSET ? 0 : MAX_INSTANCES;
    return 0;
}

CALL nvmlDeviceGetMigDeviceHandleByIndex(device which, unsigned index, device *found)
{
    ENTER_WHOLE_GPU("GetMigDeviceHandleByIndex")
    device instance = (device)((uintptr_t)which | (uintptr_t)(index + 1) << PLACE_BITS);
    if (gpu->mig != 1 || !instance_of(gpu, instance))
        return NOT_FOUND;
    *found = instance;
    return 0;
}

#define ENTER_INSTANCE(call)                                                                                           \
    ENTER_GPU(call)                                                                                                    \
    const struct instance *instance = instance_of(gpu, which);                                                         \
    if (!instance)                                                                                                     \
        return is_instance(which) ? INVALID_ARGUMENT : NOT_SUPPORTED;

CALL nvmlDeviceGetGpuInstanceId(device which, unsigned *id)
{
    ENTER_INSTANCE("GetGpuInstanceId")
    *id = instance->gpu_instance;
    return 0;
}

CALL nvmlDeviceGetComputeInstanceId(device which, unsigned *id)
{
    ENTER_INSTANCE("GetComputeInstanceId")
    *id = instance->compute_instance;
    return 0;
}

struct attributes {
    unsigned multiprocessors, copy_engines, decoders, encoders, jpeg, flow;
    unsigned gpu_slices, compute_slices;
    unsigned long long memory_mib;
};

CALL nvmlDeviceGetAttributes_v2(device which, struct attributes *attributes)
{
    ENTER_INSTANCE("GetAttributes_v2")
    memset(attributes, 0, sizeof *attributes);
    attributes->gpu_slices = attributes->compute_slices = (unsigned)strtoul(instance->profile, NULL, 10);
    attributes->memory_mib = instance->memory_total >> 20;
    return 0;
}
