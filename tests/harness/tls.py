"""TLS in front of a server, with a private authority, as a proxy would do it: bytes go through as they come."""
import contextlib
import socket
import ssl
import subprocess
import threading


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


class TlsFront:
    """Listens at https://localhost:<port> for a server at http://127.0.0.1:<port>."""

    def __init__(self, folder, target_url):
        self.ca, chain, key = (folder / name for name in ("ca.pem", "chain.pem", "key.pem"))
        ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl("req", "-x509", *ec, "-days", "2", "-subj", "/CN=Tests' own CA", "-keyout", folder / "ca.key", "-out", self.ca)
        names = folder / "names.cnf"
        names.write_text("subjectAltName=DNS:localhost\n")
        openssl("req", *ec, "-subj", "/CN=kiln", "-keyout", key, "-out", folder / "request.pem")
        openssl("x509", "-req", "-in", folder / "request.pem", "-CA", self.ca, "-CAkey", folder / "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", names, "-out", chain)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(chain, key)
        host, _, port = target_url.removeprefix("http://").rpartition(":")
        self.target = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        with contextlib.suppress(OSError), plain, self.context.wrap_socket(plain, server_side=True) as outer, \
                socket.create_connection(self.target) as inner:
            threading.Thread(target=self._copy, args=(inner, outer), daemon=True).start()
            self._copy(outer, inner)

    @staticmethod
    def _copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
