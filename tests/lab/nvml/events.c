/* The part of the library that tells what happens: events of the file that are newer than a set's registration. */
#include <stdlib.h>
#include <time.h>

#include "call.h"

#define STEP 20 /* milliseconds from one look at the file to the next */

struct event_set {
    device which[MAX_GPUS]; /* NULL: nobody asked for that GPU's */
    unsigned long long types[MAX_GPUS];
    unsigned last[MAX_GPUS]; /* number of the newest event that was told, or was there before */
};

struct event_data {
    device which;
    unsigned long long type, data;
    unsigned gpu_instance, compute_instance;
};

CALL nvmlEventSetCreate(struct event_set **set)
{
    ENTER("EventSetCreate")
    *set = calloc(1, sizeof **set);
    return 0;
}

CALL nvmlEventSetFree(struct event_set *set)
{
    free(set);
    return 0;
}

CALL nvmlDeviceGetSupportedEventTypes(device which, unsigned long long *types)
{
    GIVE("GetSupportedEventTypes", event_types, types)
}

CALL nvmlDeviceRegisterEvents(device which, unsigned long long types, struct event_set *set)
{
    ENTER_WHOLE_GPU("RegisterEvents")
    if (gpu->event_types == UNSET || types & ~(unsigned long long)gpu->event_types)
        return NOT_SUPPORTED;
    size_t place = (size_t)(gpu - table.gpus);
    set->which[place] = which;
    set->types[place] |= types;
    for (unsigned i = 0; i < gpu->event_count; i++)
        if (gpu->events[i].number > set->last[place])
            set->last[place] = gpu->events[i].number;
    return 0;
}

/* Whether there was one, which is told then. */
static int next_event(struct event_set *set, const struct table *table, struct event_data *data)
{
    for (unsigned place = 0; place < table->gpu_count; place++) {
        const struct gpu *gpu = &table->gpus[place];
        for (unsigned i = 0; set->which[place] && i < gpu->event_count; i++) {
            const struct event *event = &gpu->events[i];
            if (event->number <= set->last[place] || !(event->type & set->types[place]))
                continue;
            set->last[place] = event->number;
            *data = (struct event_data){set->which[place], event->type, event->data, event->gpu_instance, UNSET};
            return 1;
        }
    }
    return 0;
}

CALL nvmlEventSetWait_v2(struct event_set *set, struct event_data *data, unsigned milliseconds)
{
    for (unsigned waited = 0;; waited += STEP) {
        ENTER("EventSetWait")
        if (next_event(set, &table, data))
            return 0;
        if (waited >= milliseconds)
            return TIMEOUT;
        struct timespec step = {0, STEP * 1000000};
        nanosleep(&step, NULL);
    }
}
