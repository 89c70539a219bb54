#!/usr/bin/python3
"""Google's token endpoint, metadata server and Cloud Run, small and unkind.

usage: tests/live/gcpserver.py

Prints PORT, KEY (a service account's file), USER (a login's file), REQUESTS
(a file with every request to an API, a line {"method", "url", "body"} each)
and READY, and ends when its standard input closes. GET /set?name=value changes
what it does next:

  token   good, revoked, busy, slow, silent, garbage, empty
  life    seconds that a token is good for
  refuse  1: tokens given so far are refused with 401
  flavor  what the metadata server calls itself
  deny    1: every token is refused with 401
  run     good, limited, forbidden, unmonitored, disabled, garbage, array,
          html, 500, 503
  allow   after so many questions more all are "limited"; -1: never
  expire  after so many questions more tokens given so far are; -1: never
  series, slos  what Cloud Monitoring answers: gcpmetrics.py
  image, created, ready, latest, flag, max, who   of the service "web"

The service "shop" can be changed: see gcprun.py.
Cloud Logging is in gcplog.py, what stands beside services in gcpinfra.py.
GET /count says how often it was asked for a token. What Google refuses, it
refuses: an assertion whose signature or claims are wrong, a question without
a token or a metadata question without its header.
"""
import base64
import http.server
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gcpinfra  # noqa: E402
import gcplog  # noqa: E402
import gcpmetrics  # noqa: E402
import gcprun  # noqa: E402

AUDIENCE = "https://oauth2.googleapis.com/token"
REGION = "/v2/projects/demo/locations/europe-west1/"

state = {"token": "good", "life": "3599", "run": "good", "image": "img:1.0.0",
         "created": "web-00002", "ready": "web-00002", "latest": "",
         "flag": "true", "max": "20", "who": "ada@example.com", "count": 0,
         "valid": [], "quota": "", "series": "good", "flavor": "Google",
         "slos": "good", "deny": "0", "allow": "-1",
         "expire": "-1",
         "logs": "good", "skew": "0", "infra": "good", "cache": "READY",
         "zone": "-a", "reason": "", "connector": "READY", "build": ""}
lock = threading.Lock()
run = gcprun.Run()
logs = gcplog.Logs()
folder = tempfile.TemporaryDirectory()


def path(name):
    return os.path.join(folder.name, name)


def make_files(port):
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                    "rsa_keygen_bits:2048", "-out", path("key.pem")],
                   check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["openssl", "pkey", "-in", path("key.pem"), "-pubout",
                    "-out", path("pub.pem")], check=True)
    with open(path("key.pem")) as pem:
        key = pem.read()
    url = f"http://127.0.0.1:{port}/token"
    files = {
        "key.json": {"type": "service_account", "private_key": key,
                     "private_key_id": "k1", "token_uri": url,
                     "client_email": "watch@demo.iam.gserviceaccount.com",
                     "quota_project_id": "payer"},
        "user.json": {"type": "authorized_user", "client_id": "the id",
                      "client_secret": "s&cret", "refresh_token": "1//r+t"},
    }
    for name, content in files.items():
        with open(path(name), "w") as out:
            json.dump(content, out)
        os.chmod(path(name), 0o600)


