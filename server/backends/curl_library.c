#include "server/backends/curl_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "protocol/result.h"

#define ROW(member)                                         \
    {                                                       \
        "curl_" #member, offsetof(sio_curl_library, member) \
    }

static const struct {
    const char *name;
    size_t      offset;
} functions[] = {
    ROW(global_init),     ROW(global_cleanup), ROW(easy_init),           ROW(easy_cleanup),
    ROW(easy_setopt),     ROW(easy_getinfo),   ROW(easy_strerror),       ROW(multi_init),
    ROW(multi_cleanup),   ROW(multi_setopt),   ROW(multi_add_handle),    ROW(multi_remove_handle),
    ROW(multi_info_read), ROW(multi_assign),   ROW(multi_socket_action),
};

static int
find_functions(void *handle, sio_curl_library *lib, sio_buf *error)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *function = dlsym(handle, functions[i].name);

        if (function == NULL) {
            sio_buf_add_str(error, "libcurl.so.4 has no ");
            sio_buf_add_str(error, functions[i].name);
            sio_buf_add_str(error, "(): it is too old");
            return SIO_ERR_CONFIG;
        }
        /* C does not convert a pointer to an object into one to a function; POSIX does. */
        memcpy((char *)lib + functions[i].offset, &function, sizeof function);
    }
    return SIO_OK;
}

int
sio_curl_library_begin(sio_curl_library *lib, sio_buf *error)
{
    /* Never unloaded: OpenSSL, which came with it, would be called at the end of the process. */
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    int   rc;

    if (handle == NULL) {
        sio_buf_add_str(error, "webhooks need libcurl.so.4; on Debian it is in the package "
                               "libcurl4, or libcurl4t64 from 13 on: ");
        sio_buf_add_str(error, dlerror());
        return SIO_ERR_CONFIG;
    }
    rc = find_functions(handle, lib, error);
    dlclose(handle);
    if (rc == SIO_OK && lib->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        sio_buf_add_str(error, "libcurl can not begin: out of memory");
        rc = SIO_ERR_NOMEM;
    }
    return rc;
}

void
sio_curl_library_end(const sio_curl_library *lib)
{
    lib->global_cleanup();
}
