#!/usr/bin/python3
"""A server that stalls, drips and lies, for the tests of the HTTP client.

usage: tests/live/badserver.py

Listens on free ports of 127.0.0.1, prints KEY=value lines (ports, files) and
READY, and ends when its standard input closes. The path of a request chooses
what goes wrong (see MODES); the port chooses what is wrong with TLS:

  HTTP          no TLS at all
  TLS_GOOD      certificate of our own authority (file CA) for localhost
  TLS_SOON      the same, with ten days left
  TLS_EXPIRED   expired three days ago
  TLS_NAME      for another host
  TLS_SELF      signed by itself (file SELF)
  TLS_OLD       TLS 1.0 only
  TLS_CLIENT    wants a client certificate (files CLIENT, CLIENT_KEY)
  TLS_CLOSE     closes the connection during the handshake
  TLS_SILENT    never answers the handshake
  TALK          sends a greeting of its own and never reads
"""
import datetime
import gzip
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import warnings

HOST = "127.0.0.1"
DRIP_S = 0.05

CA_CONF = """
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
x509_extensions = none
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[none]
"""

state = {"version": "1.0.0", "uptime": 100, "broken": "", "connections": 0,
         "requests": 0}
lock = threading.Lock()


# Certificates -----------------------------------------------------------------

class Certs:
    """An authority and what it signed, in a temporary folder."""

    def __init__(self, folder):
        self.folder = folder
        for name, text in (("ca.cnf", CA_CONF), ("index", ""),
                           ("serial", "1000\n")):
            with open(self.path(name), "w") as out:
                out.write(text)
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes",
                 "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
                 "-subj", "/CN=badserver authority")
        # One key for all: making keys is what takes long.
        self.run("genrsa", "-out", "key.pem", "2048")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *args):
        subprocess.run(("openssl",) + args, cwd=self.folder, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def sign(self, name, host, days):
        """A certificate for host that ends in days; returns its file."""
        now = datetime.datetime.now(datetime.timezone.utc)
        start = now - datetime.timedelta(days=60)
        # An hour more, so that whole days stay whole while a test runs.
        end = now + datetime.timedelta(days=days, hours=1)
        form = "%Y%m%d%H%M%SZ"
        self.run("req", "-new", "-key", "key.pem", "-out", name + ".csr",
                 "-subj", "/CN=" + host, "-addext",
                 "subjectAltName=DNS:%s,IP:%s" % (
                     host, HOST if host == "localhost" else "192.0.2.1"))
        self.run("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem",
                 "-keyfile", "ca.key", "-in", name + ".csr",
                 "-out", name + ".pem", "-notext",
                 "-startdate", start.strftime(form),
                 "-enddate", end.strftime(form))
        return self.path(name + ".pem")

    def self_signed(self, name):
        self.run("req", "-x509", "-key", "key.pem", "-out", name + ".pem",
                 "-days", "30", "-subj", "/CN=localhost", "-addext",
                 "subjectAltName=DNS:localhost,IP:" + HOST)
        return self.path(name + ".pem")


def tls_context(certs, cert):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, certs.path("key.pem"))
    return context


def tls_old(certs, cert):
    context = tls_context(certs, cert)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1
    return context


def tls_client(certs, cert):
    context = tls_context(certs, cert)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certs.path("ca.pem"))
    return context


# Answers ----------------------------------------------------------------------

def answer(conn, body=b"{}", status="200 OK", kind="application/json",
           headers=(), length=None):
    lines = ["HTTP/1.1 " + status, "Content-Type: " + kind,
             "Content-Length: %d" % (len(body) if length is None else length)]
    lines += headers
    conn.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return True


def begin(conn, *headers):
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
                 b"".join(h.encode() + b"\r\n" for h in headers) + b"\r\n")


def wait_gone(conn):
    """Until the client has closed the connection."""
    try:
        while conn.recv(4096):
            pass
    except OSError:
        pass
    return False


