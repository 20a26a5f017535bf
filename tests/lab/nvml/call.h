/* What every call of the library begins with. */
#ifndef GPUWS_LAB_CALL_H
#define GPUWS_LAB_CALL_H

#include "table.h"

#define CALL __attribute__((visibility("default"))) int
#define INVALID_ARGUMENT 2
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define INSUFFICIENT_SIZE 7
#define TIMEOUT 10
#define GPU_IS_LOST 15
#define VERSION_MISMATCH 25

/* A handle is the GPU's place in the file, plus one so that it is never NULL; above these 16 bits, for a MIG instance,
 * its place among the GPU's instances plus one. */
typedef void *device;
#define PLACE_BITS 16

/* Fill in the table as it is now; wait out the hangs, return the error that it sets for this call. */
int enter(struct table *table, const char *call);
/* The same for a call on one GPU. */
int enter_gpu(struct table *table, const struct gpu **gpu, device which, const char *call);
/* The MIG instance that a handle names; NULL where it names a GPU or what is no more. */
const struct instance *instance_of(const struct gpu *gpu, device which);
int is_instance(device which);

struct pci_info {
    char bus_id_legacy[16];
    unsigned domain, bus, device, pci_device_id, pci_subsystem_id;
    char bus_id[32];
};
/* The address of the GPU at a place in the file. */
void fill_pci_info(struct pci_info *pci, unsigned index);

#define ENTER(call)                                                                                                    \
    struct table table;                                                                                                \
    int result = enter(&table, call);                                                                                  \
    if (result)                                                                                                        \
        return result;
#define ENTER_GPU(call)                                                                                                \
    struct table table;                                                                                                \
    const struct gpu *gpu;                                                                                             \
    int result = enter_gpu(&table, &gpu, which, call);                                                                 \
    if (result)                                                                                                        \
        return result;
/* A call that the driver answers for whole GPUs only. */
#define ENTER_WHOLE_GPU(call)                                                                                          \
    ENTER_GPU(call)                                                                                                    \
    if (is_instance(which))                                                                                            \
        return NOT_SUPPORTED;
/* The same for a call that it does not answer for a divided GPU either. */
#define ENTER_UNDIVIDED_GPU(call)                                                                                      \
    ENTER_WHOLE_GPU(call)                                                                                              \
    if (gpu->mig == 1)                                                                                                 \
        return NOT_SUPPORTED;
/* The same for a call that gives a number of the file. */
#define GIVE(call, field, target)                                                                                      \
    ENTER_WHOLE_GPU(call)                                                                                              \
    if (gpu->field == UNSET)                                                                                           \
        return NOT_SUPPORTED;                                                                                          \
    *(target) = gpu->field;                                                                                            \
    return 0;

#endif
