"""A program with the real python-socketio, beside siobroker on one Redis; for tests/lib/python.js.

    python_member.py URL server|writer json|pickle [FOLDER]

A server, or a manager that only writes. Versions before 5.14 pickle what they write; with "json" it
is what 5.14.0 writes. FOLDER is where the modules of another version are. Each line that it reads
is a call of the manager, as JSON: ["emit", {"event": "ev", "data": 1}]. It prints what it has to
tell, a JSON value in each line: first about itself.
"""

import json
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

sys.path[:0] = sys.argv[4:]
import socketio  # noqa: E402: it comes from that folder, if there is one


# What the manual tells those to use whose version pickles: server/manual/clusters.md.
class JsonManager(socketio.RedisManager):
    def _publish(self, data):
        return self.redis.publish(self.channel, json.dumps(data))


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def tell(value):
    print(json.dumps(value, default=lambda data: {"bytes": data.hex()}), flush=True)


def serve(manager):
    sio = socketio.Server(client_manager=manager, async_mode="threading", allow_upgrades=False,
                          always_connect=True)

    @sio.event
    def connect(sid, environ):
        sio.emit("server", {"server": "Python"}, to=sid, ignore_queue=True)

    @sio.event
    def join(sid, room):
        manager.enter_room(sid, "/", room)

    @sio.on("echo")
    def echo(sid, *args):
        sio.emit("echo", args, to=sid, ignore_queue=True)

    sio.manager_initialized = True  # and not only when the first client comes
    manager.initialize()
    http = make_server("127.0.0.1", 0, socketio.WSGIApp(sio), Server, Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    tell({"port": http.server_port, "can_enter": hasattr(manager, "_handle_enter_room")})


def arguments(words):
    """Bytes are {"bytes": HEX}, a tuple is {"tuple": [...]}."""
    if isinstance(words, dict):
        if set(words) == {"bytes"}:
            return bytes.fromhex(words["bytes"])
        if set(words) == {"tuple"}:
            return tuple(arguments(value) for value in words["tuple"])
        return {key: arguments(value) for key, value in words.items()}
    return [arguments(value) for value in words] if isinstance(words, list) else words


def main():
    url, role, form = sys.argv[1:4]
    pickles = not sys.argv[4:]  # else it is a version that writes JSON by itself
    kind = JsonManager if form == "json" and pickles else socketio.RedisManager
    manager = kind(url, write_only=role == "writer")
    if role == "server":
        serve(manager)
    else:
        tell({})
    for line in sys.stdin:
        method, named = json.loads(line)
        named = {"namespace": "/", **arguments(named)}
        if named.pop("ask", False):
            named["callback"] = lambda *args: tell({"answer": args})
        getattr(manager, method)(**named)


main()
