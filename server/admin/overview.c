#include "server/admin/overview.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "protocol/json_member.h"
#include "server/admin/admin.h"
#include "server/admin/admin_reply.h"
#include "server/base/env.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"
#include "server/net/net.h"
#include "server/socketio/io.h"
#include "store/clock.h"

enum { MAX_PEERS = 100 /* that are listed */ };

static void
add_real_member(sio_buf *out, const char *name, double value)
{
    char text[40];

    snprintf(text, sizeof text, "%.9g", value);
    sio_json_member_name(out, name);
    sio_buf_add_str(out, text);
}

/* --- Parts. --- */

static void
add_identity(sio_buf *out, const sio_env *env)
{
    const uint64_t now_ms = sio_epoch_ms(), began_ms = env->admin->began_ms;

    sio_buf_add_str(out, "{\"version\":\"" SIO_VERSION "\"");
    sio_json_member_text(out, "name", sio_view_of(env->cfg->name));
    sio_json_member_text(out, "tag", sio_view_of(env->tag));
    sio_json_member_number(out, "pid", (uint64_t)getpid());
    sio_json_member_text(out, "phase", sio_view_of(sio_phase_name(env->phase)));
    sio_json_member_number(out, "now", now_ms);
    sio_json_member_number(out, "began", began_ms);
    add_real_member(out, "uptime", ((double)now_ms - (double)began_ms) / 1000);
    sio_json_member_number(out, "max_connections", env->net->admission.max_connections);
}

static void
add_sessions(sio_buf *out, const sio_measures *m)
{
    bool is_first = true;

    sio_json_member_name(out, "sessions");
    for (size_t s = 0; s < SIO_N_SPEAKS; s++)
        for (size_t by = 0; by < SIO_N_CARRIED_BY; by++) {
            if (m->sessions[s][by] == 0)
                continue;
            sio_buf_add_str(out, is_first ? "[{" : ",{");
            is_first = false;
            sio_buf_add_str(out, "\"transport\":\"");
            sio_buf_add_str(out, sio_measures_carried_by[by]);
            sio_buf_add_char(out, '"');
            sio_json_member_text(out, "revision", sio_view_of(sio_measures_speaks[s]));
            sio_json_member_number(out, "n", m->sessions[s][by]);
            sio_buf_add_char(out, '}');
        }
    sio_buf_add_str(out, is_first ? "[]" : "]");
}

static void
add_namespace(sio_buf *out, sio_view name, uint64_t n_sockets)
{
    sio_buf_add_str(out, "{\"name\":");
    sio_buf_add_json_string(out, name, SIO_JSON_PLAIN);
    sio_json_member_number(out, "sockets", n_sockets);
    sio_buf_add_char(out, '}');
}

static void
add_namespaces(sio_buf *out, const sio_io *io)
{
    sio_json_member_name(out, "namespaces");
    sio_buf_add_char(out, '[');
    for (size_t i = 0; i < SIO_MAX_COUNTED_NAMESPACES && io->counted[i] != NULL; i++) {
        const sio_view name = io->counted[i]->name;

        sio_buf_add_str(out, i > 0 ? "," : "");
        add_namespace(out, name.len > 0 ? name : SIO_VIEW("/"), io->n_sockets[i]);
    }
    if (io->n_namespaces > SIO_MAX_COUNTED_NAMESPACES) {
        sio_buf_add_char(out, ',');
        add_namespace(out, SIO_VIEW("other"), io->n_sockets[SIO_MAX_COUNTED_NAMESPACES]);
    }
    sio_buf_add_char(out, ']');
}

static void
add_peers(sio_buf *out, sio_env *env)
{
    sio_link      *list = &env->cluster->peer_list;
    const uint64_t now_ms = sio_timer_wheel_now_ms(&env->timers);
    unsigned       n = 0;

    sio_json_member_name(out, "peers");
    sio_buf_add_char(out, '[');
    for (sio_link *l = list->next; l != list && n < MAX_PEERS; l = l->next, n++) {
        const sio_peer *peer = SIO_CONTAINER(l, sio_peer, link);

        sio_buf_add_str(out, n > 0 ? ",{\"tag\":" : "{\"tag\":");
        sio_buf_add_json_string(out, sio_view_of(peer->tag), SIO_JSON_PLAIN);
        add_real_member(out, "silence", (double)(now_ms - peer->heard_ms) / 1000);
        sio_json_member_number(out, "backlog", peer->n_unacked_bytes);
        sio_buf_add_char(out, '}');
    }
    sio_buf_add_char(out, ']');
}

static void
add_redis(sio_buf *out, const sio_env *env)
{
    const sio_store_counters *c = sio_store_get_counters(env->store);

    sio_json_member_name(out, "redis");
    if (env->cfg->redis[0] == '\0') {
        sio_buf_add_str(out, "null");
        return;
    }
    sio_buf_add_str(out, c->connected == 1 ? "{\"up\":true" : "{\"up\":false");
    sio_json_member_number(out, "pending", c->pending);
    sio_json_member_number(out, "reconnects", c->reconnects);
    sio_buf_add_char(out, '}');
}

/* To an array that has begun. */
static void
add_item(sio_buf *out, sio_view text)
{
    if (out->len > 0 && out->data[out->len - 1] != '[')
        sio_buf_add_char(out, ',');
    sio_buf_add_json_string(out, text, SIO_JSON_PLAIN);
}

