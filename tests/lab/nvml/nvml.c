/* A libnvidia-ml.so.1 for hosts without GPUs. It answers the calls that a monitor makes from a text file (table.h);
 * structures and error numbers are those of nvidia-ml-py 13.
 * A call that the file lets hang returns when the file no longer says so. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "call.h"

static device handle(unsigned index)
{
    return (device)(uintptr_t)(index + 1);
}

static int give_text(char *target, unsigned size, const char *text)
{
    if (!target)
        return INVALID_ARGUMENT;
    if (strlen(text) >= size)
        return INSUFFICIENT_SIZE;
    strcpy(target, text);
    return 0;
}

/* The library and the driver */

CALL nvmlInitWithFlags(unsigned flags)
{
    (void)flags;
    ENTER("Init")
    return 0;
}

CALL nvmlInit_v2(void)
{
    return nvmlInitWithFlags(0);
}

CALL nvmlShutdown(void)
{
    return 0;
}

__attribute__((visibility("default"))) const char *nvmlErrorString(int number)
{
    return error_text(number);
}

CALL nvmlSystemGetDriverVersion(char *version, unsigned size)
{
    ENTER("GetDriverVersion")
    return give_text(version, size, table.driver);
}

CALL nvmlSystemGetNVMLVersion(char *version, unsigned size)
{
    ENTER("GetNVMLVersion")
    return give_text(version, size, table.nvml);
}

CALL nvmlSystemGetCudaDriverVersion_v2(int *version)
{
    ENTER("GetCudaDriverVersion")
    *version = table.cuda;
    return 0;
}

CALL nvmlSystemGetCudaDriverVersion(int *version)
{
    return nvmlSystemGetCudaDriverVersion_v2(version);
}

/* Which GPUs there are */

CALL nvmlDeviceGetCount_v2(unsigned *count)
{
    ENTER("GetCount")
    *count = table.gpu_count;
    return 0;
}

CALL nvmlDeviceGetHandleByIndex_v2(unsigned index, device *found)
{
    device which = handle(index);
    struct table table;
    const struct gpu *gpu;
    int result = enter_gpu(&table, &gpu, which, "GetHandleByIndex");
    if (result == GPU_IS_LOST && index >= table.gpu_count)
        return INVALID_ARGUMENT;
    if (result == 0)
        *found = which;
    return result;
}

CALL nvmlDeviceGetHandleByUUID(const char *uuid, device *found)
{
    ENTER("GetHandleByUUID")
    for (unsigned i = 0; i < table.gpu_count; i++)
        if (strcmp(table.gpus[i].uuid, uuid) == 0) {
            *found = handle(i);
            return faults_result(&table.gpus[i].faults, "GetHandleByUUID");
        }
    return NOT_FOUND;
}

CALL nvmlDeviceGetUUID(device which, char *uuid, unsigned size)
{
    ENTER_GPU("GetUUID")
    const struct instance *instance = instance_of(gpu, which);
    if (is_instance(which) && !instance)
        return INVALID_ARGUMENT;
    return give_text(uuid, size, instance ? instance->uuid : gpu->uuid);
}

CALL nvmlDeviceGetName(device which, char *name, unsigned size)
{
    ENTER_GPU("GetName")
    const struct instance *instance = instance_of(gpu, which);
    char full[160];
    snprintf(full, sizeof full, instance ? "%s MIG %s" : "%s", gpu->name, instance ? instance->profile : "");
    return give_text(name, size, full);
}

CALL nvmlDeviceGetIndex(device which, unsigned *index)
{
    ENTER_GPU("GetIndex")
    *index = (unsigned)(gpu - table.gpus);
    return 0;
}

CALL nvmlDeviceGetMinorNumber(device which, unsigned *minor)
{
    ENTER_GPU("GetMinorNumber")
    *minor = (unsigned)(gpu - table.gpus);
    return 0;
}

void fill_pci_info(struct pci_info *pci, unsigned index)
{
    memset(pci, 0, sizeof *pci);
    pci->bus = 0x10 * (index % 15 + 1);
    pci->domain = index / 15;
    snprintf(pci->bus_id_legacy, sizeof pci->bus_id_legacy, "%04X:%02X:00.0", pci->domain & 0xFFFF,
             pci->bus & 0xFF);
    snprintf(pci->bus_id, sizeof pci->bus_id, "%08X:%02X:00.0", pci->domain, pci->bus);
}

