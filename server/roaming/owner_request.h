/*
 * server/roaming/owner_request.h - requests of sinks and relays for sessions that are here, or were
 * opened with a handshake that was made here.
 *
 * A connection of such a sink is a channel here (owner_channel.h). Requests of Engine.IO are
 * owner_engine.h. Rules: spec/socketio-0.9.md section 8.6.
 */
#ifndef SIO_ROAMING_OWNER_REQUEST_H
#define SIO_ROAMING_OWNER_REQUEST_H

#include "server/cluster/module.h"

/* It hears sinks; what they say is passed on when the session is elsewhere. */
extern const sio_cluster_module sio_owner_request_module;

#endif
