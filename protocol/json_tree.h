/*
 * protocol/json_tree.h - JSON as a cJSON tree.
 *
 * cJSON keeps strings as C strings, which U+0000 ends: {"token":"secret\u0000x"} would come out
 * as "secret". So a string that holds one is in the tree as its JSON text, of type cJSON_Raw, and
 * likewise an object with such a key: it is no string for who asks, and whole when it is printed.
 * Called by server/ for applications that want the arguments of an event so.
 */
#ifndef SIO_PROTOCOL_JSON_TREE_H
#define SIO_PROTOCOL_JSON_TREE_H

#include <cjson/cJSON.h>

#include "protocol/view.h"

/*
 * json is valid and at most CJSON_NESTING_LIMIT deep. The caller gives the result to
 * cJSON_Delete(); NULL: out of memory, or cJSON can not read it (half of a surrogate pair).
 */
cJSON *sio_json_tree(sio_view json);

#endif
