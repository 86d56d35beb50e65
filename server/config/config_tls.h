/*
 * server/config/config_tls.h - the settings of TLS: what clients are shown, and what they show.
 *
 * The table and the rules are private to server/config/; the certificates are for server/net/ and
 * `siobroker check` as well.
 */
#ifndef SIO_CONFIG_CONFIG_TLS_H
#define SIO_CONFIG_CONFIG_TLS_H

#include "server/base/authorities.h"
#include "server/base/certificate.h"
#include "server/config/config.h"
#include "server/config/config_table.h"

/* Of sio_cfg_certificate. */
extern const sio_setting_table sio_config_tls_settings;

/* Rules across the keys, without a look at the files. SIO_OK, or SIO_ERR_CONFIG with one line. */
int sio_config_tls_check(const sio_cfg *cfg, sio_buf *error);

/* Append a line, with a line end, for each key that others could read. */
void sio_config_tls_advise(const sio_cfg *cfg, sio_buf *advice);

/* Does a listener speak TLS? */
bool sio_config_tls_is_on(const sio_cfg *cfg);

/* As sio_certificate_read(), of one of the list; the line names the setting as well. */
int sio_config_tls_certificate(const sio_cfg *cfg, size_t i, sio_certificate *out, sio_buf *error);

/* As sio_authorities_read(), of "tls client ca"; none when that is not set. */
int sio_config_tls_authorities(const sio_cfg *cfg, sio_authorities *out, sio_buf *error);

/* Are all of these files good? SIO_OK, or SIO_ERR_CONFIG with one line, or SIO_ERR_NOMEM. */
int sio_config_tls_check_files(const sio_cfg *cfg, sio_buf *error);

#endif
