"""People without a token, in a process of their own: they open connections from loopback addresses, do what their kind does,
say "there" once all have begun, and leave when their input ends.

    strangers.py idle|drip|bodies|hooks HOST:PORT COUNT ADDRESSES
"""
import selectors
import socket
import sys
import time

KIND, AT, COUNT, ADDRESSES = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
HOST, PORT = AT.rsplit(":", 1)
MB = 1 << 20
# What each says before it goes on byte by byte, or as fast as it can.
HEAD = {
    "idle": b"",
    "drip": b"GET /client/v4/accounts HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "bodies": b"PUT /client/v4/accounts/%s/workers/scripts/a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (b"0" * 32, 100 * MB),
    "hooks": b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: a\r\n"
             b"X-Hub-Signature-256: sha256=%s\r\nContent-Length: %d\r\n\r\n" % (b"0" * 64, 8 * MB),
}[KIND]
FAST = KIND in ("bodies", "hooks")
PIECE = b"a" * (64 << 10) if FAST else b"a"


class Stranger:
    def __init__(self, number):
        self.number = number
        self.open()

    def open(self):
        self.left = 7 * MB if KIND == "hooks" else 100 * MB
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind((f"127.0.0.{2 + self.number % ADDRESSES}", 0))
            self.socket.connect((HOST, int(PORT)))
            self.socket.setblocking(False)
            if HEAD:
                self.socket.send(HEAD)
            return True
        except OSError:
            self.socket.close()
            return False

    def say(self):
        """False when the server has closed."""
        try:
            if KIND == "idle" or (KIND == "hooks" and self.left <= 0):
                return True
            self.left -= self.socket.send(PIECE)
            return self.left > 0 or KIND == "hooks"
        except BlockingIOError:
            return True
        except OSError:
            return False

    def again(self):
        self.socket.close()
        return self.open()


everybody = [Stranger(number) for number in range(COUNT)]
print("there", sum(stranger.socket.fileno() >= 0 for stranger in everybody), flush=True)
ends = selectors.DefaultSelector()
ends.register(sys.stdin, selectors.EVENT_READ)
turn = 0
# A fast one sends all the time; of the slow ones each says a byte a second. Whoever is turned out comes back.
while not ends.select(0 if FAST else 0.01):
    for _ in range(1 if FAST else max(1, COUNT // 100)):
        stranger = everybody[turn % COUNT]
        turn += 1
        if KIND != "idle" and not stranger.say():
            stranger.again()
    if FAST and turn % COUNT == 0:
        time.sleep(0.001)
