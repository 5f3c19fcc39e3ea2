#!/usr/bin/python3
"""mailserver - an SMTP server that writes down what it gets

usage: mailserver.py LOG plain
       mailserver.py LOG starttls CERTIFICATE-AND-KEY
       mailserver.py LOG smtps CERTIFICATE-AND-KEY
       mailserver.py LOG hang

Prints its port, then serves until its input ends. One JSON line a mail in
LOG: from, to, user, tls, text. With TLS it wants the user "ann" and the
password "open sesame". Mail to nobody@x.org is refused. One that hangs greets
and says no more; it writes down whether its client went away within 25 s.
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

log = open(sys.argv[1], "a", encoding="utf-8", buffering=1)
mode = sys.argv[2]
context = None
if mode in ("starttls", "smtps"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3])


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == "nobody@x.org":
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        user = session.auth_data
        log.write(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos,
            "user": user.login.decode() if user else None,
            "tls": session.ssl is not None or mode == "smtps",
            "text": envelope.content.decode()}) + "\n")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    known = (data.login, data.password) == (b"ann", b"open sesame")
    return AuthResult(success=known, handled=False, auth_data=data)


def protocol():
    return SMTP(Handler(), hostname="mail.x.org",
                tls_context=context if mode == "starttls" else None,
                require_starttls=mode == "starttls",
                auth_required=mode != "plain",
                auth_require_tls=mode == "starttls",
                authenticator=authenticate if mode != "plain" else None)


async def hang(reader, writer):
    writer.write(b"220 mail.x.org\r\n")
    try:
        await asyncio.wait_for(reader.read(), 25)
        log.write('{"gone": true}\n')
    except asyncio.TimeoutError:
        log.write('{"gone": false}\n')
    writer.close()


async def main():
    loop = asyncio.get_running_loop()
    if mode == "hang":
        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        return
    server = await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=context if mode == "smtps" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