CALL nvmlDeviceGetPciInfo_v3(device which, struct pci_info *pci)
{
    ENTER_GPU("GetPciInfo")
    fill_pci_info(pci, (unsigned)(gpu - table.gpus));
    return 0;
}

/* Memory */

struct memory {
    unsigned long long total, free, used;
};
struct memory_v2 {
    unsigned version;
    unsigned long long total, reserved, free, used;
};
#define MEMORY_V2 0x02000028u

/* Version 1 counts what the driver keeps for itself as used. */
CALL nvmlDeviceGetMemoryInfo(device which, struct memory *memory)
{
    ENTER_GPU("GetMemoryInfo")
    const struct instance *instance = instance_of(gpu, which);
    if (is_instance(which)) {
        if (!instance)
            return INVALID_ARGUMENT;
        *memory = (struct memory){instance->memory_total, instance->memory_total - instance->memory_used,
                                  instance->memory_used};
        return 0;
    }
    memory->total = gpu->memory_total;
    memory->used = gpu->memory_used + gpu->memory_reserved;
    memory->free = memory->total - memory->used;
    return 0;
}

CALL nvmlDeviceGetMemoryInfo_v2(device which, struct memory_v2 *memory)
{
    ENTER_GPU("GetMemoryInfo_v2")
    if (memory->version != MEMORY_V2)
        return VERSION_MISMATCH;
    const struct instance *instance = instance_of(gpu, which);
    if (is_instance(which) && !instance)
        return INVALID_ARGUMENT;
    memory->total = instance ? instance->memory_total : gpu->memory_total;
    memory->used = instance ? instance->memory_used : gpu->memory_used;
    memory->reserved = instance ? 0 : gpu->memory_reserved;
    memory->free = memory->total - memory->used - memory->reserved;
    return 0;
}

/* Load, heat, power */

struct utilization {
    unsigned gpu, memory;
};

CALL nvmlDeviceGetUtilizationRates(device which, struct utilization *rates)
{
    ENTER_UNDIVIDED_GPU("GetUtilizationRates")
    rates->gpu = gpu->utilization;
    rates->memory = gpu->memory_utilization;
    return 0;
}

CALL nvmlDeviceGetTemperature(device which, int sensor, unsigned *celsius)
{
    (void)sensor;
    ENTER_WHOLE_GPU("GetTemperature")
    *celsius = gpu->temperature;
    return 0;
}

struct temperature {
    unsigned version;
    int sensor, celsius;
};
#define TEMPERATURE_V1 0x0100000Cu

CALL nvmlDeviceGetTemperatureV(device which, struct temperature *temperature)
{
    ENTER_WHOLE_GPU("GetTemperatureV")
    if (temperature->version != TEMPERATURE_V1)
        return VERSION_MISMATCH;
    temperature->celsius = (int)gpu->temperature;
    return 0;
}

CALL nvmlDeviceGetPowerUsage(device which, unsigned *milliwatts)
{
    ENTER_WHOLE_GPU("GetPowerUsage")
    *milliwatts = gpu->power;
    return 0;
}

CALL nvmlDeviceGetTotalEnergyConsumption(device which, unsigned long long *millijoules)
{
    ENTER_WHOLE_GPU("GetTotalEnergyConsumption")
    if (gpu->energy == UNSET)
        return NOT_SUPPORTED;
    *millijoules = gpu->energy * 1000ull;
    return 0;
}

CALL nvmlDeviceGetEnforcedPowerLimit(device which, unsigned *milliwatts)
{
    ENTER_WHOLE_GPU("GetEnforcedPowerLimit")
    *milliwatts = gpu->power_limit;
    return 0;
}

CALL nvmlDeviceGetPowerManagementLimit(device which, unsigned *milliwatts)
{
    ENTER_WHOLE_GPU("GetPowerManagementLimit")
    *milliwatts = gpu->power_limit;
    return 0;
}

CALL nvmlDeviceGetFanSpeed(device which, unsigned *percent)
{
    GIVE("GetFanSpeed", fan, percent)
}

CALL nvmlDeviceGetPersistenceMode(device which, unsigned *mode)
{
    GIVE("GetPersistenceMode", persistence, mode)
}
