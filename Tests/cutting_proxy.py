"""A TCP proxy for tests that breaks the connection after so many bytes, and counts what went through.

  cutting_proxy.py TARGET_PORT COUNTS [--up N | --down N] [--rate BYTES_PER_SECOND]

Listens on a free port of 127.0.0.1 and prints it. After N bytes to the server (--up) or from it (--down), over all connections,
every open connection is reset, once; later ones pass. COUNTS is a file that always holds "UP DOWN CUTS".
"""

import argparse
import os
import socket
import struct
import threading
import time

options = argparse.ArgumentParser()
options.add_argument("target", type=int)
options.add_argument("counts")
options.add_argument("--up", type=int)
options.add_argument("--down", type=int)
options.add_argument("--rate", type=int)
options = options.parse_args()

lock = threading.Lock()
passed = {"up": 0, "down": 0}
limit = {"up": options.up, "down": options.down}
state = {"cuts": 0}
open_sockets = set()


def note():
    with open(options.counts + ".new", "w") as file:
        file.write(f"{passed['up']} {passed['down']} {state['cuts']}\n")
    os.replace(options.counts + ".new", options.counts)


def reset_all():
    for end in list(open_sockets):
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()
    open_sockets.clear()


def pump(source, sink, direction):
    try:
        while True:
            data = source.recv(16384)
            if not data:
                break
            with lock:
                cut = limit[direction]
                if cut is not None and state["cuts"] == 0 and passed[direction] + len(data) > cut:
                    data = data[: cut - passed[direction]]
                    sink.sendall(data)
                    passed[direction] += len(data)
                    state["cuts"] += 1
                    note()
                    # What was sent should arrive before the reset.
                    time.sleep(0.05)
                    reset_all()
                    return
                passed[direction] += len(data)
                note()
            sink.sendall(data)
            if options.rate and direction == "up":
                time.sleep(len(data) / options.rate)
    except OSError:
        pass
    with lock:
        for end in (source, sink):
            open_sockets.discard(end)
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(16)
note()
print(server.getsockname()[1], flush=True)
while True:
    client, _ = server.accept()
    try:
        target = socket.create_connection(("127.0.0.1", options.target))
    except OSError:
        client.close()
        continue
    with lock:
        open_sockets.update((client, target))
    threading.Thread(target=pump, args=(client, target, "up"), daemon=True).start()
    threading.Thread(target=pump, args=(target, client, "down"), daemon=True).start()
