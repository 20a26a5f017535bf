/* What every call of the library begins with. */
#ifndef GPUWS_LAB_CALL_H
#define GPUWS_LAB_CALL_H

#include "table.h"

#define CALL __attribute__((visibility("default"))) int
#define INVALID_ARGUMENT 2
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define INSUFFICIENT_SIZE 7
#define GPU_IS_LOST 15
#define VERSION_MISMATCH 25

/* A handle is the GPU's place in the file, plus one so that it is never NULL. */
typedef void *device;

/* Fill in the table as it is now; wait out the hangs, return the error that it sets for this call. */
int enter(struct table *table, const char *call);
/* The same for a call on one GPU. */
int enter_gpu(struct table *table, const struct gpu **gpu, device which, const char *call);

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

#endif
