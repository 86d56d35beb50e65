#!/usr/bin/env python3
"""client-demo/backends/worker.py - a worker behind siobroker (server/manual/streams.md), in Python
without a library: it reads events of clients from a stream in Redis, and adds commands to another.
It greets each client, and passes on to everyone what one of them says.

    REDIS_PORT=6379 STREAM=sio:events:app:0 GROUP=chat NAME=worker-1 python3 worker.py

Of a group, one worker at a time should read a stream: then the events of each client stay in order.
Start another one with the same NAME in its place, and it goes on where this one has stopped.
"""
import json
import os
import socket

STREAM = os.environ.get("STREAM", "sio:events:app:0")
GROUP = os.environ.get("GROUP", "chat")
NAME = os.environ.get("NAME", "worker-1")
COMMANDS = STREAM.split(":")[0] + ":commands"


class Redis:
    """As much of its protocol as is needed here."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def send(self, *commands):
        """Several commands at once; returns their answers."""
        for words in commands:
            parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
            self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(
                b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
        return [self.answer() for _ in commands]

    def answer(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.answer() for _ in range(int(rest))]
        if kind == b"":
            raise ConnectionError("Redis has gone")
        return RuntimeError(rest.decode()) if kind == b"-" else rest


def commands_for(event):
    """What the broker is to do about an event."""
    everyone = {"namespace": event["namespace"], "to": "everyone"}
    client = {"namespace": event["namespace"], "to": event["socket"]["id"]}
    if event["type"] == "connect":
        yield {"do": "join", **client, "room": "everyone"}
        yield {"do": "emit", **client, "name": "hello", "args": [{"you": event["socket"]["id"]}]}
    if event["type"] == "event" and event["name"] == "say":
        yield {"do": "emit", **everyone, "name": "said", "args": event["args"]}
        if "ack" in event:
            yield {"do": "ack", "ack": event["ack"], "args": ["heard"]}


def work(redis, entry, fields):
    """Commands and acknowledgement are one step, so that nothing is lost or done by halves. An
    event that comes twice has the same id, and so have its commands: they are done once."""
    event = json.loads(dict(zip(fields[::2], fields[1::2]))[b"json"])
    todo = [("XADD", COMMANDS, "*", "json", json.dumps({**command, "id": f"{event['id']}.{i}"}))
            for i, command in enumerate(commands_for(event))]
    *_, done = redis.send(("MULTI",), *todo, ("XACK", STREAM, GROUP, entry), ("EXEC",))
    if not isinstance(done, list):
        raise done


def main():
    redis = Redis(int(os.environ.get("REDIS_PORT", "6379")))
    redis.send(("XGROUP", "CREATE", STREAM, GROUP, 0, "MKSTREAM"))  # it may be there already
    print("working", flush=True)
    after = "0"  # first, what a worker of this name was given and has not acknowledged
    while True:
        (answer,) = redis.send(("XREADGROUP", "GROUP", GROUP, NAME, "COUNT", 100,
                                "BLOCK", 5000, "STREAMS", STREAM, after))
        if isinstance(answer, Exception):
            raise answer
        entries = answer[0][1] if answer else []
        for entry, fields in entries:
            if fields is None:  # it is there no more
                redis.send(("XACK", STREAM, GROUP, entry))
            else:
                work(redis, entry, fields)
        if not entries:
            after = ">"


main()
