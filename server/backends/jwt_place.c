#include "server/backends/jwt_place.h"

#include <stdlib.h>
#include <string.h>

#include "server/siobroker.h"

/* What it is behind the prefix, or NULL. */
static const char *
name_in(const char *place, const char *prefix)
{
    const size_t n = strlen(prefix);

    return strncmp(place, prefix, n) == 0 ? place + n : NULL;
}

/* Another scheme is for somebody else. */
static char *
take_bearer(char *header)
{
    static const char scheme[] = "bearer ";
    char             *token = NULL;

    if (header != NULL && strncasecmp(header, scheme, sizeof scheme - 1) == 0) {
        const sio_view text = sio_view_trim(sio_view_of(header + sizeof scheme - 1));

        token = strndup(text.data, text.len);
    }
    free(header);
    return token;
}

static char *
find_header(const char *handshake_json, const char *name)
{
    char *header = sio_handshake_header(handshake_json, name);

    return strcmp(name, "authorization") == 0 ? take_bearer(header) : header;
}

/* "a=1; b=2" (RFC 6265, 4.2.1): the first of that name. */
static char *
find_cookie(const char *handshake_json, const char *name)
{
    char        *header = sio_handshake_header(handshake_json, "cookie");
    char        *rest = header, *pair, *found = NULL;
    const size_t n = strlen(name);

    while (found == NULL && (pair = strsep(&rest, ";")) != NULL) {
        const sio_view text = sio_view_trim(sio_view_of(pair));

        if (text.len > n && memcmp(text.data, name, n) == 0 && text.data[n] == '=')
            found = strndup(text.data + n + 1, text.len - n - 1);
    }
    free(header);
    return found;
}

static char *
find_at(const char *place, const char *handshake_json, const char *auth_json)
{
    const char *name;

    if ((name = name_in(place, "auth.")) != NULL)
        return sio_auth_text(auth_json, name);
    if ((name = name_in(place, "query.")) != NULL)
        return sio_handshake_query(handshake_json, name);
    if ((name = name_in(place, "header.")) != NULL)
        return find_header(handshake_json, name);
    name = name_in(place, "cookie.");
    return name != NULL ? find_cookie(handshake_json, name) : NULL;
}

char *
sio_jwt_place_find(const sio_texts *places, const char *handshake_json, const char *auth_json)
{
    for (size_t i = 0; i < places->n; i++) {
        char *token = find_at(places->items[i].data, handshake_json, auth_json);

        if (token != NULL && token[0] != '\0')
            return token;
        free(token); /* a page that has none yet may say so by an empty one */
    }
    return NULL;
}
