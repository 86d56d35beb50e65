/*
 * server/config/config_difference.h - what has been set: all that is not as it is by default.
 * Private to server/config/.
 */
#ifndef SIO_CONFIG_CONFIG_DIFFERENCE_H
#define SIO_CONFIG_CONFIG_DIFFERENCE_H

#include "protocol/buf.h"
#include "server/config/config_table.h"

/*
 * Append an object of the settings in the struct at base, of table t, that are not as in the one
 * at usual. So it is with what is in them; in a list, each object is compared with the defaults.
 * Secrets are "***". Out of memory: out->failed.
 */
void sio_config_difference_print(const sio_setting_table *t, const void *base, const void *usual,
                                 sio_buf *out);

#endif
