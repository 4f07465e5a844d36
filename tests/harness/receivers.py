"""Servers of the tests' own that get what Kiln sends: HTTP, and mail over SMTP."""
import socket
import socketserver
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .waiting import until


class Receiver:
    """Keeps every request, its body in `text` and `raw` and its header fields in `fields` (lower case); answers with what
    `answer(request)` says: a status, or (status, headers). A test may set another `answer` at any time."""

    def __init__(self, answer=lambda request: 204):
        self.requests, self.answer = [], answer
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.raw = self.rfile.read(int(self.headers.get("content-length", 0)))
                self.text = self.raw.decode()
                self.fields = {name.lower(): value for name, value in self.headers.items()}
                receiver.requests.append(self)
                said = receiver.answer(self)
                status, headers = said if isinstance(said, tuple) else (said, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            do_PUT = do_POST

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count, seconds=30):
        until(lambda: len(self.requests) >= count, f"{count} requests, of which {len(self.requests)} came", seconds)
        return self.requests

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """Takes every mail that it is given: [(from, [to…], message)…]."""

    def __init__(self):
        self.mails = []
        mails = self.mails

        class Session(socketserver.StreamRequestHandler):
            def say(self, words):
                self.wfile.write(words.encode() + b"\r\n")

            def handle(self):
                self.say("220 test")
                sender, receivers = None, []
                while line := self.rfile.readline():
                    word = line.decode().strip()
                    if word.upper().startswith("MAIL FROM:"):
                        sender = word.split("<")[1].split(">")[0]
                    elif word.upper().startswith("RCPT TO:"):
                        receivers.append(word.split("<")[1].split(">")[0])
                    elif word.upper() == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (line := self.rfile.readline()) != b".\r\n":
                            lines.append(line)
                        mails.append((sender, receivers, message_from_bytes(b"".join(lines), policy=policy.default)))
                    elif word.upper() == "QUIT":
                        return self.say("221 bye")
                    self.say("250 fine")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self.server.daemon_threads = True
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Silent:
    """Takes connections and never answers."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def stop(self):
        self.socket.close()
