#include "server/backends/api_access.h"

#include <stdio.h>
#include <string.h>

#include "server/backends/api_reply.h"
#include "server/base/digest.h"
#include "server/base/env.h"
#include "server/http/side.h"
#include "store/clock.h"

/* --- How often. --- */

static void
turn_rate(sio_api_rate *rate)
{
    const uint64_t second = sio_now_ms() / 1000;

    if (rate->second != second)
        rate->n = 0;
    rate->second = second;
}

/* FNV-1a; addresses that meet share a limit, which costs an attacker's neighbour a second. */
static sio_api_rate *
wrong_keys_of(sio_api_access *access, const sio_address *peer)
{
    uint8_t        key[SIO_BUDGET_KEY_MAX];
    const sio_view account = sio_address_account(peer, key);
    uint32_t       hash = 2166136261u;

    for (size_t i = 0; i < account.len; i++)
        hash = (hash ^ (unsigned char)account.data[i]) * 16777619u;
    return &access->wrong_keys[hash % SIO_API_N_ADDRESSES];
}

/* By name, as a reload may put keys in another order. There is one for each key. */
static sio_api_rate *
commands_of(sio_api_access *access, const char *name)
{
    const uint64_t second = sio_now_ms() / 1000;
    sio_api_rate  *old = &access->commands[0];

    for (size_t i = 0; i < SIO_API_MAX_KEYS; i++) {
        sio_api_rate *rate = &access->commands[i];

        if (strcmp(rate->name, name) == 0)
            return rate;
        if (rate->second != second)
            old = rate;
    }
    *old = (sio_api_rate){.second = 0};
    snprintf(old->name, sizeof old->name, "%s", name);
    return old;
}

bool
sio_api_access_take(sio_api_access *access, const sio_cfg_api_key *key)
{
    sio_api_rate *rate;

    if (key == NULL || key->max_per_second == 0)
        return true;
    rate = commands_of(access, key->name);
    turn_rate(rate);
    return rate->n++ < key->max_per_second;
}

/* --- With which key. --- */

const sio_cfg_api_key *
sio_api_access_find(const sio_env *env, const char *name)
{
    const sio_cfg_list    *list = &env->cfg->api.keys;
    const sio_cfg_api_key *keys = list->items;

    for (size_t i = 0; i < list->n; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

/* All are compared, so that how long it takes tells nothing about which is nearly right. */
static const sio_cfg_api_key *
find_shown_key(const sio_env *env, sio_view shown)
{
    const sio_cfg_list    *list = &env->cfg->api.keys;
    const sio_cfg_api_key *keys = list->items, *found = NULL;

    for (size_t i = 0; i < list->n; i++)
        if (sio_digest_same_secret(shown, sio_view_of(keys[i].key)))
            found = &keys[i];
    return found;
}

/* Empty: none is shown. */
static sio_view
shown_key(const sio_http_request *head)
{
    const sio_view scheme = SIO_VIEW("Bearer ");
    const sio_view text = sio_http_header_value(head, "authorization");

    if (text.len <= scheme.len || !sio_view_eq_nocase((sio_view){text.data, scheme.len}, scheme))
        return SIO_VIEW("");
    return sio_view_trim((sio_view){text.data + scheme.len, text.len - scheme.len});
}

static bool
check_key(sio_api_access *access, sio_exchange *x, const sio_http_request *head,
          const sio_cfg_api_key **key)
{
    const sio_view shown = shown_key(head);
    sio_api_rate  *wrong = wrong_keys_of(access, &x->conn->peer);

    turn_rate(wrong);
    if (wrong->n >= SIO_API_MAX_WRONG_KEYS) {
        sio_api_reply_refuse(x, "rate_limited", "too many wrong keys from this address");
        return false;
    }
    *key = shown.len > 0 ? find_shown_key(x->env, shown) : NULL;
    if (*key != NULL)
        return true;
    wrong->n += shown.len > 0;
    sio_api_reply_refuse_with(x, "unauthorized",
                              "the key is missing or wrong; show it as Authorization: Bearer KEY",
                              "WWW-Authenticate", SIO_VIEW("Bearer"));
    return false;
}

bool
sio_api_access_check(sio_api_access *access, sio_exchange *x, const sio_http_request *head,
                     const sio_cfg_api_key **key)
{
    sio_view ignored;

    *key = NULL;
    if (sio_http_header_get(head, "origin", &ignored)) {
        sio_api_reply_refuse(x, "forbidden", "not for pages of a browser");
        return false;
    }
    if (x->env->cfg->api.keys.n == 0 && sio_side_listener_of(x)->is_unix)
        return true;
    return check_key(access, x, head, key);
}

/* --- For what. --- */

static bool
has_text(const sio_texts *texts, const char *text)
{
    return sio_texts_has(texts, SIO_VIEW("*")) || sio_texts_has(texts, sio_view_of(text));
}

/* A token is of whatever namespace it came from, to whoever has been given it. */
bool
sio_api_access_may(const sio_cfg_api_key *key, const sio_backend_command *c)
{
    if (key == NULL)
        return true;
    return has_text(&key->may, sio_backend_command_names[c->kind]) &&
           (c->kind == SIO_BACKEND_ACK || has_text(&key->namespaces, c->nsp));
}
