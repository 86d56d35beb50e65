#include "server/config/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol/listen_address.h"
#include "protocol/result.h"
#include "server/config/config_admin_ui.h"
#include "server/config/config_api.h"
#include "server/config/config_assign.h"
#include "server/config/config_backends.h"
#include "server/config/config_difference.h"
#include "server/config/config_jwt.h"
#include "server/config/config_streams.h"
#include "server/config/config_json.h"
#include "server/config/config_names.h"
#include "server/config/config_spell.h"
#include "server/config/config_table.h"
#include "server/config/config_tls.h"
#include "server/config/config_value.h"
#include "server/config/setting_explain.h"
#include "store/redis_url.h"

enum { MAX_NOTES = 4096 }; /* what an absurd command line could add is not needed */

/* Append `"KEY": ` */
static void
begin_error(sio_buf *error, const char *key)
{
    sio_setting_explain_add_quoted(error, key);
    sio_buf_add_str(error, ": ");
}

static int
out_of_memory(sio_buf *error)
{
    sio_buf_add_str(error, "out of memory");
    return SIO_ERR_NOMEM;
}

/* Where settings are set, and what may be wrong with them. */
typedef struct {
    sio_cfg *cfg;
    sio_buf *error;
} target;

static int
set_setting(void *arg, const sio_setting *s, sio_view path, const cJSON *value)
{
    const target *t = arg;
    const int     rc = sio_config_assign(s, t->cfg, path, value, &t->cfg->notes, t->error);

    if (rc == SIO_OK)
        t->cfg->given[s - sio_settings.rows] = true;
    return rc;
}

/* All of an object of socket.io 4, or nothing: so it is tried first. */
static int
try_object(const char *key, const cJSON *value, sio_buf *error)
{
    sio_cfg scratch;
    target  t = {&scratch, error};
    int     rc = sio_cfg_init(&scratch);

    rc = rc == SIO_OK ? sio_config_spell(key, value, set_setting, &t, error) : out_of_memory(error);
    sio_cfg_fini(&scratch);
    return rc;
}

int
sio_cfg_set_value(sio_cfg *cfg, const char *key, const cJSON *value, sio_buf *error)
{
    const bool is_option = cJSON_IsObject(value) && sio_config_names_find(key) != NULL;
    target     t = {cfg, error};
    const int  rc = is_option ? try_object(key, value, error) : SIO_OK;

    return rc == SIO_OK ? sio_config_spell(key, value, set_setting, &t, error) : rc;
}

int
sio_cfg_set_json(sio_cfg *cfg, const char *key, const char *json_text, sio_buf *error)
{
    sio_buf why;

    sio_buf_init(&why, 1024);
    cJSON *value = sio_config_json_parse(sio_view_of(json_text), &why);
    int    rc = SIO_ERR_CONFIG;

    if (value != NULL) {
        rc = sio_cfg_set_value(cfg, key, value, error);
    } else {
        begin_error(error, key);
        sio_buf_add_view(error, sio_buf_view(&why));
    }
    cJSON_Delete(value);
    sio_buf_fini(&why);
    return rc;
}

int
sio_cfg_set_text(sio_cfg *cfg, const char *key, const char *text, sio_buf *error)
{
    const sio_setting *s = sio_config_names_setting(key);
    const bool is_text = s != NULL && (s->kind == SIO_SETTING_TEXT || s->kind == SIO_SETTING_TEXTS);
    cJSON     *value = is_text ? NULL : cJSON_ParseWithOpts(text, NULL, true);

    if (value == NULL) /* a text, or nothing that could be a number or a bool: then it is refused */
        value = cJSON_CreateString(text);
    if (value == NULL)
        return out_of_memory(error);
    const int rc = sio_cfg_set_value(cfg, key, value, error);

    cJSON_Delete(value);
    return rc;
}

