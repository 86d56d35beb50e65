/*
 * server/adminui/ui_login.h - who may look at the Admin UI.
 *
 * The page shows a user name and a password, or the id of a session that it got for them before.
 * Such an id is good for a day, on all instances that share a store, and until user name or
 * password are others. A password is compared in a thread (bcrypt.h), and:
 *
 *   - at most 8 attempts are under way, and one from each address;
 *   - a wrong one is answered a second after it came.
 *
 * So an address has one guess a second, and all together have eight.
 */
#ifndef SIO_ADMINUI_UI_LOGIN_H
#define SIO_ADMINUI_UI_LOGIN_H

#include "protocol/list.h"
#include "server/adminui/bcrypt.h"
#include "server/base/env.h"

/* Hexadecimal digits, as in the original. */
enum { SIO_UI_SESSION_LEN = 16 };

/* What instances say to each other: [session] is one. */
#define SIO_UI_SESSION_EVENT "siobroker:admin_ui_session"

typedef struct {
    sio_env    *env; /* NULL: nobody may */
    sio_bcrypt *bcrypt;
    sio_link    attempts;
    unsigned    n_attempts;
    char        session[SIO_UI_SESSION_LEN + 1]; /* the last one that was told */
} sio_ui_logins;

void sio_ui_logins_init(sio_ui_logins *logins);

/* SIO_OK or SIO_ERR_NOMEM. */
int sio_ui_logins_open(sio_ui_logins *logins, sio_env *env);

/* Nobody may log in any more. Before sio_post() does not work any more. */
void sio_ui_logins_stop(sio_ui_logins *logins);

/* Before the store goes. */
void sio_ui_logins_close(sio_ui_logins *logins);

/*
 * Another instance has made a session, and there is no Redis in which it would be found: keep it
 * here, too. args_json: of the inner event by which it is told.
 */
void sio_ui_logins_learn(sio_ui_logins *logins, sio_view args_json);

/* May the client join the namespace? For sio_namespace_authorization(); arg: the logins. */
void sio_ui_logins_ask(sio_decision *decision, const char *handshake_json, void *arg);

/*
 * A client has joined: the id of the session that it got for its password just now, valid until the
 * next call of these. NULL: it has one already, or needs none.
 */
const char *sio_ui_logins_new_session(sio_ui_logins *logins, const sio_socket *socket);

#endif
