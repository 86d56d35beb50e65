/*
 * server/http/exchange_settings.h - what holds for an exchange where it came in: on the public
 * port, by the settings, or beside it (side.h).
 */
#ifndef SIO_HTTP_EXCHANGE_SETTINGS_H
#define SIO_HTTP_EXCHANGE_SETTINGS_H

#include "server/http/service.h"

/* Who answers. */
const sio_http_service *sio_exchange_settings_service(const sio_exchange *x);

/* Of request line and headers. */
size_t sio_exchange_settings_max_header_bytes(const sio_exchange *x);

/* For a request to be complete, and for the next one to begin. */
unsigned sio_exchange_settings_timeout_ms(const sio_exchange *x);
unsigned sio_exchange_settings_keep_alive_ms(const sio_exchange *x);

#endif