static void
add_listeners(sio_buf *out, const sio_env *env)
{
    const sio_fronts *fronts = &env->net->fronts;
    const sio_side   *side = &env->admin->side;
    sio_buf           url;

    sio_buf_init(&url, SIZE_MAX);
    sio_json_member_name(out, "listeners");
    sio_buf_add_char(out, '[');
    for (unsigned i = 0; i < fronts->n; i++)
        add_item(out, sio_view_of(fronts->items[i].where));
    if (env->admin->control.where.len > 0)
        add_item(out, env->admin->control.where);
    for (unsigned i = 0; i < side->n_listeners; i++) {
        sio_buf_clear(&url);
        sio_side_add_url(&side->listeners[i], env->cfg->admin_listen.items[i], &url);
        add_item(out, sio_buf_view(&url));
    }
    sio_buf_add_char(out, ']');
    sio_buf_fini(&url);
}

/* As the files were when they were read; days: until it ends, fewer than 0 when it has. */
static void
add_certificates(sio_buf *out, const sio_env *env)
{
    const sio_tls_contexts *set = env->net->tls.contexts;

    sio_json_member_name(out, "certificates");
    sio_buf_add_char(out, '[');
    for (size_t i = 0; set != NULL && i < set->n; i++) {
        const sio_certificate *c = &set->items[i].certificate;
        const int64_t          days = sio_certificate_days_left(c->ends_s, (uint64_t)time(NULL));

        sio_buf_add_str(out, i > 0 ? ",{\"names\":[" : "{\"names\":[");
        for (size_t n = 0; n < c->n_names; n++)
            add_item(out, c->names[n]);
        sio_buf_add_str(out, days < 0 ? "],\"days\":-" : "],\"days\":");
        sio_buf_add_u64(out, (uint64_t)(days < 0 ? -days : days));
        sio_json_member_number(out, "ends", c->ends_s * 1000);
        sio_buf_add_char(out, '}');
    }
    sio_buf_add_char(out, ']');
}

static void
add_histogram(sio_buf *out, const char *name, const sio_histogram *h)
{
    sio_json_member_name(out, name);
    sio_buf_add_str(out, "{\"unit\":1e-6");
    sio_json_member_number(out, "first", h->first);
    sio_json_member_number(out, "factor", h->factor);
    sio_json_member_number(out, "sum", h->sum);
    sio_json_member_name(out, "counts");
    for (unsigned i = 0; i <= h->n_bounds; i++) {
        sio_buf_add_char(out, i == 0 ? '[' : ',');
        sio_buf_add_u64(out, h->counts[i]);
    }
    sio_buf_add_str(out, "]}");
}

static void
add_backends(sio_buf *out, sio_env *env)
{
    sio_link *list = &env->measures.backends;

    sio_json_member_name(out, "backends");
    sio_buf_add_char(out, '[');
    for (sio_link *l = list->next; l != list; l = l->next) {
        const sio_backend_measures *b = SIO_CONTAINER(l, sio_backend_measures, link);

        sio_buf_add_str(out, l != list->next ? ",{\"name\":" : "{\"name\":");
        sio_buf_add_json_string(out, sio_view_of(b->name), SIO_JSON_PLAIN);
        add_histogram(out, "request", &b->requests);
        sio_buf_add_char(out, '}');
    }
    sio_buf_add_char(out, ']');
}

static void
add_histograms(sio_buf *out, const sio_env *env)
{
    sio_json_member_name(out, "histograms");
    sio_buf_add_str(out, "{\"unit\":\"seconds\"");
    add_histogram(out, "loop_lag", &env->measures.loop_lag);
    add_histogram(out, "loop_turn", &env->measures.loop_turns);
    add_histogram(out, "heartbeat_answer", &env->measures.heartbeat_answers);
    add_histogram(out, "redis_command", &sio_store_get_counters(env->store)->command_us);
    sio_buf_add_char(out, '}');
}

static void
add_process(sio_buf *out, const sio_env *env)
{
    const sio_admin          *admin = env->admin;
    const sio_process_figures f =
        sio_process_usage_now(&admin->usage, (env->has_sums ? 0 : env->stats.connections) +
                                                 env->net->n_dismissed + admin->side.n_conns);

    sio_json_member_name(out, "process");
    sio_buf_add_str(out, "{\"fds\":");
    sio_buf_add_u64(out, f.open_fds);
    sio_json_member_number(out, "max_fds", f.max_fds);
    sio_json_member_number(out, "resident", f.resident_bytes);
    add_real_member(out, "cpu", f.cpu_s);
    sio_buf_add_char(out, '}');
}

/* --- Together. --- */

static void
write_overview(sio_buf *out, sio_env *env)
{
    const sio_stats stats = sio_env_stats(env);

    add_identity(out, env);
    add_sessions(out, &env->measures);
    add_namespaces(out, env->io);
    add_peers(out, env);
    add_redis(out, env);
    add_backends(out, env);
    add_listeners(out, env);
    add_certificates(out, env);
    add_process(out, env);
    add_histograms(out, env);
    sio_json_member_name(out, "counters");
    sio_stats_json(&stats, sio_store_get_counters(env->store), out);
    sio_json_member_name(out, "settings");
    sio_cfg_describe_changes(env->cfg, out);
    sio_buf_add_str(out, "}\n");
}

void
sio_overview_serve(sio_exchange *x, const sio_admin_request *r)
{
    sio_buf body;

    (void)r;
    sio_buf_init(&body, SIZE_MAX);
    write_overview(&body, x->env);
    sio_admin_reply(x, 200, "application/json", &body);
    sio_buf_fini(&body);
}