int
sio_cfg_fix_text(sio_cfg *cfg, const char *key, const char *text, sio_buf *error)
{
    const sio_setting *s = sio_config_names_setting(key);
    const int          rc = sio_cfg_set_text(cfg, key, text, error);

    if (rc == SIO_OK && s != NULL)
        cfg->fixed[s - sio_settings.rows] = true;
    return rc;
}

bool
sio_cfg_is_fixed(const sio_cfg *cfg, const char *key)
{
    const sio_setting *s = sio_config_names_setting(key);

    return s != NULL && cfg->fixed[s - sio_settings.rows];
}

static int
get_number(const sio_cfg *cfg, const char *key, double *value)
{
    const sio_setting *s = sio_setting_find(&sio_settings, key);

    if (s == NULL || (s->kind != SIO_SETTING_COUNT && s->kind != SIO_SETTING_BYTES &&
                      s->kind != SIO_SETTING_SECONDS))
        return SIO_ERR_NOT_FOUND;
    *value = sio_config_value_number(s, cfg);
    return SIO_OK;
}

int
sio_cfg_get_json(const sio_cfg *cfg, const char *key, sio_buf *out)
{
    return sio_config_spell_print(cfg, key, out);
}

bool
sio_cfg_names_pages(const sio_cfg *cfg)
{
    return !sio_texts_has(&cfg->origins, SIO_VIEW("*:*"));
}

/* Whatever is no websocket polls, or does as if. */
bool
sio_cfg_engine_may_use(const sio_cfg *cfg, sio_view transport)
{
    const bool may_websocket = sio_texts_has(&cfg->transports, SIO_VIEW("websocket"));

    if (cfg->engine_transports.n > 0)
        return sio_texts_has(&cfg->engine_transports, transport);
    if (sio_view_eq(transport, SIO_VIEW("websocket")))
        return may_websocket;
    return cfg->transports.n > (may_websocket ? 1 : 0);
}

void
sio_cfg_describe_changes(const sio_cfg *cfg, sio_buf *out)
{
    sio_cfg usual;

    if (sio_cfg_init(&usual) == SIO_OK)
        sio_config_difference_print(&sio_settings, cfg, &usual, out);
    else
        out->failed = true;
    sio_cfg_fini(&usual);
}

int
sio_cfg_init(sio_cfg *cfg)
{
    *cfg = (sio_cfg){.log_colors = isatty(STDERR_FILENO) == 1};
    sio_buf_init(&cfg->notes, MAX_NOTES);
    return sio_config_value_init_all(&sio_settings, cfg);
}

void
sio_cfg_fini(sio_cfg *cfg)
{
    sio_config_value_free_all(&sio_settings, cfg);
    sio_buf_fini(&cfg->notes);
}

/*
 * Is time a shorter than time b? If not, append why that is bad: a 0.9 client gives its
 * connection up when it has heard nothing for the heartbeat timeout, or for the close
 * timeout, of its handshake. Rule: section 9, item 6, of the 0.9 behaviour notes.
 */
static bool
is_shorter(const sio_cfg *cfg, const char *a, const char *b, sio_buf *why)
{
    double a_s = 0, b_s = 0;
    char   text[160];

    (void)get_number(cfg, a, &a_s);
    (void)get_number(cfg, b, &b_s);
    if (a_s < b_s)
        return true;
    begin_error(why, a);
    snprintf(text, sizeof text,
             "should be less than \"%s\", or clients give up in between; got %.15g and %.15g", b,
             a_s, b_s);
    sio_buf_add_str(why, text);
    return false;
}

/* What of the other settings is not for a Redis Cluster. */
static int
check_redis_cluster(const sio_cfg *cfg, sio_buf *error)
{
    if (strcmp(cfg->dialect, "siobroker") != 0) {
        begin_error(error, "dialect");
        sio_buf_add_str(error, "is for one Redis, not for a Redis Cluster");
        return SIO_ERR_CONFIG;
    }
    if (cfg->cluster_name[0] == '}') { /* keys that belong together are in braces with it */
        begin_error(error, "cluster");
        sio_buf_add_str(error, "can not begin with } in a Redis Cluster");
        return SIO_ERR_CONFIG;
    }
    return SIO_OK;
}

