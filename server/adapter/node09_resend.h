/*
 * server/adapter/node09_resend.h - what the other processes may have missed is told again.
 *
 * What is in doubt (node09_pending.h) is told in rounds, first at once and then at growing
 * distances. What was told before an outage is still known: a Redis that is restarted does not make
 * Node forget.
 */
#ifndef SIO_ADAPTER_NODE09_RESEND_H
#define SIO_ADAPTER_NODE09_RESEND_H

#include "server/cluster/module.h"

/* It hears when Redis is away, and which sessions are lost. */
extern const sio_cluster_module sio_node09_resend_module;

/* Before it is added. */
void sio_node09_resend_init(sio_env *env);

#endif
