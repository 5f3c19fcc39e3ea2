#!/usr/bin/python3
"""receiver - an HTTP server that writes down what it gets

usage: receiver.py LOG [CERTIFICATE-AND-KEY]

Prints its port, then serves until its input ends. One JSON line a request in
LOG: method, path, headers, body. The first part of the path decides what it
answers:

    /status/500     that status, and "the reason" as its body
    /echo           a body that repeats the path, as many servers do
    /redirect       "go to /ok"
    /big            a body of 1 MB
    /hang           nothing, until the client goes away
    /drop           nothing: the connection is closed
    /slam           the same, before the body was read
    anything else   200, "ok"
"""
import http.server
import json
import ssl
import sys
import threading

log = open(sys.argv[1], "a", encoding="utf-8", buffering=1)


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        if self.path.startswith("/slam"):
            self.connection.close()
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        log.write(json.dumps({
            "method": self.command, "path": self.path,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": body.decode("utf-8", "surrogateescape")}) + "\n")
        word = self.path.split("/")[1].split("?")[0]
        if word == "status":
            self.answer(int(self.path.split("/")[2]), b"the reason\n")
        elif word == "echo":
            self.answer(404, f"Cannot {self.command} {self.path}".encode())
        elif word == "redirect":
            self.answer(302, b"", Location="/ok")
        elif word == "big":
            self.answer(200, b"x" * 1000000)
        elif word == "hang":
            self.connection.settimeout(None)
            self.connection.recv(1)
            self.close_connection = True
        elif word == "drop":
            self.close_connection = True
        else:
            self.answer(200, b"ok", ETag=' "one" ')

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # clients that go away are what some tests are about


server = Server(("127.0.0.1", 0), Receiver)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
