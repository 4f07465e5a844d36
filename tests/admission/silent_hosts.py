"""Git hosts on loopback that take every request and never answer it, or answer a byte a second for ever."""
import contextlib
import socket
import threading


class SilentHost:
    def __init__(self, number, drips):
        self.address = f"127.0.1.{number + 1}"  # each a machine of its own
        self.drips = drips
        self._heads = []  # of requests that have come
        self.over = threading.Event()
        self.listening = socket.create_server((self.address, 0), backlog=64)
        self.url = f"http://{self.address}:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def asked(self):
        return len(self._heads)

    def _accept(self):
        while not self.over.is_set():
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                more = client.recv(4096)
                if not more:
                    return
                head += more
            self._heads.append(head)
            if self.drips:
                client.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-advertisement\r\n"
                               b"transfer-encoding: chunked\r\n\r\n")
            while not self.over.wait(1):
                if self.drips:
                    client.sendall(b"1\r\n0\r\n")

    def stop(self):
        self.over.set()
        self.listening.close()


@contextlib.contextmanager
def silent_hosts(count, drips):
    hosts = [SilentHost(number, drips) for number in range(count)]
    try:
        yield hosts
    finally:
        for host in hosts:
            host.stop()
