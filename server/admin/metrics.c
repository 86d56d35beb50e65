#include "server/admin/metrics.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "server/admin/admin.h"
#include "server/admin/admin_reply.h"
#include "server/admin/exposition.h"
#include "server/base/digest.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"
#include "server/net/carrier.h"
#include "server/net/net.h"
#include "server/socketio/io.h"

/* --- The counters. --- */

static sio_expose
exposed_as(sio_stat_kind kind)
{
    return kind == SIO_STAT_NOW ? SIO_EXPOSE_GAUGE : SIO_EXPOSE_COUNTER;
}

static void
write_stats(sio_exposition *e, const sio_stat *rows, size_t n, const void *counters)
{
    for (size_t i = 0; i < n; i++) {
        const sio_stat *row = &rows[i];

        if (row->kind == SIO_STAT_SPLIT)
            continue;
        sio_exposition_family(e, row->metric != NULL ? row->metric : row->name,
                              exposed_as(row->kind), row->help);
        sio_exposition_number(e, NULL, 0, sio_stat_value(row, counters));
    }
}

static void
write_tally(sio_exposition *e, const sio_tally *t, const sio_measures *m)
{
    const uint64_t *values = (const uint64_t *)(const void *)((const char *)m + t->offset);

    sio_exposition_family(e, t->name, SIO_EXPOSE_COUNTER, t->help);
    for (size_t i = 0; i < t->n; i++) {
        const sio_label label = {t->label, sio_view_of(t->words[i])};

        sio_exposition_number(e, &label, 1, values[i]);
    }
}

static void
write_sizes(sio_exposition *e, const sio_sizes *s, const sio_measures *m)
{
    const sio_histogram *h = (const sio_histogram *)(const void *)((const char *)m + s->offset);

    sio_exposition_family(e, s->name, SIO_EXPOSE_HISTOGRAM, s->help);
    for (size_t i = 0; i < s->n; i++) {
        const sio_label label = {s->label, sio_view_of(s->label != NULL ? s->words[i] : NULL)};

        sio_exposition_histogram(e, &label, &h[i], s->unit);
    }
}

static void
write_backends(sio_exposition *e, sio_env *env)
{
    sio_link *list = &env->measures.backends;

    if (sio_link_empty(list))
        return;
    sio_exposition_family(e, "backend_request_seconds", SIO_EXPOSE_HISTOGRAM,
                          "From a request to its end, by the backend");
    for (sio_link *l = list->next; l != list; l = l->next) {
        const sio_backend_measures *b = SIO_CONTAINER(l, sio_backend_measures, link);
        const sio_label             label = {"backend", sio_view_of(b->name)};

        sio_exposition_histogram(e, &label, &b->requests, 1e-6);
    }
}

/* As the files were when they were read; two may be for the same name. */
static void
write_certificates(sio_exposition *e, const sio_env *env)
{
    const sio_tls_contexts *set = env->net->tls.contexts;
    char                    place[24], title[256];

    if (set == NULL)
        return;
    sio_exposition_family(e, "certificate_end_timestamp_seconds", SIO_EXPOSE_GAUGE,
                          "When it ends, since 1970");
    for (size_t i = 0; i < set->n; i++) {
        const sio_certificate *c = &set->items[i].certificate;

        snprintf(place, sizeof place, "%zu", i);
        const sio_label labels[] = {
            {"certificate", sio_view_of(sio_certificate_title(c, title, sizeof title))},
            {"place", sio_view_of(place)}};

        sio_exposition_number(e, labels, 2, c->ends_s);
    }
}

static void
write_groups(sio_exposition *e, const sio_backend_measures *b)
{
    for (size_t i = 0; i < b->n_groups; i++) {
        const sio_label labels[] = {{"backend", sio_view_of(b->name)},
                                    {"group", sio_view_of(b->groups[i].name)}};

        sio_exposition_number(e, labels, 2, b->groups[i].n_unread);
    }
}

static bool
has_groups(const sio_link *backends)
{
    for (sio_link *l = backends->next; l != backends; l = l->next)
        if (SIO_CONTAINER(l, sio_backend_measures, link)->n_groups > 0)
            return true;
    return false;
}

static void
write_unread(sio_exposition *e, const sio_link *backends)
{
    if (!has_groups(backends))
        return;
    sio_exposition_family(e, "stream_group_unread", SIO_EXPOSE_GAUGE,
                          "What a group has not been given yet (Redis 7)");
    for (sio_link *l = backends->next; l != backends; l = l->next)
        write_groups(e, SIO_CONTAINER(l, sio_backend_measures, link));
}