static int
check_redis(const sio_cfg *cfg, sio_buf *error)
{
    sio_redis_url url;
    char          why[256];

    if (cfg->redis[0] == '\0')
        return SIO_OK;
    if (sio_redis_url_parse(cfg->redis, &url, why, sizeof why) == SIO_OK)
        return url.n_seeds > 0 ? check_redis_cluster(cfg, error) : SIO_OK;
    begin_error(error, "redis");
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

static int
check_dialect(const sio_cfg *cfg, sio_buf *error)
{
    if (cfg->redis[0] != '\0' || strcmp(cfg->dialect, "siobroker") == 0)
        return SIO_OK;
    begin_error(error, "dialect");
    sio_buf_add_str(error, "needs \"redis\", through which the other processes are reached");
    return SIO_ERR_CONFIG;
}

static int
check_cluster_secret(const sio_cfg *cfg, sio_buf *error)
{
    if (cfg->cluster_secret[0] == '\0' || strcmp(cfg->dialect, "siobroker") == 0)
        return SIO_OK;
    begin_error(error, "cluster secret");
    sio_buf_add_str(error, "can not be used with \"dialect\": the other processes know no secret");
    return SIO_ERR_CONFIG;
}

static int
check_partitions(const sio_cfg *cfg, sio_buf *error)
{
    if (cfg->broadcast_partitions == 0 || strcmp(cfg->dialect, "siobroker") == 0)
        return SIO_OK;
    begin_error(error, "broadcast partitions");
    sio_buf_add_str(error, "can not be used with \"dialect\": the other processes know none");
    return SIO_ERR_CONFIG;
}

static int
check_cors(const sio_cfg *cfg, sio_buf *error)
{
    const sio_texts *pages = &cfg->cors_origin;
    const char      *why = NULL;

    if (pages->n > 1 &&
        (sio_texts_has(pages, SIO_VIEW("*")) || sio_texts_has(pages, SIO_VIEW("reflect"))))
        why = "must have nothing beside \"*\" or \"reflect\"";
    else if (pages->n > 0 && sio_cfg_names_pages(cfg))
        why = "can not be used with \"origins\": whom that names may read as well as connect";
    if (why == NULL)
        return SIO_OK;
    begin_error(error, "cors origin");
    sio_buf_add_str(error, why);
    return SIO_ERR_CONFIG;
}

static int
check_group(const sio_cfg *cfg, sio_buf *error)
{
    if (cfg->group[0] == '\0' || cfg->user[0] != '\0')
        return SIO_OK;
    begin_error(error, "group");
    sio_buf_add_str(error, "needs \"user\"");
    return SIO_ERR_CONFIG;
}

/* Does one of the listeners have that port? */
static bool
listens_at(const sio_cfg *cfg, unsigned port)
{
    sio_listen_entry entry;

    for (size_t i = 0; i < cfg->listen.n; i++)
        if (sio_listen_entry_parse(cfg->listen.items[i], &entry) == SIO_OK && entry.at.port == port)
            return true;
    return cfg->listen.n == 0 && cfg->port == port;
}

static int
check_ports(const sio_cfg *cfg, sio_buf *error)
{
    if (!sio_texts_has(&cfg->transports, SIO_VIEW("flashsocket")) || !cfg->flash_policy_server ||
        cfg->flash_policy_port == 0 || !listens_at(cfg, cfg->flash_policy_port))
        return SIO_OK;
    begin_error(error, "flash policy port");
    sio_buf_add_str(error, cfg->listen.n > 0 ? "must be another one than those of \"listen\""
                                             : "must be another one than \"port\"");
    return SIO_ERR_CONFIG;
}

static bool
is_given(const sio_cfg *cfg, const char *key)
{
    return cfg->given[sio_setting_find(&sio_settings, key) - sio_settings.rows];
}

static int
refuse_beside_listen(const char *key, sio_buf *error)
{
    begin_error(error, key);
    sio_buf_add_str(error, "can not be set beside \"listen\", which says all of where to listen");
    return SIO_ERR_CONFIG;
}

static int
check_listen(const sio_cfg *cfg, sio_buf *error)
{
    const sio_texts *list = &cfg->listen;

    if (list->n > 0 && is_given(cfg, "port"))
        return refuse_beside_listen("port", error);
    if (list->n > 0 && is_given(cfg, "host"))
        return refuse_beside_listen("host", error);
    return SIO_OK;
}

bool
sio_cfg_jwt_is_on(const sio_cfg_jwt *jwt)
{
    return jwt->keys[0] != '\0' || jwt->keys_url[0] != '\0' || jwt->secret[0] != '\0';
}

static int
check_workers(const sio_cfg *cfg, sio_buf *error)
{
    if (cfg->workers == 1 || cfg->admin_listen.n == 0 || cfg->user[0] == '\0')
        return SIO_OK;
    begin_error(error, "admin listen");
    sio_buf_add_str(error, "is not possible with several \"workers\" and \"user\": their master, "
                           "which listens there, keeps its rights");
    return SIO_ERR_CONFIG;
}

int
sio_cfg_check(const sio_cfg *cfg, sio_buf *error)
{
    int rc = check_redis(cfg, error);

    if (rc == SIO_OK)
        rc = check_dialect(cfg, error);
    if (rc == SIO_OK)
        rc = check_cluster_secret(cfg, error);
    if (rc == SIO_OK)
        rc = check_partitions(cfg, error);
    if (rc == SIO_OK)
        rc = check_listen(cfg, error);
    if (rc == SIO_OK)
        rc = sio_config_tls_check(cfg, error);
    if (rc == SIO_OK)
        rc = check_workers(cfg, error);
    if (rc == SIO_OK)
        rc = check_ports(cfg, error);
    if (rc == SIO_OK)
        rc = check_cors(cfg, error);
    if (rc == SIO_OK)
        rc = check_group(cfg, error);
    if (rc == SIO_OK)
        rc = sio_config_admin_ui_check(cfg, error);
    if (rc == SIO_OK)
        rc = sio_config_api_check(&cfg->api, error);
    if (rc == SIO_OK)
        rc = sio_config_backends_check(&cfg->backends, error);
    if (rc == SIO_OK)
        rc = sio_config_streams_check(cfg, error);
    if (rc == SIO_OK)
        rc = sio_config_jwt_check(&cfg->jwt, error);
    if (rc == SIO_OK && !is_shorter(cfg, "heartbeat interval", "heartbeat timeout", error))
        rc = SIO_ERR_CONFIG;
    return rc;
}

void
sio_cfg_advise(const sio_cfg *cfg, sio_buf *advice)
{
    if (!is_shorter(cfg, "heartbeat interval", "close timeout", advice))
        sio_buf_add_char(advice, '\n');
    if (!is_shorter(cfg, "polling duration", "close timeout", advice))
        sio_buf_add_char(advice, '\n');
    if (sio_texts_has(&cfg->trust_proxy, SIO_VIEW("all")))
        sio_buf_add_str(advice,
                        "\"trust proxy\" has \"all\": any client can pass for another; name "
                        "the networks of your proxies\n");
    sio_config_tls_advise(cfg, advice);
    sio_config_admin_ui_advise(&cfg->admin_ui, advice);
    sio_config_jwt_advise(&cfg->jwt, advice);
    sio_config_backends_advise(&cfg->backends, advice);
    sio_buf_add_view(advice, sio_buf_view(&cfg->notes));
}
