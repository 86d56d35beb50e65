#include "server/cluster/seal.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/env.h"
#include "server/base/mac.h"
#include "server/cluster/cluster.h"
#include "server/config/config.h"

enum {
    MAX_SECRETS = 4, /* as the setting allows */
    NUMBER_BYTES = 8,
    HEAD_BYTES = 1 + NUMBER_BYTES + SIO_MAC_BYTES,
    N_PARTS = 4
};

static const char version = '2', unsealed_version = '1';

struct sio_seal {
    sio_mac *keys[MAX_SECRETS]; /* the first one seals */
    size_t   n_keys;
    uint64_t last;      /* number of what was sealed last */
    uint64_t own_heard; /* of the last one of these that has come back */
    sio_buf  out;
};

bool
sio_seal_is_used(const sio_env *env)
{
    return env->cluster->seal != NULL;
}

/* --- What a seal covers. --- */

typedef struct {
    char     number[NUMBER_BYTES];
    char     tag_len;
    sio_view parts[N_PARTS];
} sealed_parts;

static void
write_number(char out[NUMBER_BYTES], uint64_t number)
{
    for (int i = NUMBER_BYTES - 1; i >= 0; i--, number >>= 8)
        out[i] = (char)(number & 0xff);
}

static uint64_t
read_number(const char *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < NUMBER_BYTES; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

static void
list_parts(sealed_parts *p, uint64_t number, sio_view tag, sio_view message)
{
    write_number(p->number, number);
    p->tag_len = (char)tag.len; /* SIO_STORE_TAG_LEN or 0 */
    p->parts[0] = (sio_view){p->number, sizeof p->number};
    p->parts[1] = (sio_view){&p->tag_len, 1};
    p->parts[2] = (sio_view){tag.len > 0 ? tag.data : "", tag.len};
    p->parts[3] = message;
}

/* --- Out. --- */

bool
sio_seal_put(sio_env *env, sio_view tag, sio_view message, sio_view *sealed)
{
    sio_seal    *seal = env->cluster->seal;
    sio_buf     *out = &seal->out;
    uint8_t      mac[SIO_MAC_BYTES];
    sealed_parts p;

    list_parts(&p, ++seal->last, tag, message);
    if (!sio_mac_make(seal->keys[0], p.parts, N_PARTS, mac))
        return false;
    sio_buf_clear(out);
    sio_buf_add_char(out, version);
    sio_buf_add(out, p.number, sizeof p.number);
    sio_buf_add(out, mac, sizeof mac);
    sio_buf_add_view(out, message);
    *sealed = sio_buf_view(out);
    return !out->failed;
}

/* --- In. --- */

static bool
is_sealed_by_us(const sio_seal *seal, const sealed_parts *p, const uint8_t *mac)
{
    for (size_t i = 0; i < seal->n_keys; i++)
        if (sio_mac_check(seal->keys[i], p->parts, N_PARTS, mac))
            return true;
    return false;
}

static bool
refuse_message(sio_env *env, const char *why)
{
    env->stats.forged_messages++;
    sio_log_limit_write(&env->log_limits, SIO_LOG_FORGED, NULL, "a message was dropped: %s", why);
    return false;
}

/* There is no secret here. It is none for the grammar, too, which counts it. */
static void
note_sealed(sio_env *env, sio_view bytes)
{
    if (bytes.len >= HEAD_BYTES && bytes.data[0] == version)
        sio_log_limit_write(&env->log_limits, SIO_LOG_FORGED, NULL,
                            "another instance has a \"cluster secret\", and this one has none: "
                            "they do not hear each other");
}

bool
sio_seal_take_off(sio_env *env, bool direct, sio_view *bytes, uint64_t *number)
{
    const sio_seal *seal = env->cluster->seal;
    const sio_view  tag = direct ? sio_view_of(env->tag) : SIO_VIEW("");
    sealed_parts    p;

    *number = 0;
    if (seal == NULL) {
        note_sealed(env, *bytes);
        return true;
    }
    if (bytes->len > 0 && bytes->data[0] == unsealed_version)
        return refuse_message(env, "it has no seal; does an instance have no \"cluster secret\"?");
    if (bytes->len < HEAD_BYTES || bytes->data[0] != version)
        return refuse_message(env, "it is none");
    *number = read_number(bytes->data + 1);
    list_parts(&p, *number, tag, (sio_view){bytes->data + HEAD_BYTES, bytes->len - HEAD_BYTES});
    if (!is_sealed_by_us(seal, &p, (const uint8_t *)bytes->data + 1 + NUMBER_BYTES))
        return refuse_message(env, "it has a wrong seal; do all instances have the same "
                                   "\"cluster secret\"?");
    *bytes = p.parts[N_PARTS - 1];
    return true;
}

/* --- Is it news? --- */

bool
sio_seal_is_own_news(sio_env *env, uint64_t number)
{
    sio_seal *seal = env->cluster->seal;

    if (seal == NULL)
        return true;
    if (number <= seal->own_heard) {
        env->stats.replayed_messages++;
        return false;
    }
    seal->own_heard = number;
    return true;
}

/* --- Life. --- */

/* The words of the setting. */
static int
add_keys(sio_seal *seal, const char *secrets, sio_view purpose)
{
    int rc = SIO_OK;

    for (size_t len; rc == SIO_OK && *secrets != '\0' && seal->n_keys < MAX_SECRETS;
         secrets += len) {
        secrets += strspn(secrets, " ");
        len = strcspn(secrets, " ");
        if (len == 0)
            break;
        rc = sio_mac_new(&seal->keys[seal->n_keys], (sio_view){secrets, len}, purpose);
        seal->n_keys += rc == SIO_OK;
    }
    return rc;
}

int
sio_seal_open(sio_env *env)
{
    sio_seal *seal;
    sio_buf   purpose;
    int       rc = SIO_ERR_NOMEM;

    if (env->cfg->cluster_secret[0] == '\0')
        return SIO_OK;
    if ((seal = calloc(1, sizeof *seal)) == NULL)
        return SIO_ERR_NOMEM;
    env->cluster->seal = seal;
    sio_buf_init(&seal->out, SIZE_MAX);
    sio_buf_init(&purpose, SIZE_MAX);
    sio_buf_add_str(&purpose, "siobroker cluster ");
    sio_buf_add_str(&purpose, env->cfg->cluster_name);
    if (!purpose.failed)
        rc = add_keys(seal, env->cfg->cluster_secret, sio_buf_view(&purpose));
    sio_buf_fini(&purpose);
    return rc;
}

void
sio_seal_close(sio_env *env)
{
    sio_seal *seal = env->cluster->seal;

    if (seal == NULL)
        return;
    for (size_t i = 0; i < seal->n_keys; i++)
        sio_mac_free(seal->keys[i]);
    sio_buf_fini(&seal->out);
    free(seal);
    env->cluster->seal = NULL;
}

void
sio_seal_begin(sio_env *env)
{
    if (sio_seal_is_used(env))
        env->cluster->seal->last = env->cluster->seal->own_heard = 0;
}