/* --- What is counted by more than one word. --- */

/* Only those that there can be: htmlfile, for example, is of 0.9. */
static bool
may_be(size_t speaks, size_t by)
{
    const bool is_of_09 = by >= SIO_CARRIED_BY_FLASHSOCKET && by <= SIO_CARRIED_BY_JSONP_POLLING;

    if (by == SIO_CARRIED_BY_NOTHING || by == SIO_CARRIED_BY_WEBSOCKET)
        return true;
    return is_of_09 == (speaks == SIO_SPEAKS_09);
}

static void
write_sessions(sio_exposition *e, const sio_measures *m)
{
    sio_exposition_family(e, "sessions", SIO_EXPOSE_GAUGE,
                          "Clients, by their transport and what they speak");
    for (size_t s = 0; s < SIO_N_SPEAKS; s++)
        for (size_t by = 0; by < SIO_N_CARRIED_BY; by++) {
            const sio_label labels[] = {
                {"transport", sio_view_of(sio_measures_carried_by[by])},
                {"revision", sio_view_of(sio_measures_speaks[s])},
            };

            if (may_be(s, by))
                sio_exposition_number(e, labels, 2, m->sessions[s][by]);
        }
}

static void
write_sockets(sio_exposition *e, const sio_io *io)
{
    sio_exposition_family(e, "sockets", SIO_EXPOSE_GAUGE,
                          "Sockets, by their namespace; of those after the first 50 together");
    for (size_t i = 0; i < SIO_MAX_COUNTED_NAMESPACES && io->counted[i] != NULL; i++) {
        const sio_view  name = io->counted[i]->name;
        const sio_label label = {"namespace", name.len > 0 ? name : SIO_VIEW("/")};

        sio_exposition_number(e, &label, 1, io->n_sockets[i]);
    }
    if (io->n_namespaces > SIO_MAX_COUNTED_NAMESPACES)
        sio_exposition_number(e, &(sio_label){"namespace", SIO_VIEW("other")}, 1,
                              io->n_sockets[SIO_MAX_COUNTED_NAMESPACES]);
}

/* --- The store. --- */

static void
write_handshake_store(sio_exposition *e, const sio_store_counters *c)
{
    const struct {
        const char *word;
        uint64_t    value;
    } ops[] = {{"put", c->puts},    {"take", c->takes},      {"hit", c->hits},
               {"miss", c->misses}, {"expired", c->expired}, {"full", c->full}};

    sio_exposition_family(e, "handshake_store", SIO_EXPOSE_COUNTER,
                          "What was done with handshakes that wait for their client");
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        sio_exposition_number(e, &(sio_label){"op", sio_view_of(ops[i].word)}, 1, ops[i].value);
}

static void
write_store(sio_exposition *e, const sio_env *env)
{
    const sio_store_counters *c;

    if (env->store == NULL)
        return;
    c = sio_store_get_counters(env->store);
    write_handshake_store(e, c);
    if (env->cfg->redis[0] == '\0')
        return; /* a redis_up of 0 would be an alarm */
    write_stats(e, sio_stats_store_table, sio_stats_n_store, c);
    sio_exposition_family(e, "redis_command_seconds", SIO_EXPOSE_HISTOGRAM,
                          "From a command to the reply of Redis");
    sio_exposition_histogram(e, &(sio_label){NULL, {NULL, 0}}, &c->command_us, 1e-6);
}

static void
write_peers(sio_exposition *e, sio_env *env)
{
    sio_link      *list = &env->cluster->peer_list;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);
    uint64_t       backlog = 0, silence_ms = 0;

    for (sio_link *l = list->next; l != list; l = l->next) {
        const sio_peer *peer = SIO_CONTAINER(l, sio_peer, link);

        if (peer->n_unacked_bytes > backlog)
            backlog = peer->n_unacked_bytes;
        if (now_ms - peer->heard_ms > silence_ms)
            silence_ms = now_ms - peer->heard_ms;
    }
    sio_exposition_family(e, "peer_backlog_bytes", SIO_EXPOSE_GAUGE,
                          "Bytes of messages that one instance has not acknowledged, at most");
    sio_exposition_number(e, NULL, 0, backlog);
    sio_exposition_family(e, "peer_silence_seconds", SIO_EXPOSE_GAUGE,
                          "Time since the last word of one instance, at most");
    sio_exposition_real(e, NULL, 0, (double)silence_ms / 1000);
}

/* --- The program. --- */

static void
write_gauge(sio_exposition *e, const char *name, double value, const char *help)
{
    sio_exposition_family(e, name, SIO_EXPOSE_GAUGE, help);
    sio_exposition_real(e, NULL, 0, value);
}

