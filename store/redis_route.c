#include "store/redis_route.h"

static void
update_route(sio_redis_route *route, const sio_redis_slots *slots)
{
    const unsigned owner = slots->owner[route->slot];

    if (owner != SIO_REDIS_NOBODY)
        sio_redis_primary_announce(&route->primary, &slots->places[owner]);
}

void
sio_redis_route_update_all(sio_link *routes, const sio_redis_slots *slots)
{
    for (sio_link *l = routes->next; l != routes; l = l->next)
        update_route(SIO_CONTAINER(l, sio_redis_route, in_routes), slots);
}

void
sio_redis_route_join(sio_redis_route *route, sio_link *routes, const sio_redis_slots *slots,
                     sio_view key)
{
    route->slot = sio_redis_slots_of(key);
    sio_redis_primary_init(&route->primary);
    route->primary.is_of_cluster = true;
    sio_link_init(&route->in_routes);
    sio_link_append(routes, &route->in_routes);
    update_route(route, slots);
}

void
sio_redis_route_leave(sio_redis_route *route)
{
    sio_link_remove(&route->in_routes);
}
