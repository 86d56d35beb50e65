/*
 * protocol/view.h - a borrowed run of bytes.
 *
 * Used by every layer for text that somebody else owns. A view never owns
 * memory and is not NUL-terminated; it lives as long as the bytes it points
 * into. An empty view may have data == NULL.
 */
#ifndef SIO_PROTOCOL_VIEW_H
#define SIO_PROTOCOL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifndef SIO_BYTES /* siobroker.h gives it to applications under the name sio_bytes */
#define SIO_BYTES
struct sio_bytes {
    const char *data;
    size_t      len; /* bytes */
};
#endif

typedef struct sio_bytes sio_view;

/* The view of a string literal (or char array): its length is known at compile time. */
#define SIO_VIEW(lit) ((sio_view){(lit), sizeof(lit) - 1})

/* The same as an initializer, for static tables, where SIO_VIEW is not a constant. */
#define SIO_VIEW_INIT(lit)     \
    {                          \
        (lit), sizeof(lit) - 1 \
    }

/* The view of a C string; NULL gives the empty view. */
static inline sio_view
sio_view_of(const char *z)
{
    return (sio_view){z, z == NULL ? 0 : strlen(z)};
}

/* Behind its last byte. (C11 does not let us add even 0 to NULL.) */
static inline const char *
sio_view_end(sio_view v)
{
    return v.len == 0 ? v.data : v.data + v.len;
}

/* Copy the bytes to *to, where *v views them from now on; *to moves behind them. */
static inline void
sio_view_move(sio_view *v, char **to)
{
    if (v->len > 0)
        memcpy(*to, v->data, v->len);
    v->data = *to;
    *to += v->len;
}

/* Same bytes? Empty views are equal whatever they point to. */
static inline bool
sio_view_eq(sio_view a, sio_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Without the blanks around it: spaces and tabs, the optional white space of RFC 9110, 5.6.3. */
static inline sio_view
sio_view_trim(sio_view v)
{
    while (v.len > 0 && (v.data[0] == ' ' || v.data[0] == '\t'))
        v = (sio_view){v.data + 1, v.len - 1};
    while (v.len > 0 && (v.data[v.len - 1] == ' ' || v.data[v.len - 1] == '\t'))
        v.len--;
    return v;
}

/* Is there a NUL in it? Then it can not become a C string. */
static inline bool
sio_view_has_nul(sio_view v)
{
    return v.len > 0 && memchr(v.data, '\0', v.len) != NULL;
}

/* As sio_view_eq, with A-Z and a-z the same. Other bytes compare exactly; no locale. */
static inline bool
sio_view_eq_nocase(sio_view a, sio_view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        const unsigned char x = (unsigned char)a.data[i], y = (unsigned char)b.data[i];
        const bool          letter = (x | 0x20) >= 'a' && (x | 0x20) <= 'z';

        if (x != y && !(letter && (x ^ y) == 0x20))
            return false;
    }
    return true;
}

#endif
