#include "server/script/native.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/script/native_bytes.h"

/* Errors of files in Node's words; others in those of the system. */
static const char *
error_text(int number)
{
    static const struct {
        int         number;
        const char *text;
    } texts[] = {
        {ENOENT, "no such file or directory"},
        {EACCES, "permission denied"},
        {EISDIR, "illegal operation on a directory"},
        {ENOTDIR, "not a directory"},
        {EEXIST, "file already exists"},
        {EPERM, "operation not permitted"},
        {ENOTEMPTY, "directory not empty"},
        {EMFILE, "too many open files"},
        {ENAMETOOLONG, "name too long"},
        {EROFS, "read-only file system"},
        {ENOSPC, "no space left on device"},
        {ELOOP, "too many symbolic links encountered"},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].number == number)
            return texts[i].text;
    return strerror(number);
}

/* An Error as Node makes it: code "ENOENT", and the rest of its message. path NULL: of none. */
static JSValue
throw_errno(JSContext *context, int number, const char *what, const char *path)
{
    const char *code = strerrorname_np(number);
    JSValue     error = JS_NewError(context);
    char        text[512];

    snprintf(text, sizeof text, "%s: %s, %s%s%s%s", code != NULL ? code : "EIO", error_text(number),
             what, path != NULL ? " '" : "", path != NULL ? path : "", path != NULL ? "'" : "");
    JS_DefinePropertyValueStr(context, error, "message", JS_NewString(context, text),
                              JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
    JS_DefinePropertyValueStr(context, error, "code",
                              JS_NewString(context, code != NULL ? code : "EIO"), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(context, error, "errno", JS_NewInt32(context, -number),
                              JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(context, error, "syscall", JS_NewString(context, what),
                              JS_PROP_C_W_E);
    if (path != NULL)
        JS_DefinePropertyValueStr(context, error, "path", JS_NewString(context, path),
                                  JS_PROP_C_W_E);
    return JS_Throw(context, error);
}

/* The whole file; what it holds belongs to the caller. 0, or -1 with an exception. */
static int
read_whole(JSContext *context, const char *path, sio_buf *out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    int       error = 0;
    ssize_t   n;
    char      part[65536];

    if (fd < 0) {
        throw_errno(context, errno, "open", path);
        return -1;
    }
    while ((n = read(fd, part, sizeof part)) > 0 && !out->failed)
        sio_buf_add(out, part, (size_t)n);
    if (n < 0)
        error = errno;
    else if (out->failed)
        error = ENOMEM;
    close(fd);
    if (error != 0)
        throw_errno(context, error, "read", NULL);
    return error == 0 ? 0 : -1;
}

static JSValue
read_as(JSContext *context, JSValueConst name, JSValue (*make)(JSContext *, sio_view))
{
    const char *path = JS_ToCString(context, name);
    JSValue     result = JS_EXCEPTION;
    sio_buf     bytes;

    if (path == NULL)
        return JS_EXCEPTION;
    sio_buf_init(&bytes, SIZE_MAX);
    if (read_whole(context, path, &bytes) == 0)
        result = make(context, sio_buf_view(&bytes));
    sio_buf_fini(&bytes);
    JS_FreeCString(context, path);
    return result;
}

static JSValue
make_array_buffer(JSContext *context, sio_view bytes)
{
    return JS_NewArrayBufferCopy(context, (const uint8_t *)bytes.data, bytes.len);
}

static JSValue
make_string(JSContext *context, sio_view bytes)
{
    return JS_NewStringLen(context, bytes.len > 0 ? bytes.data : "", bytes.len);
}

/* readFile(path): an ArrayBuffer */
static JSValue
native_read_file(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args;
    return read_as(context, args[0], make_array_buffer);
}

/* readText(path): a string, for source code */
static JSValue
native_read_text(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    (void)self, (void)n_args;
    return read_as(context, args[0], make_string);
}

static int
write_whole(const char *path, int flags, const char *bytes, size_t len)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
    int       error = 0;

    if (fd < 0)
        return errno;
    while (len > 0 && error == 0) {
        const ssize_t n = write(fd, bytes, len);

        if (n < 0)
            error = errno;
        else
            bytes += n, len -= (size_t)n;
    }
    if (close(fd) != 0 && error == 0)
        error = errno;
    return error;
}

/* writeFile(path, text or ArrayBuffer, append) */
static JSValue
native_write_file(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *path = JS_ToCString(context, args[0]);
    const int   flags = JS_ToBool(context, args[2]) == 1 ? O_APPEND : O_TRUNC;
    const char *text = NULL;
    size_t      len = 0;
    uint8_t    *bytes = NULL;
    int         error;

    (void)self, (void)n_args;
    if (path == NULL)
        return JS_EXCEPTION;
    if (JS_IsString(args[1]))
        text = JS_ToCStringLen(context, &len, args[1]);
    else
        bytes = JS_GetArrayBuffer(context, &len, args[1]);
    if (text == NULL && bytes == NULL && len > 0) {
        JS_FreeCString(context, path);
        return JS_EXCEPTION;
    }
    error = write_whole(path, flags, text != NULL ? text : (const char *)bytes, len);
    if (text != NULL)
        JS_FreeCString(context, text);
    if (error != 0)
        throw_errno(context, error, "open", path);
    JS_FreeCString(context, path);
    return error != 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

static void
set_number(JSContext *context, JSValueConst object, const char *name, int64_t value)
{
    JS_DefinePropertyValueStr(context, object, name, JS_NewInt64(context, value), JS_PROP_C_W_E);
}

/* stat(path): {mode, size, mtimeMs}; undefined: it is not there. */
static JSValue
native_stat(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *path = JS_ToCString(context, args[0]);
    struct stat is;
    JSValue     result;
    int         rc;

    (void)self, (void)n_args;
    if (path == NULL)
        return JS_EXCEPTION;
    rc = stat(path, &is);
    JS_FreeCString(context, path);
    if (rc != 0)
        return JS_UNDEFINED;
    result = JS_NewObject(context);
    set_number(context, result, "mode", is.st_mode);
    set_number(context, result, "size", is.st_size);
    set_number(context, result, "mtimeMs",
               (int64_t)is.st_mtim.tv_sec * 1000 + is.st_mtim.tv_nsec / 1000000);
    return result;
}

/* readFolder(path): names */
static JSValue
native_read_folder(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char    *path = JS_ToCString(context, args[0]);
    DIR           *folder = path != NULL ? opendir(path) : NULL;
    JSValue        result;
    struct dirent *entry;
    uint32_t       n = 0;

    (void)self, (void)n_args;
    if (path == NULL)
        return JS_EXCEPTION;
    if (folder == NULL) {
        result = throw_errno(context, errno, "scandir", path);
        JS_FreeCString(context, path);
        return result;
    }
    result = JS_NewArray(context);
    while ((entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            JS_SetPropertyUint32(context, result, n++, JS_NewString(context, entry->d_name));
    closedir(folder);
    JS_FreeCString(context, path);
    return result;
}

/* realPath(path); undefined: it is not there. */
static JSValue
native_real_path(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *path = JS_ToCString(context, args[0]);
    char       *real;
    JSValue     result;

    (void)self, (void)n_args;
    if (path == NULL)
        return JS_EXCEPTION;
    real = realpath(path, NULL);
    JS_FreeCString(context, path);
    result = real != NULL ? JS_NewString(context, real) : JS_UNDEFINED;
    free(real);
    return result;
}

/* openAnonymous(text or Uint8Array): the path of a file that nobody else has, until the end. */
static JSValue
native_open_anonymous(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    sio_native_bytes bytes;
    char             path[40];
    int              fd, error;

    (void)self, (void)n_args;
    if (sio_native_bytes_take(context, args[0], &bytes) != 0)
        return JS_EXCEPTION;
    fd = memfd_create("script", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    error = fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0
                ? write_whole(path, 0, bytes.view.data, bytes.view.len)
                : errno;
    sio_native_bytes_free(context, &bytes);
    return error == 0 ? JS_NewString(context, path) : throw_errno(context, error, "open", NULL);
}

/* remove(path) */
static JSValue
native_remove(JSContext *context, JSValueConst self, int n_args, JSValueConst *args)
{
    const char *path = JS_ToCString(context, args[0]);
    JSValue     result = JS_UNDEFINED;

    (void)self, (void)n_args;
    if (path == NULL)
        return JS_EXCEPTION;
    if (remove(path) != 0)
        result = throw_errno(context, errno, "unlink", path);
    JS_FreeCString(context, path);
    return result;
}

static const JSCFunctionListEntry functions[] = {
    SIO_NATIVE_ENTRY("readFile", 1, native_read_file),
    SIO_NATIVE_ENTRY("readText", 1, native_read_text),
    SIO_NATIVE_ENTRY("writeFile", 3, native_write_file),
    SIO_NATIVE_ENTRY("stat", 1, native_stat),
    SIO_NATIVE_ENTRY("readFolder", 1, native_read_folder),
    SIO_NATIVE_ENTRY("realPath", 1, native_real_path),
    SIO_NATIVE_ENTRY("remove", 1, native_remove),
    SIO_NATIVE_ENTRY("openAnonymous", 1, native_open_anonymous),
};

int
sio_native_files_add(sio_interpreter *in, JSValueConst native)
{
    JS_SetPropertyFunctionList(in->context, native, functions,
                               sizeof functions / sizeof functions[0]);
    return JS_HasException(in->context) ? -1 : 0;
}
