"""proxy - stands between a test and a server, counts, and does harm

    proxy = Proxy(server.port)
    proxy.fault(503, method="PUT", match="partNumber=2", times=2)

The next two requests that match are answered so; all others go through. Every
request is in proxy.requests with what was sent back.
"""
import atexit
import os
import re
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

BODY = ("<?xml version='1.0'?><Error><Code>{}</Code>"
        "<Message>an injected fault</Message></Error>")
CODES = {400: "InvalidArgument", 403: "AccessDenied", 429: "TooManyRequests",
         500: "InternalError", 501: "NotImplemented", 503: "SlowDown"}


class Request:
    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = lines[0].split(" ")
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name:
                self.headers[name.lower()] = value.strip()
        self.head = head
        self.length = int(self.headers.get("content-length", 0))
        self.status = None   # what was answered
        self.sent = 0        # bytes of the answer's body


class Proxy:
    def __init__(self, port, certificate=None):
        self.target = port
        self.requests = []
        self.faults = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        scheme = "https" if certificate else "http"
        self.endpoint = f"{scheme}://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve, daemon=True).start()

    def fault(self, action, method="", match="", times=1, **options):
        """action: a status, or "drop", "reset", "truncate", "lose", "hang",
        "delay", "redirect", "damage" (what goes there), "damage_back"."""
        self.faults.append({"action": action, "method": method,
                            "match": match, "times": times, **options})

    def clear(self):
        self.requests.clear()
        self.faults.clear()

    def seen(self, method="", match=""):
        return [each for each in self.requests
                if method in ("", each.method) and
                re.search(match, each.path)]

    def received(self):
        """Bytes that went back to the client in bodies."""
        return sum(each.sent for each in self.requests)

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.handle, args=(connection,),
                             daemon=True).start()

    def handle(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection,
                                                      server_side=True)
            with connection, socket.create_connection(
                    ("127.0.0.1", self.target)) as server:
                client = connection.makefile("rb")
                answers = server.makefile("rb")
                while self.one(connection, client, server, answers):
                    pass
        except (OSError, ValueError):
            pass

    def take_fault(self, request):
        with self.lock:
            self.requests.append(request)
            for fault in self.faults:
                if (fault["times"] > 0 and
                        fault["method"] in ("", request.method) and
                        re.search(fault["match"], request.path) and
                        fault.get("header", "host") in request.headers):
                    fault["times"] -= 1
                    return fault
        return {"action": None}

    def one(self, connection, client, server, answers):
        """One request and its answer; True when another may follow."""
        head = read_head(client)
        if not head:
            return False
        request = Request(head)
        fault = self.take_fault(request)
        action = fault["action"]
        if action == "drop":
            return False
        if action == "reset":
            client.read(request.length // 2)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
            return False
        if action == "hang":
            connection.settimeout(60)
            while connection.recv(65536):
                pass
            return False
        if action == "delay":
            time.sleep(fault["seconds"])
        if isinstance(action, int) or action == "redirect":
            client.read(request.length)
            return self.answer(connection, request, fault)
        server.sendall(head)
        left = request.length
        while left > 0:
            piece = client.read(min(left, 65536))
            if not piece:
                return False
            if action == "damage" and left == request.length:
                piece = bytes([piece[0] ^ 1]) + piece[1:]
            server.sendall(piece)
            left -= len(piece)
        return self.pass_back(connection, request, answers, action)

    def answer(self, connection, request, fault):
        status = 307 if fault["action"] == "redirect" else fault["action"]
        body = fault.get("body", BODY.format(CODES.get(status, "Fault")))
        request.status = status
        lines = [f"HTTP/1.1 {status} Fault", f"Content-Length: {len(body)}"]
        lines += fault.get("headers", [])
        if status == 307:
            lines.append(f"Location: {fault['to']}{request.path}")
        text = "\r\n".join(lines) + "\r\n\r\n"
        if request.method != "HEAD":
            text += body
        connection.sendall(text.encode())
        return True

    def pass_back(self, connection, request, answers, action):
        head = read_head(answers)
        fields = Request(b"X X X\r\n" + head.split(b"\r\n", 1)[1])
        request.status = int(head.split(b" ")[1])
        bodiless = request.method == "HEAD" or request.status in (204, 304)
        if action == "lose":
            return False
        if fields.headers.get("transfer-encoding") == "chunked":
            body = read_chunks(answers) if not bodiless else b""
            connection.sendall(head + body)
            request.sent += len(body)
            return True
        connection.sendall(head)
        left = 0 if bodiless else fields.length
        if action == "truncate":
            left //= 2
        while left > 0:
            piece = answers.read1(min(left, 65536))
            if not piece:
                return False
            if action == "damage_back" and left == fields.length:
                piece = piece[:-1] + bytes([piece[-1] ^ 1])
            connection.sendall(piece)
            request.sent += len(piece)
            left -= len(piece)
        return action != "truncate"


def read_head(stream):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    return head


def read_chunks(stream):
    body = b""
    while True:
        line = stream.readline()
        size = int(line, 16)
        body += line + stream.read(size) + stream.readline()
        if size == 0:
            return body


def certificate(name="IP:127.0.0.1"):
    """A self-signed certificate and its key in one file."""
    handle, path = tempfile.mkstemp(prefix="zdbackup-cert-", dir="/var/tmp")
    os.close(handle)
    atexit.register(os.unlink, path)
    done = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=zdbackup test", "-addext",
         f"subjectAltName={name}", "-keyout", path, "-out", path + ".crt"],
        capture_output=True, check=True)
    assert done.returncode == 0
    with open(path, "ab") as file, open(path + ".crt", "rb") as other:
        file.write(other.read())
    os.unlink(path + ".crt")
    os.chmod(path, 0o644)
    return path
