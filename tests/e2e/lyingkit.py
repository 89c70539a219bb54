"""An HTTP server with values that can be read and set, which lies when it is
told to: what a request is to meet is in its query, "?fault=NAME".

  status=NNN   that answer, and nothing is done
  done=NNN     done, and then that answer
  reset        the connection is reset before anything is done
  reset-done   done, and then reset
  half         done, and half of the answer
  silent       nothing is done, and no answer
  silent-done  done, and no answer
  lie          "ok", and nothing is done
"""
import http.server
import json
import re
import socket
import struct
import threading
import urllib.parse

MOVED = {301, 302, 303, 307, 308}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, etag=None):
        data = json.dumps(body if body is not None else {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if etag:
            self.send_header("ETag", etag)
        if status in MOVED:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(data)

    def cut(self):
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def parts(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        return (urllib.parse.unquote(url.path).strip("/").split("/"),
                query.get("fault", [""])[0])

    def do_GET(self):
        path, fault = self.parts()
        server = self.server.lying
        if fault.startswith("status="):
            return self.answer(int(fault[7:]))
        with server.lock:
            if self.path not in server.seen:
                server.seen.append(self.path)
            server.asked.append(dict(self.headers))
            value = server.values.get(path[-1])
            version = server.versions.get(path[-1], 0)
        if value is None:
            return self.answer(404)
        return self.answer(200, {"flag": {"value": value, "by": "ann"}},
                           '"v%d"' % version)

    def write(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, fault = self.parts()
        server = self.server.lying
        wrong = server.record(self, path[-1], body)
        if wrong:
            return self.answer(wrong)
        status = re.fullmatch(r"(status|done)=(\d+)", fault)
        if fault in ("", "half", "reset-done", "silent-done") or \
                status and status[1] == "done":
            server.set(path[-1], body, self.command)
        if status:
            return self.answer(int(status[2]))
        if fault.startswith("reset"):
            return self.cut()
        if fault.startswith("silent"):
            server.ended.wait(60)
            return self.cut()
        if fault == "half":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
            self.wfile.flush()
            return self.cut()
        return self.answer(200, {"said": "set"})

    do_POST = do_PUT = do_PATCH = do_DELETE = write


class Lying:
    """The server, as long as the block."""

    def __init__(self):
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.values, self.versions = {}, {}
        self.requests, self.seen, self.asked = [], [], []
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.lying = self
        self.url = "http://127.0.0.1:%d" % self.http.server_port
        self.thread = threading.Thread(target=self.http.serve_forever,
                                       kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    def record(self, request, name, body):
        """Keeps a write; the status when a precondition fails."""
        with self.lock:
            self.requests.append((request.command, request.path, body.decode(),
                                  dict(request.headers)))
            match = request.headers.get("If-Match")
            if match and match != '"v%d"' % self.versions.get(name, 0):
                return 412
        return None

    def set(self, name, body, method):
        with self.lock:
            if method == "DELETE":
                self.values.pop(name, None)
            else:
                self.values[name] = json.loads(body)["value"]
            self.versions[name] = self.versions.get(name, 0) + 1

    def writes(self, name):
        with self.lock:
            return [r for r in self.requests
                    if r[1].partition("?")[0] == "/" + name]
