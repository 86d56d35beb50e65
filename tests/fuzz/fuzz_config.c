/*
 * tests/fuzz/fuzz_config.c - configuration files of any content.
 *
 * Whatever is in a file, loading it either succeeds, and then each setting that was
 * made prints as JSON that can be set again to the same effect; or it fails with one
 * line that begins with the name of the file.
 */
#include "protocol/result.h"
#include "server/config/config_file.h"
#include "server/config/config_table.h"
#include "server/config/config_value.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_error(sio_view error)
{
    static const char source[] = "f.json: ";

    assert(error.len > strlen(source) && memcmp(error.data, source, strlen(source)) == 0);
    for (size_t i = 0; i < error.len; i++)
        assert((unsigned char)error.data[i] >= 0x20); /* one line, nothing hidden in it */
}

/* Print the setting, set it from that, print it again: nothing may change. */
static void
check_round_trip(sio_cfg *cfg, const sio_setting *s)
{
    sio_buf first, second, error;

    sio_buf_init(&first, SIZE_MAX);
    sio_buf_init(&second, SIZE_MAX);
    sio_buf_init(&error, SIZE_MAX);
    sio_config_value_print(s, cfg, false, &first);
    sio_buf_add_char(&first, '\0');
    assert(sio_cfg_set_json(cfg, s->key, first.data, &error) == SIO_OK);
    sio_config_value_print(s, cfg, false, &second);
    sio_buf_add_char(&second, '\0');
    assert(sio_view_eq(sio_buf_view(&first), sio_buf_view(&second)));
    sio_buf_fini(&first);
    sio_buf_fini(&second);
    sio_buf_fini(&error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sio_view json = {(const char *)data, size};
    sio_cfg        cfg;
    sio_buf        error;

    sio_buf_init(&error, 4096);
    if (sio_cfg_init(&cfg) != SIO_OK)
        abort();
    if (sio_config_file_load_text(&cfg, json, "f.json", &error) != SIO_OK) {
        check_error(sio_buf_view(&error));
    } else {
        assert(error.len == 0);
        for (size_t i = 0; i < sio_settings.n; i++)
            if (sio_settings.rows[i].key != NULL)
                check_round_trip(&cfg, &sio_settings.rows[i]);
        (void)sio_cfg_check(&cfg, &error);
    }
    assert(!error.failed);
    sio_cfg_fini(&cfg);
    sio_buf_fini(&error);
    return 0;
}
