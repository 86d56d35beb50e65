#include "server/script/native.h"

/* A class whose objects have these methods. */
int
sio_native_add_class(sio_interpreter *in, JSClassID *id, const JSClassDef *def,
                     const JSCFunctionListEntry *methods, int n)
{
    JSValue proto = JS_NewObject(in->context);

    JS_NewClassID(id);
    if (!JS_IsObject(proto) || JS_NewClass(in->runtime, *id, def) != 0) {
        JS_FreeValue(in->context, proto);
        return -1;
    }
    JS_SetPropertyFunctionList(in->context, proto, methods, n);
    JS_SetClassProto(in->context, *id, proto);
    return 0;
}
