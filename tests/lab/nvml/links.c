/* The part of the library that tells how one GPU reaches another. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "call.h"

enum { SAME_SWITCH = 10, SAME_NODE = 40, ACROSS_THE_SYSTEM = 50 };
enum { TO_GPU = 0, TO_SWITCH = 2 };
#define NVLINK_CAPABILITY 2
#define SWITCH_PLACE 3000 /* where no GPU is */

static const struct gpu *peer_of(const struct table *table, device which)
{
    uintptr_t place = (uintptr_t)which;
    return place && place <= table->gpu_count ? &table->gpus[place - 1] : NULL;
}

CALL nvmlDeviceGetTopologyCommonAncestor(device which, device other, int *level)
{
    ENTER_WHOLE_GPU("GetTopologyCommonAncestor")
    const struct gpu *peer = peer_of(&table, other);
    if (!peer)
        return INVALID_ARGUMENT;
    if (gpu->pcie_switch != UNSET && gpu->pcie_switch == peer->pcie_switch)
        *level = SAME_SWITCH;
    else if (gpu->numa == peer->numa)
        *level = SAME_NODE;
    else
        *level = ACROSS_THE_SYSTEM;
    return 0;
}

static int has_route(const struct gpu *gpu, unsigned peer)
{
    for (unsigned i = 0; i < gpu->route_count; i++)
        if (gpu->routes[i].peer == peer)
            return 1;
    return 0;
}

/* 0 is "OK", 1 "chipset not supported". Switches reach each other. */
CALL nvmlDeviceGetP2PStatus(device which, device other, int capability, int *status)
{
    ENTER_WHOLE_GPU("GetP2PStatus")
    const struct gpu *peer = peer_of(&table, other);
    if (!peer)
        return INVALID_ARGUMENT;
    int linked = has_route(gpu, (unsigned)(peer - table.gpus)) || (has_route(gpu, UNSET) && has_route(peer, UNSET));
    *status = capability == NVLINK_CAPABILITY && linked ? 0 : 1;
    return 0;
}

static const struct route *route_of(const struct gpu *gpu, unsigned link)
{
    for (unsigned i = 0; i < gpu->route_count; i++) {
        if (link < gpu->routes[i].lanes)
            return &gpu->routes[i];
        link -= gpu->routes[i].lanes;
    }
    return NULL;
}

CALL nvmlDeviceGetNvLinkState(device which, unsigned link, unsigned *active)
{
    ENTER_WHOLE_GPU("GetNvLinkState")
    if (gpu->route_count == 0)
        return NOT_SUPPORTED;
    if (link >= MAX_LINKS)
        return INVALID_ARGUMENT;
    *active = route_of(gpu, link) != NULL;
    return 0;
}

CALL nvmlDeviceGetNvLinkRemoteDeviceType(device which, unsigned link, int *type)
{
    ENTER_WHOLE_GPU("GetNvLinkRemoteDeviceType")
    const struct route *route = route_of(gpu, link);
    if (!route)
        return NOT_SUPPORTED;
    *type = route->peer == UNSET ? TO_SWITCH : TO_GPU;
    return 0;
}

CALL nvmlDeviceGetNvLinkRemotePciInfo_v2(device which, unsigned link, struct pci_info *pci)
{
    ENTER_WHOLE_GPU("GetNvLinkRemotePciInfo")
    const struct route *route = route_of(gpu, link);
    if (!route)
        return NOT_SUPPORTED;
    fill_pci_info(pci, route->peer == UNSET ? SWITCH_PLACE : route->peer);
    return 0;
}
