/* The part of the library that a monitor asks while somebody looks closely: clocks, errors, the bus. */
#include "call.h"

#define MEMORY_CLOCK 2
#define CORRECTED 0
#define SENT 0
#define BY_POWER 0
#define BY_HEAT 1

struct violation {
    unsigned long long reference, nanoseconds;
};

CALL nvmlDeviceGetPerformanceState(device which, unsigned *state)
{
    GIVE("GetPerformanceState", performance_state, state)
}

CALL nvmlDeviceGetClockInfo(device which, int type, unsigned *megahertz)
{
    ENTER_WHOLE_GPU("GetClockInfo")
    *megahertz = type == MEMORY_CLOCK ? gpu->clock_memory : gpu->clock;
    return 0;
}

CALL nvmlDeviceGetMaxClockInfo(device which, int type, unsigned *megahertz)
{
    if (type == MEMORY_CLOCK) {
        GIVE("GetMaxClockInfo", clock_memory_max, megahertz)
    }
    GIVE("GetMaxClockInfo", clock_max, megahertz)
}

CALL nvmlDeviceGetCurrentClocksEventReasons(device which, unsigned long long *reasons)
{
    GIVE("GetCurrentClocksEventReasons", throttle, reasons)
}

CALL nvmlDeviceGetCurrentClocksThrottleReasons(device which, unsigned long long *reasons)
{
    GIVE("GetCurrentClocksThrottleReasons", throttle, reasons)
}

CALL nvmlDeviceGetTotalEccErrors(device which, int error, int counter, unsigned long long *count)
{
    (void)counter;
    ENTER_WHOLE_GPU("GetTotalEccErrors")
    *count = error == CORRECTED ? gpu->ecc_corrected : gpu->ecc_uncorrected;
    return 0;
}

CALL nvmlDeviceGetCurrPcieLinkGeneration(device which, unsigned *generation)
{
    GIVE("GetCurrPcieLinkGeneration", pcie_generation, generation)
}

CALL nvmlDeviceGetMaxPcieLinkGeneration(device which, unsigned *generation)
{
    GIVE("GetMaxPcieLinkGeneration", pcie_generation_max, generation)
}

CALL nvmlDeviceGetCurrPcieLinkWidth(device which, unsigned *width)
{
    GIVE("GetCurrPcieLinkWidth", pcie_width, width)
}

CALL nvmlDeviceGetMaxPcieLinkWidth(device which, unsigned *width)
{
    GIVE("GetMaxPcieLinkWidth", pcie_width_max, width)
}

CALL nvmlDeviceGetPcieThroughput(device which, int counter, unsigned *kilobytes)
{
    if (counter == SENT) {
        GIVE("GetPcieThroughput", pcie_sent, kilobytes)
    }
    GIVE("GetPcieThroughput", pcie_received, kilobytes)
}

CALL nvmlDeviceGetEncoderUtilization(device which, unsigned *percent, unsigned *period)
{
    *period = 167000;
    GIVE("GetEncoderUtilization", encoder, percent)
}

CALL nvmlDeviceGetDecoderUtilization(device which, unsigned *percent, unsigned *period)
{
    *period = 167000;
    GIVE("GetDecoderUtilization", decoder, percent)
}

CALL nvmlDeviceGetViolationStatus(device which, int policy, struct violation *violation)
{
    ENTER_WHOLE_GPU("GetViolationStatus")
    unsigned milliseconds = policy == BY_POWER  ? gpu->violation_power
                            : policy == BY_HEAT ? gpu->violation_thermal
                                                : UNSET;
    if (milliseconds == UNSET)
        return NOT_SUPPORTED;
    *violation = (struct violation){0, milliseconds * 1000000ull};
    return 0;
}