def unbase64(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def assertion_faults(jwt):
    head, claims, signature = jwt.split(".")
    with open(path("signed"), "w") as out:
        out.write(head + "." + claims)
    with open(path("signature"), "wb") as out:
        out.write(unbase64(signature))
    done = subprocess.run(["openssl", "dgst", "-sha256", "-verify",
                           path("pub.pem"), "-signature", path("signature"),
                           path("signed")], stdout=subprocess.DEVNULL)
    head, claims = json.loads(unbase64(head)), json.loads(unbase64(claims))
    now = time.time()
    checks = {
        "signature": done.returncode == 0,
        "header": head == {"alg": "RS256", "typ": "JWT", "kid": "k1"},
        "iss": claims["iss"] == "watch@demo.iam.gserviceaccount.com",
        "aud": claims["aud"] == AUDIENCE,
        "scope": claims["scope"].endswith("/auth/cloud-platform"),
        "times": isinstance(claims["iat"], int)
                 and claims["iat"] <= now < claims["exp"]
                 and claims["exp"] - claims["iat"] <= 3600,
    }
    return [name for name, good in checks.items() if not good]


def service():
    latest = state["latest"]
    traffic = {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}
    if latest:
        traffic = {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
                   "revision": latest, "percent": 100}
    name = "projects/demo/locations/europe-west1/services/web"
    ready = {"type": "Ready", "state": "CONDITION_SUCCEEDED",
             "lastTransitionTime": "2026-01-03T00:00:00Z"}
    return {
        "name": name, "generation": "7", "observedGeneration": "7",
        "updateTime": "2026-01-03T00:00:00Z", "lastModifier": state["who"],
        "template": {"containers": [{
            "image": "eu/" + state["image"],
            "resources": {"limits": {"cpu": "2", "memory": "2Gi"}},
            "env": [{"name": "USE_FIRECRAWL", "value": state["flag"]},
                    {"name": "DATABASE_URL", "value": "postgres://u:p@h/d"},
                    {"name": "KEY", "valueSource": {"secretKeyRef": {
                        "secret": "key", "version": "latest"}}}]}]},
        "scaling": {"minInstanceCount": 1,
                    "maxInstanceCount": int(state["max"])},
        "traffic": [traffic], "trafficStatuses": [traffic],
        "terminalCondition": ready,
        "latestReadyRevision": f"{name}/revisions/{state['ready']}",
        "latestCreatedRevision": f"{name}/revisions/{state['created']}",
    }


def revision(number):
    return {
        "name": REGION[4:] + f"services/web/revisions/web-0000{number}",
        "service": "web", "createTime": f"2026-01-0{number}T00:00:00Z",
        "creator": "ada@example.com",
        "containers": [{"image": f"eu/img:1.0.{number}", "resources": {
            "limits": {"cpu": "1", "memory": "512Mi"}}}],
        "scaling": {"maxInstanceCount": 20},
        "conditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}],
    }


def envelope(code, status, message, *details):
    return code, {"error": {"code": code, "status": status,
                            "message": message, "details": list(details)}}


def info(reason, **metadata):
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason, "domain": "googleapis.com",
            "metadata": metadata}


