#include "call.h"

#include <stdint.h>
#include <time.h>

static void sleep_ms(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

int enter(struct table *table, const char *call)
{
    int result = table_read(table);
    while (result == 0 && faults_hang(&table->faults, call)) {
        sleep_ms(20);
        result = table_read(table);
    }
    return result ? result : faults_result(&table->faults, call);
}

int enter_gpu(struct table *table, const struct gpu **gpu, device which, const char *call)
{
    uintptr_t place = (uintptr_t)which & ((1u << PLACE_BITS) - 1);
    for (;;) {
        int result = enter(table, call);
        if (result)
            return result;
        if (place == 0 || place > MAX_GPUS)
            return INVALID_ARGUMENT;
        if (place > table->gpu_count)
            return GPU_IS_LOST;
        *gpu = &table->gpus[place - 1];
        if (!faults_hang(&(*gpu)->faults, call))
            return faults_result(&(*gpu)->faults, call);
        sleep_ms(20);
    }
}

int is_instance(device which)
{
    return (uintptr_t)which >> PLACE_BITS != 0;
}

const struct instance *instance_of(const struct gpu *gpu, device which)
{
    uintptr_t slot = (uintptr_t)which >> PLACE_BITS;
    for (unsigned i = 0; slot && i < gpu->instance_count; i++)
        if (gpu->instances[i].slot + 1 == slot)
            return &gpu->instances[i];
    return NULL;
}
