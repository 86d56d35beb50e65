#include "server/script/library.h"

#include <string.h>

/* A name, and the file between two symbols of its own. */
#define FILE_OF_LIB(name)                                  \
    __asm__(".section .rodata\n"                           \
            "script_" #name "_begin:\n"                    \
            ".incbin \"server/script/lib/" #name ".js\"\n" \
            "script_" #name "_end:\n"                      \
            ".byte 0\n"                                    \
            ".previous\n");                                \
    extern const char script_##name##_begin[], script_##name##_end[];

#define FILES(FILE)           \
    FILE(abort)               \
    FILE(assert)              \
    FILE(bootstrap)           \
    FILE(buffer)              \
    FILE(cluster)             \
    FILE(cluster_adapter)     \
    FILE(console)             \
    FILE(crypto)              \
    FILE(errors)              \
    FILE(errors_global)       \
    FILE(events)              \
    FILE(express)             \
    FILE(express_body)        \
    FILE(express_end)         \
    FILE(express_old)         \
    FILE(express_request)     \
    FILE(express_response)    \
    FILE(express_router)      \
    FILE(express_static)      \
    FILE(fetch)               \
    FILE(fetch_headers)       \
    FILE(fetch_response)      \
    FILE(fs)                  \
    FILE(fs_promises)         \
    FILE(fs_stream)           \
    FILE(http)                \
    FILE(http_client)         \
    FILE(http_request)        \
    FILE(http_response)       \
    FILE(http_words)          \
    FILE(https)               \
    FILE(inspect)             \
    FILE(inspect_error)       \
    FILE(inspect_layout)      \
    FILE(inspect_names)       \
    FILE(ioredis)             \
    FILE(listener)            \
    FILE(mime)                \
    FILE(modules)             \
    FILE(modules_check)       \
    FILE(modules_es)          \
    FILE(modules_module)      \
    FILE(modules_names)       \
    FILE(modules_resolve)     \
    FILE(node_error)          \
    FILE(os)                  \
    FILE(outgoing)            \
    FILE(path)                \
    FILE(process)             \
    FILE(querystring)         \
    FILE(redis)               \
    FILE(redis_adapter)       \
    FILE(redis_channels)      \
    FILE(redis_client)        \
    FILE(redis_commands)      \
    FILE(redis_connection)    \
    FILE(redis_multi)         \
    FILE(redis_store)         \
    FILE(socketio)            \
    FILE(socketio_09)         \
    FILE(socketio_adapter)    \
    FILE(socketio_broadcast)  \
    FILE(socketio_extras)     \
    FILE(socketio_generation) \
    FILE(socketio_namespace)  \
    FILE(socketio_options)    \
    FILE(socketio_packet)     \
    FILE(socketio_parent)     \
    FILE(socketio_session)    \
    FILE(socketio_socket)     \
    FILE(stream)              \
    FILE(string_decoder)      \
    FILE(structured_clone)    \
    FILE(table)               \
    FILE(timers)              \
    FILE(timers_module)       \
    FILE(timers_promises)     \
    FILE(tty)                 \
    FILE(url)                 \
    FILE(util)

FILES(FILE_OF_LIB)

#define ROW(name) {#name, script_##name##_begin, script_##name##_end},

static const struct {
    const char *name, *begin, *end;
} files[] = {FILES(ROW)};

enum { N_FILES = sizeof files / sizeof files[0] };

bool
sio_library_find(const char *name, sio_view *source)
{
    for (size_t i = 0; i < N_FILES; i++)
        if (strcmp(files[i].name, name) == 0) {
            *source = (sio_view){files[i].begin, (size_t)(files[i].end - files[i].begin)};
            return true;
        }
    return false;
}

const char *
sio_library_name(size_t i)
{
    return i < N_FILES ? files[i].name : NULL;
}
