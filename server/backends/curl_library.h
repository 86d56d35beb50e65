/*
 * server/backends/curl_library.h - libcurl, loaded when it is needed.
 *
 * Linked in, it would cost every broker 26 more libraries, 4 MB of resident memory and some
 * milliseconds at its start, of which one without webhooks has nothing.
 */
#ifndef SIO_BACKENDS_CURL_LIBRARY_H
#define SIO_BACKENDS_CURL_LIBRARY_H

#include <curl/curl.h>

#include "protocol/buf.h"

/* The functions that are used, with the types of its header; all are there or none. */
typedef struct {
    __typeof__(curl_global_init)         *global_init;
    __typeof__(curl_global_cleanup)      *global_cleanup;
    __typeof__(curl_easy_init)           *easy_init;
    __typeof__(curl_easy_cleanup)        *easy_cleanup;
    __typeof__(curl_easy_setopt)         *easy_setopt;
    __typeof__(curl_easy_getinfo)        *easy_getinfo;
    __typeof__(curl_easy_strerror)       *easy_strerror;
    __typeof__(curl_multi_init)          *multi_init;
    __typeof__(curl_multi_cleanup)       *multi_cleanup;
    __typeof__(curl_multi_setopt)        *multi_setopt;
    __typeof__(curl_multi_add_handle)    *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_socket_action) *multi_socket_action;
    __typeof__(curl_multi_info_read)     *multi_info_read;
    __typeof__(curl_multi_assign)        *multi_assign;
} sio_curl_library;

/*
 * Load and begin; each use of it is ended by sio_curl_library_end(). The library itself stays in
 * the process. SIO_OK; SIO_ERR_CONFIG: it is not installed, or too old; SIO_ERR_NOMEM. With one
 * line in error.
 */
int sio_curl_library_begin(sio_curl_library *lib, sio_buf *error);

void sio_curl_library_end(const sio_curl_library *lib);

#endif