def reset(conn):
    """Ends the connection with RST."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    return False


def mode_ok(conn, request):
    with lock:
        body = {"status": "ok", "version": state["version"],
                "uptime": state["uptime"], "database": {"latency": 3}}
    return answer(conn, json.dumps(body).encode())


def mode_set(conn, request):
    """Changes state from the query: ?version=2.0.0&uptime=1"""
    with lock:
        for key, value in urllib.parse.parse_qsl(request["query"]):
            state[key] = int(value) if value.isdigit() else value
    return answer(conn)


def mode_count(conn, request):
    with lock:
        return answer(conn, json.dumps(state).encode())


def mode_readyz(conn, request):
    """503 that says which dependency is bad, when one is."""
    with lock:
        broken = state["broken"]
    checks = {name: "error" if name == broken else "ok"
              for name in ("database", "redis")}
    body = {"status": "degraded" if broken else "ok", "checks": checks}
    return answer(conn, json.dumps(body).encode(),
                  "503 Service Unavailable" if broken else "200 OK")


def mode_echo(conn, request):
    return answer(conn, json.dumps({
        "method": request["method"], "path": request["path"],
        "query": request["query"], "headers": request["headers"],
        "body": request["body"].decode("latin-1")}).encode())


def mode_status(conn, request):
    """/status/NNN"""
    code = request["path"].rsplit("/", 1)[1]
    return answer(conn, b'{"error":"x"}', code + " Whatever")


def mode_limited(conn, request):
    return answer(conn, b"{}", "429 Too Many", headers=["Retry-After: 7"])


def mode_limited_date(conn, request):
    return answer(conn, b"{}", "429 Too Many", headers=[
        "Date: Sun, 22 Nov 2026 12:00:00 GMT",
        "Retry-After: Sun, 22 Nov 2026 12:00:42 GMT"])


def mode_limited_503(conn, request):
    return answer(conn, b"{}", "503 Busy", headers=["Retry-After: 9999999"])


def mode_slow(conn, request):
    time.sleep(0.3)
    return mode_ok(conn, request)


def mode_drip(conn, request):
    begin(conn, "Content-Length: 100000")
    while True:
        conn.sendall(b" ")
        time.sleep(DRIP_S)


def mode_drip_head(conn, request):
    conn.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        conn.sendall(b"x")
        time.sleep(DRIP_S)


def mode_hang(conn, request):
    return wait_gone(conn)


def mode_hang_body(conn, request):
    begin(conn, "Content-Length: 1000")
    conn.sendall(b'{"a":1,')
    return wait_gone(conn)


def mode_cut_length(conn, request):
    begin(conn, "Content-Length: 1000")
    conn.sendall(b'{"a":1,')
    return False


def mode_cut_chunked(conn, request):
    begin(conn, "Transfer-Encoding: chunked")
    conn.sendall(b'7\r\n{"a":1,\r\n')
    return False


def mode_cut_bare(conn, request):
    begin(conn, "Connection: close")
    conn.sendall(b'{"a":1,')
    return False


def mode_endless(conn, request):
    begin(conn, "Connection: close")
    while True:
        conn.sendall(b"x" * 65536)


def mode_endless_chunked(conn, request):
    begin(conn, "Transfer-Encoding: chunked")
    while True:
        conn.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def mode_bomb(conn, request):
    body = gzip.compress(b"0" * (64 << 20))
    return answer(conn, body, headers=["Content-Encoding: gzip"])


def mode_gzip(conn, request):
    body = gzip.compress(b'{"status":"ok"}')
    return answer(conn, body, headers=["Content-Encoding: gzip"])


def mode_gzip_bad(conn, request):
    return answer(conn, b"\x1f\x8b\x08\0......" + b"\xff" * 50,
                  headers=["Content-Encoding: gzip"])


def mode_giant_chunk(conn, request):
    begin(conn, "Transfer-Encoding: chunked")
    conn.sendall(b"40000000\r\n")
    while True:
        conn.sendall(b"x" * 65536)


def mode_chunk_bad(conn, request):
    begin(conn, "Transfer-Encoding: chunked")
    conn.sendall(b"zzz\r\n{}\r\n")
    return False


def mode_deep(conn, request):
    return answer(conn, b"[" * 100000)


def mode_bad_utf8(conn, request):
    return answer(conn, b'{"status":"\xc0\xaf\xff"}')


def mode_controls(conn, request):
    return answer(conn, json.dumps(
        {"status": "\x1b]0;PWNED\x07\x1b[2J", "version": "\x1b[31m2"}).encode())


def mode_garbage(conn, request):
    conn.sendall(bytes(range(256)) * 4)
    return False


def mode_http09(conn, request):
    conn.sendall(b'{"status":"ok"}')
    return False


def mode_html(conn, request):
    return answer(conn, b"<!DOCTYPE html><title>Log in</title>",
                  kind="text/html; charset=utf-8")


def mode_redirect(conn, request):
    return answer(conn, b"", "302 Found", headers=[
        "Location: https://user:pw@login.example:8443/sso?next=secret"])


def mode_redirect_path(conn, request):
    return answer(conn, b"", "301 Moved", headers=["Location: /elsewhere"])


def mode_huge_header(conn, request):
    return answer(conn, headers=["X-Huge: " + "x" * 90000])


def mode_many_headers(conn, request):
    begin(conn, *("X-%d: y" % n for n in range(100000)))
    return False


def mode_length_bad(conn, request):
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: banana\r\n\r\n{}")
    return False


def mode_length_short(conn, request):
    """More bytes than announced: the rest belongs to nobody."""
    return answer(conn, b'{"status":"ok"} and much more', length=15)


def mode_reset(conn, request):
    begin(conn, "Content-Length: 1000")
    conn.sendall(b'{"a":1,')
    time.sleep(0.1)
    return reset(conn)


def mode_reset_early(conn, request):
    return reset(conn)


def mode_close(conn, request):
    return False


def mode_interim(conn, request):
    conn.sendall(b"HTTP/1.1 103 Early Hints\r\nRetry-After: 99\r\n\r\n")
    return mode_ok(conn, request)


def mode_drop_kept(conn, request):
    """Good, but the connection dies right behind the answer, unannounced."""
    mode_ok(conn, request)
    return False


MODES = {name[5:].replace("_", "-"): function
         for name, function in list(globals().items())
         if name.startswith("mode_")}


# Serving ----------------------------------------------------------------------

def read_request(conn, pending):
    """The next request of a connection and what was read behind it."""
    while b"\r\n\r\n" not in pending:
        more = conn.recv(65536)
        if not more or len(pending) > 1 << 20:
            return None, b""
        pending += more
        if pending[:1] == b"\x16":  # a TLS handshake on a plain port
            answer(conn, b"", "400 Bad Request")
            return None, b""
    head, pending = pending.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = {}
    for line in lines[1:]:
        key, _, value = line.partition(":")
        headers[key.strip().lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    while len(pending) < length:
        more = conn.recv(65536)
        if not more:
            return None, b""
        pending += more
    path, _, query = target.partition("?")
    return {"method": method, "path": path, "query": query,
            "headers": headers, "body": pending[:length]}, pending[length:]


def serve(conn, context):
    try:
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            conn = context.wrap_socket(conn, server_side=True)
        with lock:
            state["connections"] += 1
        pending = b""
        while True:
            request, pending = read_request(conn, pending)
            if request is None:
                break
            with lock:
                state["requests"] += 1
            name = request["path"].split("/")[1]
            mode = MODES.get(name)
            if mode is None:
                answer(conn, b'{"error":"no such mode"}', "404 Not Found")
            elif not mode(conn, request):
                break
    except (OSError, ValueError):
        pass  # the client left in the middle: that is what is tested
    finally:
        try:
            conn.close()
        except OSError:
            pass


def serve_close(conn, context):
    conn.recv(64)
    conn.close()


def serve_silent(conn, context):
    wait_gone(conn)
    conn.close()


def serve_talk(conn, context):
    conn.sendall(b"220 mail.example ESMTP ready\r\n")
    time.sleep(0.2)
    conn.close()


def accept_loop(server, handler, context):
    while True:
        conn, _ = server.accept()
        threading.Thread(target=handler, args=(conn, context),
                         daemon=True).start()


def listen(key, handler=serve, context=None):
    server = socket.create_server((HOST, 0), backlog=256)
    threading.Thread(target=accept_loop, args=(server, handler, context),
                     daemon=True).start()
    print("%s=%d" % (key, server.getsockname()[1]), flush=True)


def main():
    warnings.simplefilter("ignore", DeprecationWarning)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="badserver-") as folder:
        certs = Certs(folder)
        good = certs.sign("good", "localhost", 90)
        listen("HTTP")
        listen("TLS_GOOD", context=tls_context(certs, good))
        listen("TLS_SOON", context=tls_context(
            certs, certs.sign("soon", "localhost", 10)))
        listen("TLS_EXPIRED", context=tls_context(
            certs, certs.sign("expired", "localhost", -3)))
        listen("TLS_NAME", context=tls_context(
            certs, certs.sign("name", "other.example", 90)))
        listen("TLS_SELF", context=tls_context(
            certs, certs.self_signed("self")))
        listen("TLS_OLD", context=tls_old(certs, good))
        listen("TLS_CLIENT", context=tls_client(certs, good))
        listen("TLS_CLOSE", serve_close)
        listen("TLS_SILENT", serve_silent)
        listen("TALK", serve_talk)
        for key, name in (("CA", "ca.pem"), ("SELF", "self.pem"),
                          ("CLIENT", "good.pem"), ("CLIENT_KEY", "key.pem")):
            print("%s=%s" % (key, certs.path(name)))
        print("READY", flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
