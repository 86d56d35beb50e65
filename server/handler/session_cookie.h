/*
 * server/handler/session_cookie.h - the cookie with the id of a session, for proxies that keep
 * their clients apart by one. Nothing here reads it.
 *
 * Called by engine_handshake.c.
 */
#ifndef SIO_HANDLER_SESSION_COOKIE_H
#define SIO_HANDLER_SESSION_COOKIE_H

typedef struct sio_cfg sio_cfg;

/*
 * Make the value of Set-Cookie (RFC 6265, 4.1): "io=ID; Path=/; HttpOnly; SameSite=Lax". The caller
 * frees *cookie; it is NULL when there is to be none. SIO_OK or SIO_ERR_NOMEM.
 */
int sio_session_cookie(const sio_cfg *cfg, const char *id, char **cookie);

#endif
