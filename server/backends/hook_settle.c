#include "server/backends/hook_settle.h"

#include <string.h>

#include "protocol/result.h"
#include "server/backends/hook_apply.h"
#include "server/backends/hook_heir.h"
#include "server/backends/hook_will.h"

void
sio_hook_settle_apply(sio_hooks *h, sio_hook_socket *s, const char *token,
                      const sio_backend_answer *a)
{
    const sio_hook_apply apply = {.env = h->env,
                                  .commands = h->commands,
                                  .socket = &s->socket,
                                  .nsp = sio_hook_socket_nsp_name(s),
                                  .token = token};

    sio_hook_apply_answer(&apply, a);
}

/* There must be no gap in what a backend hears of a socket: the client begins again. */
static void
give_up_socket(sio_hooks *h, sio_hook_socket *s, size_t backend)
{
    if (strcmp(sio_hook_registry_cfg(h, backend)->on_failure, "drop") == 0)
        return;
    sio_hook_backend_drop(h->backends[backend], &s->lines[backend].line);
    if (s->socket != NULL)
        sio_hang_up(s->socket, "backend unavailable");
}

/* An answer may say anything to an event, but a refusal is for one that asks. */
void
sio_hook_settle_event(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result)
{
    sio_hook_socket   *s = e->of;
    sio_backend_answer a;

    if (result->fate == SIO_EVENT_DROPPED)
        return;
    if (result->fate == SIO_EVENT_DELIVERED &&
        sio_backend_answer_read(result->answer, &a) == SIO_OK) {
        sio_hook_settle_apply(h, s, e->token, &a);
        if (e->is_notice && a.refuses && s->socket != NULL)
            sio_disconnect(s->socket, false);
        if (s->socket != NULL && (a.user.len > 0 || a.data.len > 0))
            sio_hook_heir_renew(h, s);
        return;
    }
    h->env->stats.bad_answers += result->fate == SIO_EVENT_DELIVERED;
    give_up_socket(h, s, e->backend);
}

void
sio_hook_settle_disconnect(sio_hooks *h, sio_hook_event *e, const sio_hook_result *result)
{
    sio_socket          *nobody = NULL;
    const sio_hook_apply apply = {.env = h->env,
                                  .commands = h->commands,
                                  .socket = &nobody,
                                  .nsp = sio_hook_socket_nsp_name(e->of),
                                  .token = ""};
    sio_backend_answer   a;

    if (e->of->socket == NULL) /* it has not come again: then the will is of that one */
        sio_hook_will_revoke(e->of);
    if (result->fate == SIO_EVENT_DELIVERED &&
        sio_backend_answer_read(result->answer, &a) == SIO_OK)
        sio_hook_apply_answer(&apply, &a);
}
