"""python-client.py PORT TRANSPORT - the client of Debian's package python3-socketio-client.

Echoes values and asks who it is; prints what came as a line of JSON. TRANSPORT is xhr-polling
or websocket.
"""
import json
import sys

from socketIO_client import SocketIO

VALUES = ["20 \u00b0C, caf\u00e9", "\u20ac \u4f60\u597d \U0001f600", {"n": [1, None, True]}]

client = SocketIO("127.0.0.1", int(sys.argv[1]), transports=[sys.argv[2]],
                  wait_for_connection=False)
got = {}
client.on("echo", lambda *args: got.update(echo=args))
client.emit("who", lambda *args: got.update(who=args))
client.emit("echo", *VALUES)
for _ in range(100):
    if len(got) == 2:
        break
    client.wait(seconds=0.1)
client.disconnect()
print(json.dumps({"same": list(got.get("echo", [])) == VALUES, **got}))
