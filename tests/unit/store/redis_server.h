/*
 * tests/unit/store/redis_server.h - a real redis-server for one test program.
 *
 * Each server has a scratch folder of its own, a port of its own on the loopback
 * interface, nothing persistent, and dies with the test. REDIS_SERVER names another program that
 * takes its place: valkey-server.
 */
#ifndef SIO_TESTS_UNIT_REDIS_SERVER_H
#define SIO_TESTS_UNIT_REDIS_SERVER_H

#include "store/clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REDIS_SERVER_START_MS = 10000 };

typedef struct {
    pid_t pid; /* 0: not running */
    int   port;
    char  dir[64];
    char  socket[80];
} redis_server;

static inline void
redis_server_die(const char *what)
{
    perror(what);
    exit(1);
}

/* A port that was free a moment ago, below those that connections get. */
static inline int
redis_server_free_port(void)
{
    enum { FIRST = 15000, N_PORTS = 17000, ATTEMPTS = 100 };

    for (int i = 0; i < ATTEMPTS; i++) {
        unsigned           random = 0;
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        const int          fd = socket(AF_INET, SOCK_STREAM, 0);
        bool               is_free;

        if (fd < 0 || getrandom(&random, sizeof random, 0) != sizeof random)
            redis_server_die("a free port");
        at.sin_port = htons((uint16_t)(FIRST + random % N_PORTS));
        is_free = bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
        close(fd);
        if (is_free)
            return ntohs(at.sin_port);
    }
    redis_server_die("a free port");
    return 0;
}

/* Choose port and folder; nothing runs yet. */
static inline void
redis_server_init(redis_server *r)
{
    *r = (redis_server){.port = redis_server_free_port()};
    snprintf(r->dir, sizeof r->dir, "/tmp/sio-store-XXXXXX");
    if (mkdtemp(r->dir) == NULL)
        redis_server_die("mkdtemp");
    snprintf(r->socket, sizeof r->socket, "%s/socket", r->dir);
}

/* Run a command as another client would. Its integer, or the length of its text; -1: error. */
static inline long long
redis_server_command(const redis_server *r, const char *command)
{
    redisContext *c = redisConnectUnix(r->socket);
    redisReply   *reply = c != NULL && c->err == 0 ? redisCommand(c, command) : NULL;
    long long     result = -1;

    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER)
        result = reply->integer;
    else if (reply != NULL && reply->type != REDIS_REPLY_ERROR)
        result = (long long)reply->len;
    else if (reply != NULL && strncmp(reply->str, "NOAUTH", 6) == 0)
        result = 0; /* alive, at any rate */
    if (reply != NULL)
        freeReplyObject(reply);
    if (c != NULL)
        redisFree(c);
    return result;
}

static inline void
redis_server_kill(redis_server *r)
{
    if (r->pid > 0) {
        kill(r->pid, SIGKILL);
        waitpid(r->pid, NULL, 0);
    }
    r->pid = 0;
}

static inline void
redis_server_fini(redis_server *r)
{
    char log[80];

    redis_server_kill(r);
    snprintf(log, sizeof log, "%s/log", r->dir);
    unlink(log);
    unlink(r->socket);
    if (rmdir(r->dir) != 0)
        perror(r->dir);
}

static inline void
redis_server_exec(const redis_server *r, const char *const options[])
{
    char        port[8];
    const char *program = getenv("REDIS_SERVER");
    const char *argv[32] = {program != NULL ? program : "redis-server",
                            "--port",
                            port,
                            "--bind",
                            "127.0.0.1",
                            "--dir",
                            r->dir,
                            "--unixsocket",
                            r->socket,
                            "--save",
                            "",
                            "--appendonly",
                            "no",
                            "--logfile",
                            "log"};
    size_t    n = 15;
    const int null = open("/dev/null", O_RDWR);

    for (size_t i = 0; options != NULL && options[i] != NULL && n < 31; i++)
        argv[n++] = options[i];
    snprintf(port, sizeof port, "%d", r->port);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    execvp(argv[0], (char *const *)(const void *)argv);
    perror(argv[0]);
    _exit(127);
}

/* Start it and wait until it answers. options: more command line, NULL-terminated; or NULL. */
static inline void
redis_server_start(redis_server *r, const char *const options[])
{
    const uint64_t deadline_ms = sio_now_ms() + REDIS_SERVER_START_MS;

    r->pid = fork();
    if (r->pid == 0)
        redis_server_exec(r, options);
    while (redis_server_command(r, "PING") < 0) {
        if (sio_now_ms() > deadline_ms || waitpid(r->pid, NULL, WNOHANG) != 0) {
            fprintf(stderr, "redis-server does not start\n");
            redis_server_fini(r);
            exit(1);
        }
        usleep(5000);
    }
}

/* Not a single command is answered until SIGCONT. Returns when it really stands still. */
static inline void
redis_server_freeze(redis_server *r)
{
    kill(r->pid, SIGSTOP);
    waitpid(r->pid, NULL, WUNTRACED);
}

static inline void
redis_server_thaw(redis_server *r)
{
    kill(r->pid, SIGCONT);
}

#endif
