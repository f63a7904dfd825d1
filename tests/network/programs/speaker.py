"""A machine whose root is ill-meaning: talks on its only link at all times, and keeps what it hears.

argv: its name, a file for what it heard, its MAC address, VLANs it tries to hop to (with commas), MAC addresses of the
others (with commas). Each frame bears its name. Writes a line `TIME NAME` for each name it hears, at most one a
millisecond and name; and the line `ready` when it listens. Runs until it is killed.
"""

import select
import socket
import struct
import sys
import time

name, path, mac, vlans, others = sys.argv[1:]
own = bytes.fromhex(mac.replace(':', ''))
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
link.bind(('e0', 0))
link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
# Everything on the link, not only what is for it.
link.setsockopt(263, 1, struct.pack('iHH8s', socket.if_nametoindex('e0'), 1, 0, b''))


def frame(destination, kind, source=own, vlan=None):
    tag = b'' if vlan is None else struct.pack('!HH', 0x8100, vlan)
    text = f'INGOT<{name}>{kind}'.encode().ljust(60, b'.')
    return destination + source + tag + struct.pack('!H', 0x88B5) + text


everybody = b'\xff' * 6
targets = [bytes.fromhex(one.replace(':', '')) for one in others.split(',')]
frames = [frame(everybody, 'broadcast'), frame(bytes.fromhex('01005e0000fb'), 'multicast')]
frames += [frame(one, 'unicast') for one in targets]
# Somebody else's address as the sender: switches learn it, and send what is for the other here.
frames += [frame(everybody, 'stolen', source=one) for one in targets]
frames += [frame(everybody, 'hop', vlan=int(one)) for one in vlans.split(',')]
frames += [frame(everybody, 'double', vlan=int(one))[:16] + struct.pack('!HH', 0x8100, int(one)) + b'\x88\xb5' + f'INGOT<{name}>'.encode().ljust(60, b'.') for one in vlans.split(',')]

seen = {}
turn = 0
with open(path, 'w', buffering=1) as out:
    out.write('ready\n')
    due = time.time()
    while True:
        now = time.time()
        if now >= due:
            for one in range(3):
                try:
                    link.send(frames[turn % len(frames)])
                except OSError:
                    pass
                turn += 1
            due = now + 0.01
        readable, _, _ = select.select([link], [], [], max(0, due - time.time()))
        if not readable:
            continue
        data, address = link.recvfrom(2048)
        if address[2] == 4:  # what this one sent itself
            continue
        at = data.find(b'INGOT<')
        if at < 0:
            continue
        who = data[at + 6:data.index(b'>', at)].decode()
        stamp = int(time.time() * 1000)
        if who != name and seen.get(who) != stamp:
            seen[who] = stamp
            out.write(f'{stamp} {who}\n')
