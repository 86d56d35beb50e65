#!/usr/bin/env python3
"""client-demo/backends/chat.py - the chat of the demo as a backend (server/manual/webhooks.md), in
Python without a library. It says what client-demo/chat.c says, and holds nothing: the name of a
client is in its "data", and its rooms come with each event. So it may be restarted at any time.

    HOOK_SECRET=whsec_... PORT=8000 python3 chat.py

    {"backends": [{"name": "chat", "urls": ["http://127.0.0.1:8000/"], "include": ["rooms"],
                   "secret": "env:HOOK_SECRET", "headers": ["X-Port: 3100"]}]}
"""
import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = base64.b64decode(os.environ["HOOK_SECRET"].removeprefix("whsec_"))
MAX_AGE_S = 300
MAX_NAME, MAX_ROOM, MAX_TEXT = 80, 80, 2000


def is_signed(headers, body):
    """Is the request from somebody who knows the secret, and not an old one?"""
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MAX_AGE_S:
        return False
    text = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    ours = b"v1," + base64.b64encode(hmac.new(SECRET, text, hashlib.sha256).digest())
    theirs = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(ours, one) for one in theirs)


def is_text(value, most):
    return isinstance(value, str) and 0 < len(value) <= most


def name_of(socket):
    return socket.get("data", {}).get("name", "somebody")


def tell(room, name, *args):
    """A command: everyone in the room gets the event."""
    return {"do": "emit", "to": room, "name": name, "args": args}


# What a client may say, by the name of the event.

def on_join(socket, room=None, name=None, *_):
    if is_text(room, MAX_ROOM) and is_text(name, MAX_NAME):
        return {"data": {"name": name}, "join": room, "ack": [],
                "do": [tell(room, "joined", name, room)]}
    return None


def on_say(socket, room=None, text=None, *_):
    if room in socket["rooms"] and is_text(text, MAX_TEXT):
        return {"do": [tell(room, "said", name_of(socket), room, text)]}
    return None


def on_here(socket, room=None, how=None, *_):
    if room in socket["rooms"] and is_text(how, MAX_TEXT):
        return {"do": [tell(room, "here", name_of(socket), room, how)]}
    return None


def on_leave(socket, room=None, *_):
    if room in socket["rooms"]:
        return {"do": [tell(room, "left", name_of(socket), room),
                       {"do": "leave", "to": socket["id"], "room": room}]}
    return None


HANDLERS = {"join": on_join, "say": on_say, "here": on_here, "leave": on_leave}


def left(socket, reason):
    """Who was on an instance that is lost has left without its rooms: the others call the roll."""
    if "rooms" not in socket:
        return {"do": [{"do": "emit", "name": "lost"}]}
    return {"do": [tell(room, "left", name_of(socket), room, reason) for room in socket["rooms"]]}


def answer(event, greeting):
    if event["type"] == "connect":
        return {"emit": [["server", greeting]]}
    if event["type"] == "disconnect":
        return left(event["socket"], event["reason"])
    handler = HANDLERS.get(event["name"])
    return handler(event["socket"], *event["args"]) if handler else None


class Chat(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if not is_signed(self.headers, body):
            self.reply(400, b"")
            return
        greeting = {"server": self.headers["siobroker-instance"],
                    "port": int(self.headers["x-port"])}
        answers = [answer(event, greeting) for event in json.loads(body)["events"]]
        self.reply(200, json.dumps({"answers": answers}).encode())

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Chat)
print(f"listening on port {server.server_port}", flush=True)
server.serve_forever()
