"""What any system asks of its network, where no program for it is at hand.

asker.py dhcp6        asks for an address by DHCPv6 and prints it, with the name servers
asker.py name NAME IP  prints the address a name server tells
asker.py routers      asks routers to say who they are
asker.py tos PORT     prints the type of service of the first datagram
asker.py say IP PORT  sends datagrams
"""

import socket
import struct
import sys
import time


def option(code, body):
    return struct.pack('!HH', code, len(body)) + body


def options(data):
    found = {}
    while len(data) >= 4:
        code, size = struct.unpack('!HH', data[:4])
        found[code] = data[4:4 + size]
        data = data[4 + size:]
    return found


def dhcp6():
    link = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    link.settimeout(1)
    index = socket.if_nametoindex('e0')
    link.setsockopt(socket.SOL_SOCKET, 25, b'e0')
    mac = bytes.fromhex(open('/sys/class/net/e0/address').read().strip().replace(':', ''))
    me = option(1, struct.pack('!HH', 3, 1) + mac)
    wanted = option(6, struct.pack('!H', 23)) + option(8, b'\0\0')

    def ask(kind, more):
        for _ in range(20):
            try:
                link.sendto(bytes([kind]) + b'abc' + me + wanted + more, ('ff02::1:2', 547, 0, index))
                data = link.recv(2048)
                if data[1:4] == b'abc':
                    return data[0], options(data[4:])
            except OSError:
                # The link's own address is not there yet, or nobody answered.
                time.sleep(0.2)
        raise SystemExit('no answer')

    # Clients send from port 546; the address is not known to be free for a moment.
    for _ in range(40):
        try:
            link.bind(('::', 546, 0, index))
            break
        except OSError:
            time.sleep(0.1)
    kind, offer = ask(1, option(3, b'\0\0\0\1' + bytes(8)))
    assert kind == 2, kind
    kind, lease = ask(3, option(2, offer[2]) + option(3, offer[3]))
    assert kind == 7, kind
    address = options(lease[3][12:])[5][:16]
    servers = lease.get(23, b'')
    told = [socket.inet_ntop(socket.AF_INET6, servers[i:i + 16]) for i in range(0, len(servers), 16)]
    print(socket.inet_ntop(socket.AF_INET6, address), *told)


def tos(port):
    ears = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ears.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    ears.settimeout(10)
    ears.bind(('', int(port)))
    _, about, _, _ = ears.recvmsg(2048, 64)
    print(about[0][2][0])


def say(ip, port):
    mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(30):
        mouth.sendto(b'hello', (ip, int(port)))
        time.sleep(0.1)


def name(wanted, server):
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.settimeout(1)
    labels = b''.join(bytes([len(one)]) + one.encode() for one in wanted.split('.')) + b'\0'
    for _ in range(5):
        link.sendto(struct.pack('!HHHHHH', 7, 0x100, 1, 0, 0, 0) + labels + struct.pack('!HH', 1, 1), (server, 53))
        try:
            print(socket.inet_ntoa(link.recv(512)[-4:]))
            return
        except OSError:
            continue
    print('no answer')


def routers():
    link = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)
    link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    link.sendto(struct.pack('!BBHI', 133, 0, 0, 0), ('ff02::2', 0, 0, socket.if_nametoindex('e0')))


{'dhcp6': dhcp6, 'name': name, 'routers': routers, 'tos': tos, 'say': say}[sys.argv[1]](*sys.argv[2:])