static void
write_build(sio_exposition *e, const sio_env *env)
{
    const sio_label labels[] = {
        {"version", SIO_VIEW(SIO_VERSION)},
        {"openssl", sio_view_of(sio_digest_library())},
        {"libevent", sio_view_of(event_get_version())},
        {"libwebsockets", sio_view_of(sio_carrier_lws_library())},
    };

    sio_exposition_family(e, "build_info", SIO_EXPOSE_GAUGE, "1, with the versions as labels");
    sio_exposition_number(e, labels, 4, 1);
    write_gauge(e, "start_time_seconds", (double)env->admin->began_ms / 1000,
                "When the server began to listen, since 1970");
    write_gauge(e, "reload_success_timestamp_seconds",
                (double)env->measures.settings_read_ms / 1000,
                "When its settings were read, since 1970");
    write_gauge(e, "draining", env->phase >= SIO_LEAVING, "1 while no new clients should come");
    write_gauge(e, "max_connections", env->net->admission.max_connections,
                "Connections that may be open at once");
}

static void
write_process(sio_exposition *e, const sio_env *env)
{
    const sio_admin          *admin = env->admin;
    const sio_process_figures f =
        sio_process_usage_now(&admin->usage, (env->has_sums ? 0 : env->stats.connections) +
                                                 env->net->n_dismissed + admin->side.n_conns);

    sio_exposition_common_family(e, "process_cpu_seconds", SIO_EXPOSE_COUNTER, "Processor time");
    sio_exposition_real(e, NULL, 0, f.cpu_s);
    sio_exposition_common_family(e, "process_resident_memory_bytes", SIO_EXPOSE_GAUGE,
                                 "Memory in RAM");
    sio_exposition_number(e, NULL, 0, f.resident_bytes);
    sio_exposition_common_family(e, "process_virtual_memory_bytes", SIO_EXPOSE_GAUGE,
                                 "Memory in address space");
    sio_exposition_number(e, NULL, 0, f.virtual_bytes);
    sio_exposition_common_family(e, "process_open_fds", SIO_EXPOSE_GAUGE,
                                 "Open descriptors; before Linux 6.2 about so many");
    sio_exposition_number(e, NULL, 0, f.open_fds);
    sio_exposition_common_family(e, "process_max_fds", SIO_EXPOSE_GAUGE,
                                 "Descriptors that may be open");
    sio_exposition_number(e, NULL, 0, f.max_fds);
    sio_exposition_common_family(e, "process_start_time_seconds", SIO_EXPOSE_GAUGE,
                                 "When the process began, since 1970");
    sio_exposition_real(e, NULL, 0, admin->usage.began_s);
}

/* --- All of them. --- */

void
sio_metrics_write(sio_env *env, bool open_metrics, sio_buf *out)
{
    const sio_measures *m = &env->measures;
    const sio_stats     stats = sio_env_stats(env);
    sio_exposition      e;

    sio_exposition_begin(&e, out, open_metrics);
    write_stats(&e, sio_stats_table, sio_stats_n, &stats);
    for (size_t i = 0; i < sio_measures_n_tallies; i++)
        write_tally(&e, &sio_measures_tallies[i], m);
    for (size_t i = 0; i < sio_measures_n_sizes; i++)
        write_sizes(&e, &sio_measures_sizes[i], m);
    write_backends(&e, env);
    write_certificates(&e, env);
    write_unread(&e, &env->measures.backends);
    write_sessions(&e, m);
    write_sockets(&e, env->io);
    write_store(&e, env);
    write_peers(&e, env);
    write_build(&e, env);
    write_process(&e, env);
    sio_exposition_end(&e);
}

/* Is the type among those that the client takes? Weights do not matter: it takes the other, too. */
static bool
wants_open_metrics(const sio_http_request *head)
{
    const sio_view accept = sio_http_header_value(head, "accept");
    const sio_view type = SIO_VIEW("application/openmetrics-text");

    return accept.len > 0 && memmem(accept.data, accept.len, type.data, type.len) != NULL;
}

void
sio_metrics_serve(sio_exchange *x, const sio_admin_request *r)
{
    const bool open_metrics = wants_open_metrics(r->head);
    sio_buf    body;

    sio_buf_init(&body, SIZE_MAX);
    sio_metrics_write(x->env, open_metrics, &body);
    sio_admin_reply(x, 200,
                    open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                 : "text/plain; version=0.0.4; charset=utf-8",
                    &body);
    sio_buf_fini(&body);
}
