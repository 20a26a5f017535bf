/* NVML's error numbers, their names as nvidia-ml-py spells them, and NVML's own words for them. */
#include <string.h>
#include <strings.h>

#include "table.h"

static const struct {
    int number;
    const char *name, *text;
} ERRORS[] = {
    {0, "Success", "Success"},
    {1, "Uninitialized", "Uninitialized"},
    {2, "InvalidArgument", "Invalid Argument"},
    {3, "NotSupported", "Not Supported"},
    {4, "NoPermission", "Insufficient Permissions"},
    {6, "NotFound", "Not Found"},
    {7, "InsufficientSize", "Insufficient Size"},
    {9, "DriverNotLoaded", "Driver Not Loaded"},
    {10, "Timeout", "Timeout"},
    {11, "IrqIssue", "Interrupt Request Issue"},
    {12, "LibraryNotFound", "NVML Shared Library Not Found"},
    {13, "FunctionNotFound", "Function Not Found"},
    {14, "CorruptedInforom", "Corrupted infoROM"},
    {15, "GpuIsLost", "GPU is lost"},
    {16, "ResetRequired", "GPU requires restart"},
    {17, "OperatingSystem", "The operating system has blocked the request."},
    {18, "LibRmVersionMismatch", "RM has detected an NVML/RM version mismatch."},
    {19, "InUse", "GPU is currently in use"},
    {20, "Memory", "Insufficient Memory"},
    {21, "NoData", "No data"},
    {25, "ArgumentVersionMismatch", "Argument version mismatch"},
    {27, "NotReady", "Not Ready"},
    {28, "GpuNotFound", "GPU not found"},
    {999, "Unknown", "Unknown Error"},
};
enum { ERROR_COUNT = sizeof ERRORS / sizeof *ERRORS };

int error_number(const char *name)
{
    for (int i = 0; i < ERROR_COUNT; i++)
        if (strcasecmp(name, ERRORS[i].name) == 0)
            return ERRORS[i].number;
    return 999;
}

const char *error_text(int number)
{
    for (int i = 0; i < ERROR_COUNT; i++)
        if (ERRORS[i].number == number)
            return ERRORS[i].text;
    return "Unknown Error";
}
