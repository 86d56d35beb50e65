#!/usr/bin/env python3
"""client-demo/backends/app.py - a backend that siobroker calls (server/manual/webhooks.md), in
Python without a library: it greets each client, and passes on to everyone what one of them says.

    HOOK_SECRET=whsec_... PORT=8000 python3 app.py
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


def is_signed(headers, body):
    """Is the request from somebody who knows the secret, and not an old one?"""
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MAX_AGE_S:
        return False
    text = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    ours = "v1," + base64.b64encode(hmac.new(SECRET, text, hashlib.sha256).digest()).decode()
    theirs = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(ours, one) for one in theirs)


def answer(event):
    if event["type"] == "connect":
        return {"join": "everyone", "emit": [["hello", {"you": event["socket"]["id"]}]]}
    if event["type"] == "event" and event["name"] == "say":
        return {"ack": ["heard"],
                "do": [{"do": "emit", "to": "everyone", "name": "said", "args": event["args"]}]}
    return None


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if is_signed(self.headers, body):
            answers = [answer(event) for event in json.loads(body)["events"]]
            self.reply(200, json.dumps({"answers": answers}).encode())
        else:
            self.reply(400, b"")

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), App)
print(f"listening on port {server.server_port}", flush=True)
server.serve_forever()
