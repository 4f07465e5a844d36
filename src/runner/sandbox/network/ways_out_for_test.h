// A program for the inside of a build: `tcp` or `udp`, and targets ADDRESS:PORT. It tries each of them in
// every way that a socket may be told how to get there, all at once, and prints a line "<kind> <way> <target>
// <answer>" for each: what whoever listens there says, or the name of an error. A datagram's words are
// "<way> <address>".
#pragma once

namespace kiln::testing {

inline constexpr const char* kWaysOut = R"py(
import socket, struct, sys, threading
TAP = socket.if_nametoindex('tap0')
host_order, net_order = struct.pack('=i', TAP), struct.pack('!i', TAP)
def option(level, name, value):
    return lambda s: s.setsockopt(level, name, value)
SOL, IP = socket.SOL_SOCKET, socket.IPPROTO_IP
ways = {
    'plain': lambda s: None,
    'BINDTODEVICE': option(SOL, 25, b'tap0\0'),
    'BINDTOIFINDEX': option(SOL, 62, host_order),
    'DONTROUTE': option(SOL, 5, 1),
    'DEVICE_DONTROUTE': lambda s: (s.setsockopt(SOL, 25, b'tap0\0'), s.setsockopt(SOL, 5, 1)),
    'MARK': option(SOL, 36, 1),
    'UNICAST_IF': option(IP, 50, net_order),
    'SOURCE': lambda s: s.bind(('10.0.2.100', 0)),
}
datagram_ways = dict(ways, **{
    'MULTICAST_IF': option(IP, socket.IP_MULTICAST_IF, struct.pack('=4s4si', bytes(4), bytes(4), TAP)),
    'FREEBIND': lambda s: (s.setsockopt(IP, 15, 1), s.bind(('203.0.113.99', 0))),
    'BROADCAST': lambda s: (s.setsockopt(SOL, socket.SO_BROADCAST, 1), s.setsockopt(SOL, 25, b'tap0\0')),
})
def attempt(way, kind, address, port):
    with socket.socket(socket.AF_INET, kind) as s:
        s.settimeout(8)
        if kind == socket.SOCK_DGRAM: s.setsockopt(IP, socket.IP_MULTICAST_TTL, 9)
        try:
            (ways if kind == socket.SOCK_STREAM else datagram_ways)[way](s)
            s.connect((address, port))
            if kind == socket.SOCK_DGRAM: s.send(f'{way} {address}'.encode())
            return s.recv(64).decode()
        except OSError as error:
            return type(error).__name__
def packet_info(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(8)
        s.setsockopt(IP, socket.IP_MULTICAST_TTL, 9)
        info = struct.pack('=I4s4s', TAP, bytes(4), bytes(4))
        try:
            s.sendmsg([f'PKTINFO {address}'.encode()], [(IP, 8, info)], 0, (address, port))
            return s.recv(64).decode()
        except OSError as error:
            return type(error).__name__
def work(kind, way, target):
    address, port = target.split(':')
    if way == 'PKTINFO': answer = packet_info(address, int(port))
    else: answer = attempt(way, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM, address, int(port))
    sys.stdout.write(f'{kind} {way} {target} {answer}\n')
kind = sys.argv[1]
for target in sys.argv[2:]:
    for way in [*ways] if kind == 'tcp' else [*datagram_ways, 'PKTINFO']:
        threading.Thread(target=work, args=(kind, way, target)).start()
)py";

}  // namespace kiln::testing
