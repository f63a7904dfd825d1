"""A root who says that he is somebody else, frame by frame; or who listens.

forger.py hear FILE                          writes the names of forgeries it hears, one a line, after `ready`
forger.py forge OWN_MAC OWN_IP OTHER_IP PEER_MAC     sends each forgery a few times, and `honest` frames between them
"""

import socket
import struct
import sys


def link():
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    made.bind(('e0', 0))
    return made


def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ether(destination, source, kind, body):
    return destination + source + struct.pack('!H', kind) + body


def ipv4(source, destination, protocol, body):
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), 7, 0, 64, protocol, 0) + source + destination
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + body


def udp(source, destination, text):
    return struct.pack('!HHHH', source, destination, 8 + len(text), 0) + text


def ipv6(source, destination, protocol, body):
    whole = source + destination + struct.pack('!II', len(body), protocol) + body
    if protocol == 58:
        body = body[:2] + struct.pack('!H', checksum(whole + b'\0' * (len(whole) % 2))) + body[4:]
    return struct.pack('!IHBB', 6 << 28, len(body), protocol, 255) + source + destination + body


def hear(path):
    ears = link()
    ears.setsockopt(263, 1, struct.pack('iHH8s', socket.if_nametoindex('e0'), 1, 0, b''))
    seen = set()
    with open(path, 'w', buffering=1) as out:
        out.write('ready\n')
        while True:
            data, address = ears.recvfrom(2048)
            at = data.find(b'FORGED<')
            if address[2] == 4 or at < 0:
                continue
            name = data[at + 7:data.index(b'>', at)].decode()
            if name not in seen:
                seen.add(name)
                out.write(name + '\n')


def forge(mac, ip, other, peer):
    raw = lambda text: bytes.fromhex(text.replace(':', ''))
    own, away, far = raw(mac), b'\x52\x54\x00\x66\x66\x66', raw(peer)
    mine, his = socket.inet_aton(ip), socket.inet_aton(other)
    all_, six = b'\xff' * 6, lambda text: socket.inet_pton(socket.AF_INET6, text)
    name = lambda text: f'FORGED<{text}>'.encode().ljust(32, b'.')
    arp = lambda sha, spa, text: struct.pack('!HHBBH', 1, 0x800, 6, 4, 2) + sha + spa + far + his + name(text)
    router = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + name('router advertisement')
    claim = struct.pack('!BBHI', 136, 0, 0, 0x20000000) + six('fd00::9') + b'\2\1' + own + name('neighbour')
    frames = [
        ether(far, own, 0x800, ipv4(mine, his, 17, udp(9, 9, name('honest')))),
        ether(all_, own, 0x806, arp(own, mine, 'honest arp')),
        ether(far, away, 0x800, ipv4(mine, his, 17, udp(9, 9, name('mac')))),
        ether(far, own, 0x800, ipv4(his, mine, 17, udp(9, 9, name('ip')))),
        ether(all_, own, 0x806, arp(own, his, 'arp')),
        ether(all_, own, 0x806, arp(away, mine, 'arp mac')),
        ether(all_, own, 0x800, ipv4(mine, b'\xff' * 4, 17, udp(67, 68, name('dhcp answer')))),
        ether(b'\x33\x33\0\0\0\1', own, 0x86DD, ipv6(six('fe80::1'), six('ff02::1'), 58, router)),
        ether(b'\x33\x33\0\0\0\1', own, 0x86DD, ipv6(six('fe80::1'), six('ff02::1'), 58, claim)),
        ether(far, own, 0x86DD, ipv6(six('fd00::9'), six('fd00::1'), 17, udp(9, 9, name('ipv6')))),
        # Its own VLAN by a tag: judged as without.
        ether(far, own, 0x8100, struct.pack('!HH', 200, 0x800) + ipv4(his, mine, 17, udp(9, 9, name('tag')))),
    ]
    mouth = link()
    for _ in range(3):
        for one in frames:
            mouth.send(one.ljust(60, b'\0'))


{'hear': hear, 'forge': forge}[sys.argv[1]](*sys.argv[2:])
