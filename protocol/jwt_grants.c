#include "protocol/jwt_grants.h"

#include "protocol/json.h"
#include "protocol/json_keys.h"

enum { MAX_DEPTH = 32 }; /* the text is valid to that depth (jwt.h) */

static bool
are_texts(sio_view list)
{
    sio_json_iter it;
    sio_view      one;

    if (sio_json_read_kind_of(list) != SIO_JSON_ARRAY)
        return false;
    sio_json_read_array_begin(&it, list);
    while (sio_json_read_array_next(&it, &one))
        if (sio_json_read_kind_of(one) != SIO_JSON_STRING || one.len == 2)
            return false;
    return true;
}

static bool
are_rooms(sio_view rooms)
{
    sio_json_iter it;
    sio_view      name, list;

    if (sio_json_read_kind_of(rooms) != SIO_JSON_OBJECT || sio_json_keys_check(rooms) != 0)
        return false;
    sio_json_read_object_begin(&it, rooms);
    while (sio_json_read_object_next(&it, &name, &list))
        if (!are_texts(list))
            return false;
    return true;
}

static bool
is_grant(sio_view name, sio_view value)
{
    if (sio_json_read_string_equals(name, SIO_VIEW("join")))
        return are_rooms(value);
    return (sio_json_read_string_equals(name, SIO_VIEW("namespaces")) ||
            sio_json_read_string_equals(name, SIO_VIEW("emit"))) &&
           are_texts(value);
}

bool
sio_jwt_grants_are_valid(sio_view grants)
{
    sio_json_iter it;
    sio_view      name, value;

    if (sio_json_read_kind_of(grants) != SIO_JSON_OBJECT || sio_json_read_has_nul(grants) ||
        sio_json_keys_check(grants) != SIO_OK)
        return false;
    sio_json_read_object_begin(&it, grants);
    while (sio_json_read_object_next(&it, &name, &value))
        if (!is_grant(name, value))
            return false;
    return true;
}

static sio_view
member_of(sio_view object, sio_view name)
{
    sio_json_field field = {.name = name};

    if (object.len > 0)
        (void)sio_json_pick(object, MAX_DEPTH, &field, 1);
    return field.value;
}

bool
sio_jwt_grants_namespace(sio_view grants, sio_view name)
{
    const sio_view list = member_of(grants, SIO_VIEW("namespaces"));
    sio_json_iter  it;
    sio_view       one;

    sio_json_read_array_begin(&it, list);
    while (sio_json_read_array_next(&it, &one))
        if (sio_json_read_string_equals(one, name))
            return true;
    return list.len == 0;
}

void
sio_jwt_grants_rooms_begin(sio_view grants, sio_view nsp_name, sio_json_iter *it)
{
    const sio_view rooms = member_of(grants, SIO_VIEW("join"));

    sio_json_read_array_begin(it, member_of(rooms, nsp_name));
}

bool
sio_jwt_grants_events_begin(sio_view grants, sio_json_iter *it)
{
    const sio_view list = member_of(grants, SIO_VIEW("emit"));

    sio_json_read_array_begin(it, list);
    return list.len > 0;
}
