# Listens at ports of a switch: to what is handed to whoever is plugged in, not to what comes from there. At the other
# end of a cable, whose name is given with a `<` before it, to what comes in.
#   argv: a file for what was heard, then interfaces of the network namespace this runs in; new ones are waited for
# A line each: milliseconds since 1970, interface, source address. The same speaker is written down every 50 ms at most.

import select
import socket
import sys
import time

OUTGOING = 4
path, names = sys.argv[1], sys.argv[2:]
heard = open(path, "w", buffering=1)
sockets, missing, last = {}, set(names), {}
ready = False
while True:
    for name in list(missing):
        try:
            ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            ear.bind((name.lstrip("<"), 0))
            sockets[ear] = name
            missing.discard(name)
        except OSError:
            ear.close()
    if not missing and not ready:
        heard.write("ready\n")
        ready = True
    for ear in select.select(list(sockets), [], [], 0.2)[0]:
        try:
            frame, (_, _, kind, _, _) = ear.recvfrom(128)
            name = sockets[ear]
        except OSError:
            missing.add(sockets.pop(ear))
            ear.close()
            continue
        if (kind == OUTGOING) == name.startswith("<"):
            continue
        who = frame[6:12].hex(":")
        now = time.time()
        if now - last.get((name, who), 0) >= 0.05:
            last[(name, who)] = now
            heard.write("%d %s %s\n" % (now * 1000, name.lstrip("<"), who))
