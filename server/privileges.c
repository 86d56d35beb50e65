#include "server/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "protocol/result.h"

enum {
    MAX_LOGIN = 256,
    MAX_ENTRY = 65536 /* of the database of users or groups; groups may have many members */
};

static const unsigned NO_ID = (unsigned)-1; /* which leaves an id as it is, in setresuid() */

typedef struct {
    const char *name;           /* as the settings have it */
    char  login[MAX_LOGIN + 1]; /* as the database of users has it; empty: it is not in there */
    uid_t uid;
    gid_t gid;
} identity;

/* --- Who that is. --- */

static int
refuse_account(const char *key, const char *why, const char *name, sio_buf *error)
{
    sio_buf_add_char(error, '"');
    sio_buf_add_str(error, key);
    sio_buf_add_str(error, "\": ");
    sio_buf_add_str(error, why);
    sio_buf_add_json_string(error, sio_view_of(name), SIO_JSON_PLAIN);
    return SIO_ERR_CONFIG;
}

/* The number that a name is, if it is one. */
static bool
read_id(const char *name, unsigned *id)
{
    const size_t  n_digits = strspn(name, "0123456789");
    unsigned long number;

    if (n_digits == 0 || name[n_digits] != '\0')
        return false;
    errno = 0;
    number = strtoul(name, NULL, 10);
    *id = errno == 0 && number < NO_ID ? (unsigned)number : NO_ID;
    return true;
}

/* A number needs no entry: containers often have none. */
static int
find_user(const char *name, identity *who, sio_buf *error)
{
    struct passwd entry, *found = NULL;
    char          text[MAX_ENTRY];
    unsigned      number = NO_ID;

    if (read_id(name, &number))
        (void)getpwuid_r(number, &entry, text, sizeof text, &found);
    else
        (void)getpwnam_r(name, &entry, text, sizeof text, &found);
    if (found == NULL && number == NO_ID)
        return refuse_account("user", "there is no user ", name, error);
    *who = (identity){.name = name, .uid = number, .gid = NO_ID};
    if (found != NULL) {
        snprintf(who->login, sizeof who->login, "%s", found->pw_name);
        who->uid = found->pw_uid;
        who->gid = found->pw_gid;
    }
    if (who->uid == 0)
        return refuse_account("user", "must be another one than root, got ", name, error);
    return SIO_OK;
}

static int
find_group(const char *name, identity *who, sio_buf *error)
{
    struct group entry, *found = NULL;
    char         text[MAX_ENTRY];
    unsigned     number = NO_ID;

    if (name[0] == '\0' && who->gid == NO_ID)
        return refuse_account("group", "must be set, since nothing is known about user ", who->name,
                              error);
    if (name[0] == '\0')
        return SIO_OK;
    if (!read_id(name, &number)) {
        (void)getgrnam_r(name, &entry, text, sizeof text, &found);
        number = found != NULL ? found->gr_gid : NO_ID;
    }
    if (number == NO_ID)
        return refuse_account("group", "there is no group ", name, error);
    who->gid = number;
    return SIO_OK;
}

/* --- To become it. --- */

static bool
is_already(const identity *who)
{
    return getuid() == who->uid && geteuid() == who->uid && getgid() == who->gid &&
           getegid() == who->gid;
}

/* Groups first: afterwards there is no right to change them. */
static bool
become(const identity *who)
{
    const bool is_listed = who->login[0] != '\0';
    const int  rc = is_listed ? initgroups(who->login, who->gid) : setgroups(1, &who->gid);

    return rc == 0 && setresgid(who->gid, who->gid, who->gid) == 0 &&
           setresuid(who->uid, who->uid, who->uid) == 0;
}

/* It would work with CAP_SETUID, which "secure bits" of a container can let a user keep. */
static bool
can_return(const identity *who)
{
    return setuid(0) == 0 || seteuid(0) == 0 ||
           (who->gid != 0 && (setgid(0) == 0 || setegid(0) == 0));
}

static int
fail_to_become(const identity *who, const char *why, sio_buf *error)
{
    sio_buf_add_str(error, "can not become user ");
    sio_buf_add_json_string(error, sio_view_of(who->name), SIO_JSON_PLAIN);
    sio_buf_add_str(error, ": ");
    sio_buf_add_str(error, why);
    return SIO_ERR_SYS;
}

static int
find_identity(const sio_cfg *cfg, identity *who, sio_buf *error)
{
    const int rc = find_user(cfg->user, who, error);

    return rc == SIO_OK ? find_group(cfg->group, who, error) : rc;
}

int
sio_privileges_give(const sio_cfg *cfg, const char *path, sio_buf *error)
{
    identity who;
    int      rc;

    if (cfg->user[0] == '\0' || path[0] == '\0')
        return SIO_OK;
    if ((rc = find_identity(cfg, &who, error)) != SIO_OK)
        return rc;
    if (lchown(path, who.uid, who.gid) == 0)
        return SIO_OK;
    sio_buf_add_str(error, "can not give ");
    sio_buf_add_str(error, path);
    sio_buf_add_str(error, " to user ");
    sio_buf_add_json_string(error, sio_view_of(who.name), SIO_JSON_PLAIN);
    sio_buf_add_str(error, errno == EPERM ? ": only root can" : ": ");
    sio_buf_add_str(error, errno == EPERM ? "" : strerror(errno));
    return SIO_ERR_SYS;
}

int
sio_privileges_drop(const sio_cfg *cfg, const sio_log *log, sio_buf *error)
{
    identity who;
    int      rc;

    if (cfg->user[0] == '\0') {
        if (geteuid() == 0)
            sio_log_warn(log, NULL, "runs as root: set \"user\" to an account without rights");
        return SIO_OK;
    }
    if ((rc = find_identity(cfg, &who, error)) != SIO_OK)
        return rc;
    if (!is_already(&who) && !become(&who))
        return fail_to_become(&who, errno == EPERM ? "only root can" : strerror(errno), error);
    if (can_return(&who))
        return fail_to_become(&who, "it would keep the right to be root again", error);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_to_become(&who, strerror(errno), error);
    sio_log_info(log, NULL, "runs as user %s (%u), group %u", who.name, (unsigned)who.uid,
                 (unsigned)who.gid);
    return SIO_OK;
}