FAULTS = {
    "limited": envelope(
        429, "RESOURCE_EXHAUSTED", "Quota exceeded",
        info("RATE_LIMIT_EXCEEDED", quota_limit="ReadPerMinute"),
        {"@type": "type.googleapis.com/google.rpc.RetryInfo",
         "retryDelay": "30s"}),
    "forbidden": envelope(
        403, "PERMISSION_DENIED",
        "Permission 'run.services.list' denied on resource (or it may not "
        "exist)."),
    "unmonitored": envelope(
        403, "PERMISSION_DENIED", "Permission denied (or the resource may "
        "not exist).", info("IAM_PERMISSION_DENIED",
                            permission="monitoring.timeSeries.list")),
    "500": envelope(500, "INTERNAL", "broken"),
    "no-logs": envelope(
        403, "PERMISSION_DENIED", "Permission denied for all log views"),
    "disabled": envelope(403, "PERMISSION_DENIED", "API is off",
                         info("SERVICE_DISABLED",
                              service="run.googleapis.com")),
    "503": envelope(503, "UNAVAILABLE", "The service is currently "
                    "unavailable."),
    "garbage": (200, b"\x00\xff{]"),
    "array": (200, []),
    "odd": (200, {"entries": "none", "instances": {}}),
    "html": (502, b"<html>bad gateway</html>"),
}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args):
        """Clients that are gone are no fault."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet

    def log_message(self, *args):
        pass

    def record(self, body=None):
        """Notes a request for the judge of tests/gcp."""
        asked = {"method": self.command, "url": self.path}
        if body is not None:
            asked["body"] = body
        with lock, open(path("requests.jsonl"), "a") as log:
            log.write(json.dumps(asked) + "\n")

    def send(self, code, body, kind="application/json", **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def give_token(self, **headers):
        with lock:
            state["count"] += 1
            token = "ya29.token-%d" % state["count"]
            state["valid"].append("Bearer " + token)
            mode = state["token"]
        if mode == "revoked":
            return self.send(400, {"error": "invalid_grant",
                                   "error_description": "Token has been "
                                   "expired or revoked."})
        if mode == "busy":
            return self.send(503, {"error": "temporarily_unavailable"})
        if mode == "garbage":
            return self.send(200, b"access_token=ya29.oops")
        if mode == "empty":
            return self.send(200, {"token_type": "Bearer"})
        if mode == "silent":
            return threading.Event().wait()
        if mode == "slow":
            time.sleep(0.3)
        return self.send(200, {"access_token": token, "token_type": "Bearer",
                               "expires_in": int(state["life"])}, **headers)

    def cut(self, how):
        """An answer that is none."""
        if how == "silent":
            return threading.Event().wait()
        if how == "503":
            return self.send(*FAULTS["503"])
        if how == "cancelled":
            return self.send(*envelope(499, "CANCELLED", "it was cancelled"))
        if how == "garbage":
            return self.send(200, b"\x00\xff{]")
        if how == "half":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"name": "proj')
            self.wfile.flush()
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        return self.connection.close()

    def give_run(self, url, query, body=None):
        """The service that can be changed."""
        try:
            code, answer = run.answer(self.command, url.path[4:], query, body)
        except gcprun.Refused as no:
            code, answer = envelope(*no.args)
        if isinstance(answer, str):
            return self.cut(answer)
        return self.send(code, answer)

    def refuses(self):
        """Whether the token is not good; answers that."""
        mode = run.lie if self.command == "PATCH" else ""
        if mode.startswith("expired"):
            if mode != "expired-always":
                run.lie = ""
            run.tries += 1
            if mode == "expired-page":
                self.send(401, b"<html>log in</html>", "text/html")
                return True
            state["valid"] = []
        if self.headers.get("Authorization") in state["valid"] and \
                state["deny"] != "1":
            return False
        self.send(*envelope(401, "UNAUTHENTICATED", "bad token"))
        return True

    def do_PATCH(self):
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        url = urllib.parse.urlsplit(self.path)
        self.record(body)
        if not self.refuses():
            self.give_run(url, dict(urllib.parse.parse_qsl(url.query)), body)

    def control_run(self, query):
        if "pinned" in query or "reset" in query:
            run.reset(query.get("pinned", ""))
        if "undated" in query:
            run.undated = query["undated"]
        if "statuses" in query:
            run.serve(query["statuses"])
        if "others" in query:
            run.others()
        if "readable" in query:
            run.unread = False
        run.lie = query.get("lie", run.lie)
        return self.send(200, run.truth())

    def date_time_string(self, timestamp=None):
        return logs.date()

    def give_logs(self, body):
        mode = state["logs"]
        with lock:
            logs.asked += 1
        if self.refuses():
            return None
        if mode in FAULTS:
            return self.send(*FAULTS[mode])
        if mode == "silent":
            return threading.Event().wait()
        if mode == "short" and "pageToken" in body:
            return self.send(*FAULTS["limited"])
        if mode == "big" and body["pageSize"] > 300:
            return self.send(200, {"entries": [{"textPayload": "x" * 9000000}]})
        with lock:
            page = logs.answer(body, mode)
        if isinstance(page, str):
            return self.send(*envelope(400, "INVALID_ARGUMENT", page))
        if mode == "half":
            self.close_connection = True
            whole = json.dumps(page).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole[:len(whole) // 2])
            return None
        return self.send(200, page)

    def give_infra(self, path, query):
        if state["infra"] in FAULTS:
            return self.send(*FAULTS[state["infra"]])
        page = gcpinfra.answer(state, path, query)
        if isinstance(page, tuple):
            code, words = page
            return self.send(*envelope(code, "NOT_FOUND" if code == 404 else
                                       "INVALID_ARGUMENT", words))
        return self.send(200, page)

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        bytes_in = self.rfile.read(length).decode()
        if self.path == "/v2/entries:list":
            self.record(json.loads(bytes_in))
            return self.give_logs(json.loads(bytes_in))
        form = dict(urllib.parse.parse_qsl(bytes_in))
        if form.get("grant_type") == "refresh_token":
            good = (form["client_id"], form["client_secret"],
                    form["refresh_token"]) == ("the id", "s&cret", "1//r+t")
            faults = [] if good else ["login"]
        else:
            faults = assertion_faults(form["assertion"])
        if faults:
            self.send(400, {"error": "invalid_grant",
                            "error_description": ", ".join(faults)})
        else:
            self.give_token()

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, True))
        if url.path == "/set":
            with lock:
                if query.pop("refuse", None):
                    state["valid"] = []
                state.update(query)
                logs.skew = float(state["skew"])
            return self.send(200, {})
        if url.path == "/log/add":
            with lock:
                return self.send(200, logs.add(query))
        if url.path == "/log/clear":
            logs.entries = []
            return self.send(200, {})
        if url.path == "/log/asked":
            return self.send(200, {"count": logs.asked,
                                   "filter": logs.filter})
        if url.path == "/count":
            return self.send(200, {"count": state["count"],
                                   "quota": state["quota"]})
        if url.path.startswith("/computeMetadata/v1/"):
            if self.headers.get("Metadata-Flavor") != "Google":
                return self.send(403, b"Missing Metadata-Flavor", "text/plain")
            return self.give_token(Metadata_Flavor=state["flavor"])
        if url.path == "/run":
            return self.control_run(query)
        state["quota"] = self.headers.get("x-goog-user-project", "")
        self.record()
        with lock:
            if state["expire"] == "0":
                state["valid"] = []
            state["expire"] = str(max(int(state["expire"]) - 1, -1))
        if self.refuses():
            return None
        if state["run"] in FAULTS:
            return self.send(*FAULTS[state["run"]])
        if state["allow"] == "0":
            return self.send(*FAULTS["limited"])
        with lock:
            state["allow"] = str(max(int(state["allow"]) - 1, -1))
        if "/services/shop" in url.path or "/operations/" in url.path:
            return self.give_run(url, query)
        if url.path.startswith(gcpinfra.PREFIX):
            return self.give_infra(url.path, query)
        known = gcpmetrics.answer(url.path, urllib.parse.parse_qs(url.query),
                                  state)
        if known:
            return self.send(*known)
        if url.path == REGION + "services":
            return self.send(200, {"services": [service()]})
        if url.path == REGION + "services/-/revisions":
            if "pageToken" not in query:
                return self.send(200, {"revisions": [revision(2)],
                                       "nextPageToken": "p 2&"})
            if query["pageToken"] == "p 2&":
                return self.send(200, {"nextPageToken": "p3"})
            return self.send(200, {"revisions": [revision(1)]})
        return self.send(*envelope(404, "NOT_FOUND", "Requested entity was "
                                   "not found"))


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    make_files(server.server_port)
    print(f"PORT={server.server_port}")
    print(f"KEY={path('key.json')}")
    print(f"USER={path('user.json')}")
    print(f"REQUESTS={path('requests.jsonl')}")
    print("READY", flush=True)
    sys.stdin.buffer.read()
    folder.cleanup()


if __name__ == "__main__":
    main()
