/*
 * tests/unit/protocol/sio5_vectors.h - packets of Socket.IO 3 to 5 in tables, and what is asked of
 * them.
 */
#ifndef SIO_TESTS_UNIT_SIO5_VECTORS_H
#define SIO_TESTS_UNIT_SIO5_VECTORS_H

#include "protocol/sio5_packet.h"
#include "tests/unit/check.h"

#include <stdint.h>
#include <stdlib.h>

#define P0 "{\"_placeholder\":true,\"num\":0}"
#define P1 "{\"_placeholder\":true,\"num\":1}"

enum { MAX_DEPTH = 8, MAX_ATTACHMENTS = 10, MAX_WAITING_BYTES = 1000 };

/* NULL is the empty view. Without rc it is SIO_OK. */
typedef struct {
    const char *row, *text;
    const char *nsp, *query, *id, *name, *args, *data;
    unsigned    n_attachments;
    int         rc;
    sio5_type   type;
    bool        counted_ack;
} sio5_vector;

static inline sio5_rules
sio5_rules_of(sio5_revision revision)
{
    return (sio5_rules){revision, MAX_DEPTH, MAX_ATTACHMENTS, MAX_WAITING_BYTES};
}

static inline void
check_decoding(const sio5_vector *v, sio5_revision revision)
{
    const sio5_rules rules = sio5_rules_of(revision);
    sio5_packet      p;
    const int        rc = sio5_packet_decode(sio_view_of(v->text), &rules, &p);

    if (!CHECK_INT(rc, v->rc) || rc != SIO_OK)
        return;
    CHECK_INT(p.type, v->type);
    CHECK_VIEW(p.nsp, v->nsp);
    CHECK_VIEW(p.query, v->query);
    CHECK_VIEW(p.id, v->id);
    CHECK_VIEW(p.name, v->name);
    CHECK_VIEW(p.args, v->args);
    CHECK_VIEW(p.data, v->data);
    CHECK_INT(p.n_attachments, v->n_attachments);
    CHECK_INT(p.counted_ack, v->counted_ack);
    CHECK(p.attachments == NULL);
}

static inline void
check_decodings(const sio5_vector *vectors, size_t n, sio5_revision revision)
{
    for (size_t i = 0; i < n; i++) {
        check_row = vectors[i].row;
        check_decoding(&vectors[i], revision);
    }
}

static inline sio5_packet
packet_of(const sio5_vector *v)
{
    return (sio5_packet){
        .type = v->type,
        .nsp = sio_view_of(v->nsp),
        .query = sio_view_of(v->query),
        .id = sio_view_of(v->id),
        .name = sio_view_of(v->name),
        .args = sio_view_of(v->args),
        .data = sio_view_of(v->data),
        .n_attachments = v->n_attachments,
    };
}

/* Encode each; and what was encoded means the same when it is decoded. */
static inline void
check_encodings(const sio5_vector *vectors, size_t n, sio5_revision revision)
{
    sio_buf b;

    sio_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < n; i++) {
        const sio5_packet p = packet_of(&vectors[i]);
        sio5_vector       back = vectors[i];

        check_row = vectors[i].row;
        sio_buf_clear(&b);
        sio5_packet_encode(&p, revision, SIO5_PLAIN, &b);
        CHECK(!b.failed);
        CHECK_VIEW(sio_buf_view(&b), vectors[i].text);
        back.counted_ack = revision == SIO5_REVISION_3 && back.type == SIO5_ACK;
        check_decoding(&back, revision);
    }
    sio_buf_fini(&b);
}

static inline bool
is_inside(sio_view part, sio_view whole)
{
    return part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static inline void
check_prefix(sio_view text, sio5_revision revision)
{
    const sio5_rules rules = sio5_rules_of(revision);
    sio5_packet      p;

    if (sio5_packet_decode(text, &rules, &p) != SIO_OK)
        return;
    CHECK(is_inside(p.nsp, text) && is_inside(p.query, text) && is_inside(p.id, text));
    CHECK(is_inside(p.name, text) && is_inside(p.args, text) && is_inside(p.data, text));
}

/* Every beginning of each text, in memory that ends where it ends. */
static inline void
check_prefixes(const sio5_vector *vectors, size_t n, sio5_revision revision)
{
    for (size_t i = 0; i < n; i++) {
        const size_t len = strlen(vectors[i].text);

        check_row = vectors[i].row;
        for (size_t cut = 0; cut <= len; cut++) {
            char *const copy = malloc(cut + 1);

            if (!CHECK(copy != NULL))
                return;
            memcpy(copy + 1, vectors[i].text, cut);
            check_prefix((sio_view){copy + 1, cut}, revision);
            free(copy);
        }
    }
}

#endif
