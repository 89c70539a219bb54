#!/usr/bin/python3
"""The practice world of Google Cloud, from outside: tokens, services, what
changes do and how they end."""
import base64
import http.client
import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from simkit import World, ok, run, timed, until

AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base(name):
    return name.rsplit("/", 1)[-1]


class Cloud(World):
    """A world with a person who may ask it."""

    def __init__(self, platform, *args):
        super().__init__(*args, platform=platform,
                         env={"SEVTOP_SIM_SETTLE_MS": "900"})
        with open(self.env["GOOGLE_APPLICATION_CREDENTIALS"]) as f:
            self.key = json.load(f)
        self.token = None

    def http(self, method, url, body=None, headers=None):
        """(status, document)"""
        request = urllib.request.Request(url, method=method, data=body,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def assertion(self, **change):
        now = int(time.time())
        claims = {"iss": self.key["client_email"], "scope": SCOPE,
                  "aud": AUDIENCE, "iat": now - 10, "exp": now + 3500}
        claims.update(change)
        head = {"alg": "RS256", "typ": "JWT",
                "kid": self.key["private_key_id"]}
        text = ".".join(b64(json.dumps(x).encode()) for x in (head, claims))
        with tempfile.NamedTemporaryFile("w") as pem:
            pem.write(self.key["private_key"])
            pem.flush()
            out = subprocess.run(
                ["openssl", "dgst", "-sha256", "-sign", pem.name],
                input=text.encode(), stdout=subprocess.PIPE, check=True)
        return text + "." + b64(out.stdout)

    def grant(self, **form):
        status, text = self.http("POST", self.key["token_uri"],
                                 urllib.parse.urlencode(form).encode())
        return status, json.loads(text)

    def log_in(self):
        self.token = self.grant(grant_type=GRANT,
                                assertion=self.assertion())[1]["access_token"]

    def ask(self, method, path, body=None, api="RUN"):
        if not self.token:
            self.log_in()
        data = None if body is None else json.dumps(body).encode()
        status, text = self.http(
            method, self.env[api + "_ENDPOINT"] + path, data,
            {"Authorization": "Bearer " + self.token,
             "Content-Type": "application/json"})
        return status, json.loads(text)

    def service(self):
        return self.ask("GET", self.path)[1]

    def patch(self, mask, body, **query):
        query["updateMask"] = mask
        return self.ask("PATCH", self.path + "?" +
                        urllib.parse.urlencode(query), body)

    def over(self, op):
        """The operation when it has ended."""
        name = "/v2/" + op["name"]
        return until(lambda: (lambda d: d if d.get("done") else None)(
            self.ask("GET", name)[1]))

    def flagged(self, **flags):
        """The template with other variables, as an operator sends it."""
        template = self.service()["template"]
        template.pop("revision", None)
        for v in template["containers"][0]["env"]:
            v.update({"value": flags[v["name"]]} if v["name"] in flags else {})
        return {"template": template}


    def series(self, words, aligner, *reduce):
        """The newest point of each series, by its labels' values."""
        end = int(time.time()) // 60 * 60
        iso = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))
               for t in (end - 600, end)]
        query = [("filter", words), ("view", "FULL"),
                 ("interval.startTime", iso[0]), ("interval.endTime", iso[1]),
                 ("aggregation.alignmentPeriod", "60s"),
                 ("aggregation.perSeriesAligner", "ALIGN_" + aligner)]
        if reduce:
            query.append(("aggregation.crossSeriesReducer",
                          "REDUCE_" + reduce[0]))
        query += [("aggregation.groupByFields", f) for f in reduce[1:]]
        status, body = self.ask("GET", "/v3/projects/%s/timeSeries?%s" % (
            self.env["GOOGLE_CLOUD_PROJECT"], urllib.parse.urlencode(query)),
            api="MONITORING")
        if status != 200:
            return status, body
        out = {}
        for one in body.get("timeSeries", []):
            ends = [p["interval"]["endTime"] for p in one["points"]]
            assert ends == sorted(ends, reverse=True)
            labels = {**one["resource"].get("labels", {}),
                      **one["metric"].get("labels", {})}
            value = next(iter(one["points"][0]["value"].values()))
            name = " ".join(labels[k] for k in (
                "service_name", "response_code_class", "state", "instance_id")
                if k in labels)
            out[name] = float(value) if isinstance(value, str) else value
        return out

    def run_series(self, metric, aligner, *reduce):
        return self.series(
            'metric.type="run.googleapis.com/%s" AND '
            'resource.type="cloud_run_revision"' % metric, aligner, *reduce)

    def error_share(self, service):
        rates = self.run_series(
            "request_count", "RATE", "SUM", "resource.label.service_name",
            "metric.label.response_code_class")
        own = {k.split()[1]: v for k, v in rates.items()
               if k.startswith(service + " ")}
        return own.get("5xx", 0) / max(sum(own.values()), 1e-9)

    def p95(self, service):
        return self.run_series("request_latencies", "DELTA", "PERCENTILE_95",
                               "resource.label.service_name")[service]


class Fluxori(Cloud):
    path = ("/v2/projects/fluxori-drill/locations/africa-south1/services/"
            "fluxori-backend")

    def __init__(self, *args):
        super().__init__("fluxori", *args)


class Vistralai(Cloud):
    path = "/v2/projects/vistralai/locations/us-central1/services/vistralai"

    def __init__(self, *args):
        super().__init__("vistralai", *args)


def test_tokens(w):
    ok(os.stat(w.env["GOOGLE_APPLICATION_CREDENTIALS"]).st_mode & 0o777
       == 0o600, "the key is for us only")
    status, body = w.grant(grant_type=GRANT, assertion=w.assertion())
    ok(status == 200 and body["access_token"].startswith("ya29.")
       and body["expires_in"] > 3000 and body["token_type"] == "Bearer",
       "a signed word gets a token", body)
    now = int(time.time())
    for name, change in {"another audience": {"aud": "https://x"},
                         "more than an hour": {"exp": now + 7200},
                         "of the future": {"iat": now + 600},
                         "over": {"exp": now - 60, "iat": now - 1000},
                         "text for a time": {"iat": str(now)},
                         "another account": {"iss": "x@example.com"},
                         "no scope": {"scope": "email"}}.items():
        status, body = w.grant(grant_type=GRANT,
                               assertion=w.assertion(**change))
        ok(status == 400 and body["error"] == "invalid_grant", name, body)
    word = w.assertion()
    status, body = w.grant(grant_type=GRANT, assertion=word[:-8] + "AAAAAAAA")
    ok(status == 400 and "Signature" in body["error_description"],
       "a wrong signature", body)
    with open(os.path.join(w.dir, "login.json")) as f:
        login = json.load(f)
    form = {"grant_type": "refresh_token", "client_id": login["client_id"],
            "client_secret": login["client_secret"],
            "refresh_token": login["refresh_token"]}
    ok(w.grant(**form)[0] == 200, "a login gets a token")
    ok(w.grant(**{**form, "refresh_token": "no"})[1]["error"]
       == "invalid_grant", "a revoked login")
    host = w.env["RUN_ENDPOINT"]
    path = host + "/computeMetadata/v1/instance/service-accounts/default/token"
    ok(w.http("GET", path)[0] == 403, "metadata without its header")
    status, text = w.http("GET", path, None, {"Metadata-Flavor": "Google"})
    ok(status == 200 and "access_token" in text, "metadata", text)
    w.token = "ya29.nobody"
    status, body = w.ask("GET", w.path)
    ok(status == 401 and body["error"]["status"] == "UNAUTHENTICATED",
       "a token that nobody gave", body)
    w.log_in()
    ok(w.ask("GET", w.path)[0] == 200, "a token that we gave")
    ok(w.fault("on", "token-expired") and w.ask("GET", w.path)[0] == 401,
       "after token-expired it is no good")
    w.log_in()


def test_flag(w):
    before = w.service()
    status, op = w.patch("template", w.flagged(USE_FIRECRAWL="false"))
    ok(status == 200 and not op.get("done"), "an operation begins", op)
    during = w.service()
    ok(during["reconciling"] and during["terminalCondition"]["state"]
       == "CONDITION_RECONCILING" and during["generation"]
       != during["observedGeneration"] and base(
           during["latestReadyRevision"]) == base(
               before["latestReadyRevision"]), "meanwhile", during)
    done = w.over(op)
    after = w.service()
    ok(done["response"]["@type"].endswith("run.v2.Service")
       and "error" not in done, "it ends well", done)
    ok("reconciling" not in after and after["observedGeneration"]
       == after["generation"] and after["latestReadyRevision"]
       == after["latestCreatedRevision"] != before["latestReadyRevision"],
       "a new revision is ready", after)
    ok(after["lastModifier"] == w.key["client_email"], "by whom", after)
    revisions = w.ask("GET", w.path + "/revisions?pageSize=2")[1]
    ok(len(revisions["revisions"]) == 2 and revisions["nextPageToken"]
       and revisions["revisions"][0]["name"] == after["latestReadyRevision"],
       "revisions, newest first, page by page", revisions)
    more = w.ask("GET", w.path + "/revisions?pageSize=2&pageToken="
                 + revisions["nextPageToken"])[1]
    ok(more["revisions"][0]["name"] not in [r["name"] for r in
                                            revisions["revisions"]],
       "the next page", more)


def test_refused(w):
    body = w.flagged(USE_FIRECRAWL="true")
    status, answer = w.patch("template", {**body, "etag": '"old"'})
    ok(status == 409 and answer["error"]["status"] == "ABORTED",
       "an old etag", answer)
    etag = w.service()["etag"]
    w.fault("on", "conflict")
    status, answer = w.patch("template", {**body, "etag": etag})
    ok(status == 409 and w.service()["lastModifier"]
       == "colleague@example.com", "somebody was faster", answer)
    named = w.service()["template"]
    named["revision"] = base(w.service()["latestReadyRevision"])
    named["timeout"] = "60s"
    status, answer = w.patch("template", {"template": named})
    ok(status == 409 and answer["error"]["status"] == "ALREADY_EXISTS",
       "the name of a revision that there is", answer)
    target = {"type": REVISION, "revision": "vistralai-00001-xyz",
              "percent": 100}
    for mask, body, what in (
            ("traffic", {"traffic": [target]}, "an unknown revision"),
            ("traffic", {"traffic": [{"type": LATEST, "percent": 90}]},
             "90 percent"),
            ("trafic", {"traffic": []}, "a mask that names nothing"),
            ("scaling", {"scalling": {}}, "a field that does not exist"),
            ("scaling", {"scaling": {"minInstanceCount": "5"}},
             "text for a number"),
            ("scaling", {"scaling": {"minInstanceCount": 9,
                                     "maxInstanceCount": 5}}, "min over max"),
            ("template.timeout", {"template": {"timeout": "5400s"}},
             "a time-out of 90 minutes")):
        status, answer = w.patch(mask, body)
        ok(status == 400 and answer["error"]["status"] == "INVALID_ARGUMENT"
           and answer["error"]["details"][0]["fieldViolations"], what, answer)
    status, answer = w.patch("scaling", {}, validateonly="true")
    ok(status == 400 and "validateonly" in answer["error"]["message"],
       "a misspelt argument", answer)
    status, answer = w.ask("GET", w.path + "x")
    ok(status == 404 and answer["error"]["status"] == "NOT_FOUND",
       "no such service", answer)


def test_scaling_and_traffic(w):
    before = w.service()
    status, op = w.patch("scaling", {"scaling": {"minInstanceCount": 2,
                                                 "maxInstanceCount": 50},
                                     "template": {"labels": {}},
                                     "labels": {}})
    w.over(op)
    after = w.service()
    ok(after["scaling"] == {"minInstanceCount": 2, "maxInstanceCount": 50}
       and after["template"] == before["template"]
       and after["latestCreatedRevision"] == before["latestCreatedRevision"]
       and after["generation"] != before["generation"],
       "bounds of the service make no revision", after)
    tried = w.patch("scaling", {"scaling": {"maxInstanceCount": 7}},
                    validateOnly="true")[1]
    ok(tried["done"] and tried["response"]["scaling"]["maxInstanceCount"] == 7
       and w.service()["scaling"]["maxInstanceCount"] == 50,
       "only tried", tried)
    old = base(w.ask("GET", w.path + "/revisions")[1]["revisions"][1]["name"])
    op = w.patch("traffic", {"traffic": [
        {"type": 2, "revision": old, "percent": 100}]})[1]
    ok(w.service()["trafficStatuses"][0]["type"] == LATEST,
       "served as before until it has ended")
    name = "/v2/" + op["name"] + ":wait"
    ok(w.ask("POST", name, {"timeout": "20s"})[1].get("done"), "waited for")
    ok(w.service()["trafficStatuses"] == [
        {"type": REVISION, "revision": old, "percent": 100}],
       "served by an older revision", w.service())
    w.over(w.patch("template", w.flagged(USE_REAL_API="false"))[1])
    ok(w.service()["trafficStatuses"][0]["revision"] == old
       and base(w.service()["latestReadyRevision"]) != old,
       "a pin holds the traffic", w.service())
    w.over(w.patch("traffic", {"traffic": [{"type": LATEST,
                                            "percent": 100}]})[1])
    ok(w.service()["trafficStatuses"][0]["type"] == LATEST, "to the latest")


def test_endings(w):
    w.fault("on", "late-failure")
    ready = w.service()["latestReadyRevision"]
    done = w.over(w.patch("template", w.flagged(USE_REAL_API="true"))[1])
    ok(done["error"]["code"] == 9 and "failed to start"
       in done["error"]["message"], "an operation that fails late", done)
    now = w.service()
    ok(now["terminalCondition"]["state"] == "CONDITION_FAILED"
       and now["latestReadyRevision"] == ready
       and now["latestCreatedRevision"] != ready, "what is left", now)
    w.fault("off", "late-failure")
    w.fault("on", "stuck-operation")
    op = w.patch("template", w.flagged(USE_BULL_QUEUE="false"))[1]
    ok(not w.ask("POST", "/v2/" + op["name"] + ":wait",
                 {"timeout": "1.5s"})[1].get("done"), "one that does not end")
    w.fault("off", "stuck-operation")
    ok(w.over(op)["response"], "and then does")
    w.fault("on", "no-permission")
    status, answer = w.patch("scaling", {"scaling": {}})
    ok(status == 403 and "run.services.update" in answer["error"]["message"]
       and w.ask("GET", w.path)[0] == 200, "no permission", answer)
    w.fault("off", "no-permission")
    w.fault("on", "quota")
    status, answer = w.ask("GET", w.path)
    ok(status == 429 and answer["error"]["details"][1]["retryDelay"] == "5s",
       "over the quota", answer)
    w.fault("off", "quota")


def test_answers(w):
    """What is wrong with the way to Google, and not with the services."""
    before = w.service()
    w.fault("on", "lost-answer")
    try:
        w.patch("scaling", {"scaling": {"maxInstanceCount": 33}})
        lost = False
    except (OSError, http.client.HTTPException):
        lost = True
    ok(lost and w.service()["scaling"]["maxInstanceCount"] == 33,
       "a change that was made, without an answer")
    w.fault("on", "ignored-change")
    op = w.patch("scaling", {"scaling": before["scaling"]})[1]
    ok(w.over(op)["response"] and w.service()["scaling"]
       ["maxInstanceCount"] == 33, "one that was answered, and not made")
    w.fault("off", "ignored-change")
    w.over(w.patch("scaling", {"scaling": before["scaling"]})[1])
    w.fault("on", "unavailable")
    ok(w.ask("GET", w.path)[0] == 503, "unavailable")
    w.fault("off", "unavailable")
    w.fault("on", "html-answers")
    status, text = w.http("GET", w.env["RUN_ENDPOINT"] + w.path)
    ok(status == 200 and text.startswith("<!DOCTYPE"), "a page to log in")
    w.fault("off", "html-answers")


def test_release(w):
    w.fault("on", "bad-release")
    image = until(lambda: (lambda s: s["template"]["containers"][0]["image"]
                           if "reconciling" not in s else None)(w.service()))
    ok(image.endswith(":1.5.0"), "the bad release", image)
    ok("version 1.5.0" in w.ctl("status").stdout, "it serves")
    w.fault("off", "bad-release")
    ok(until(lambda: "version 1.5.1" in w.ctl("status").stdout), "the fix")
    w.fault("on", "pinned")
    ok(until(lambda: w.service()["trafficStatuses"][0]["type"] == REVISION),
       "pinned")


def entries(w, text, **more):
    status, body = w.ask("POST", "/v2/entries:list", {
        "resourceNames": ["projects/vistralai"], "filter": text, **more},
        "LOGGING")
    return body if status == 200 else status


def test_logs(w):
    first = entries(w, "severity>=INFO", pageSize=20)
    ids = [e["insertId"] for e in first["entries"]]
    more = entries(w, "severity>=INFO", pageSize=20,
                   pageToken=first["nextPageToken"])
    times = [e["timestamp"] for e in first["entries"] + more["entries"]]
    ok(len(set(ids)) == 20 and times == sorted(times)
       and not set(ids) & {e["insertId"] for e in more["entries"]},
       "entries, oldest first, page by page", times)
    last = entries(w, 'timestamp>="%s"' % times[-1], pageSize=1,
                   orderBy="timestamp desc")["entries"][0]
    ok(last["timestamp"] > times[-1] and last["resource"]["type"]
       == "cloud_run_revision", "newest first", last)
    ok("entries" not in entries(w, 'timestamp>"2999-01-01T00:00:00Z"'),
       "none is an empty answer")
    who = w.key["client_email"]
    changed = entries(w, 'protoPayload.authenticationInfo.principalEmail='
                      '"%s"' % who)["entries"][0]["protoPayload"]
    ok(changed["methodName"].endswith("UpdateService"), "who changed it",
       changed)
    ok(entries(w, "severity>=") == 400 and entries(w, "", pageSize=1001)
       == 400, "what is no filter, too large a page")

    def newer():
        body = entries(w, 'timestamp>"%s"' % last["timestamp"])
        return body != 429 and body.get("entries")
    ok(until(newer), "they come in")
    ok(until(lambda: [entries(w, "") for _ in range(61)][-1] == 429),
       "60 questions a minute")


def test_figures(w):
    group = "resource.label.service_name"
    rates = w.run_series("request_count", "RATE", "SUM", group)
    ok(15 < rates["vistralai"] < 40, "requests a second", rates)
    ok(w.error_share("vistralai") < 0.01, "hardly an error")
    ok(200 < w.p95("vistralai") < 700, "p95 in milliseconds",
       w.p95("vistralai"))
    dist = w.run_series("request_latencies", "DELTA", "SUM",
                        group)["vistralai"]
    ok(int(dist["count"]) > 500 and sum(map(int, dist["bucketCounts"]))
       in range(int(dist["count"]) - 20, int(dist["count"]) + 20),
       "a distribution", dist)
    use = w.run_series("container/cpu/utilizations", "DELTA", "PERCENTILE_99",
                       group)["vistralai"]
    ok(0.2 < use < 0.9, "CPU in use", use)
    instances = w.run_series("container/instance_count", "MAX", "SUM", group,
                             "metric.label.state")
    ok(instances["vistralai active"] >= 1, "instances", instances)
    memory = w.series('metric.type="redis.googleapis.com/stats/memory/'
                      'usage_ratio" resource.type="redis_instance"', "MEAN")
    ok(0.2 < list(memory.values())[0] < 0.6, "memory of Redis", memory)
    of = w.ask("GET", "/v3/projects/vistralai/services",
               api="MONITORING")[1]["services"][0]
    goals = w.ask("GET", "/v3/%s/serviceLevelObjectives" % of["name"],
                  api="MONITORING")[1]["serviceLevelObjectives"]
    slo = goals[0]["name"]
    burn = w.series('select_slo_burn_rate("%s","3600s")' % slo, "MEAN")
    left = w.series('select_slo_budget_fraction("%s")' % slo, "MEAN")
    ok(of["cloudRun"]["serviceName"] == "vistralai"
       and goals[0]["goal"] == 0.99 and 0 <= burn[""] < 2
       and 0 < left[""] <= 1, "objectives", (goals, burn, left))
    for words, aligner, code in (
            ('resource.type="cloud_run_revision"', "RATE", 400),
            ('metric.type="run.googleapis.com/no_such"', "RATE", 404),
            ('metric.type="run.googleapis.com/request_latencies"', "RATE",
             400), ("metric.type=", "RATE", 400)):
        out = w.series(words, aligner)
        ok(isinstance(out, tuple) and out[0] == code, words + " " + aligner,
           out)


def test_estate(w):
    place = "/v1/projects/vistralai/locations/us-central1"
    redis = place + "/instances/vistralai-redis"

    def state():
        return w.ask("GET", redis, api="MEMORYSTORE")[1]["state"]
    ok(state() == "READY", "Memorystore")
    ok(w.ask("GET", place + "/connectors", api="VPC")[1]["connectors"][0]
       ["state"] == "READY", "a connector")
    builds = w.ask("GET", "/v1/projects/vistralai/locations/global/builds"
                   "?pageSize=2", api="BUILD")[1]
    ok([b["images"] for b in builds["builds"]][0][0].endswith(":1.5.1")
       and builds["nextPageToken"], "builds, newest first", builds)
    status, body = w.ask("POST", redis + ":export", {}, "MEMORYSTORE")
    ok(status == 400, "an export to nowhere", body)
    w.fault("on", "redis-gone")
    ok(state() == "REPAIRING", "Memorystore is away")
    stats = w.env["API_URL"] + "/api/admin/queue-stats"
    op = w.ask("POST", redis + ":failover", {}, "MEMORYSTORE")[1]
    ok(state() == "FAILING_OVER" and w.ask(
        "POST", redis + ":failover", {}, "MEMORYSTORE")[0] == 400,
       "one thing at a time")
    ok(until(lambda: w.ask("GET", "/v1/" + op["name"], api="MEMORYSTORE")[1]
             .get("response")) and state() == "READY", "a failover helps")
    w.fault("off", "redis-gone")
    ok(w.http("GET", stats)[0] == 200, "the app counts its jobs")
    ok(w.http("GET", w.env["API_URL"] + "/health")[0] == 200, "it is well")
    health = w.env["FIRECRAWL_URL"] + "/health"
    ok(w.http("GET", health)[0] == 200, "so is the crawler")
    w.fault("on", "firecrawl-down")
    crawler = w.path.replace("services/vistralai",
                             "services/firecrawl-service")
    ok(w.http("GET", health)[0] == 503 and w.ask("GET", crawler)[1]
       ["terminalCondition"]["state"] == "CONDITION_FAILED",
       "until it is not")
    w.fault("off", "firecrawl-down")


def test_harms(w):
    """Errors come with what is wrong, and go with what mends it."""
    def errors(some):
        return until(lambda: (w.error_share("vistralai") > 0.05) == some)
    w.over(w.patch("traffic", {"traffic": [{"type": LATEST,
                                            "percent": 100}]})[1])
    flags = ("USE_FIRECRAWL", "USE_BULL_QUEUE", "USE_REAL_API")
    faults = ("firecrawl-down", "redis-gone", "api-limited")
    w.over(w.patch("template", w.flagged(**{f: "true" for f in flags}))[1])
    for fault in faults:
        w.fault("on", fault)
    ok(errors(True), "three faults: errors")
    w.over(w.patch("template", w.flagged(**{f: "false" for f in flags}))[1])
    ok(errors(False), "until the three flags are off")
    for fault in faults:
        w.fault("off", fault)
    good = base(w.service()["latestReadyRevision"])
    w.fault("on", "bad-release")
    ok(errors(True), "bad-release: errors")
    w.over(w.patch("traffic", {"traffic": [
        {"type": REVISION, "revision": good, "percent": 100}]})[1])
    ok(errors(False), "until traffic is back at the revision before")


def test_record(w):
    with open(os.path.join(w.dir, "requests.jsonl")) as f:
        text = f.read()
    lines = [json.loads(x) for x in text.splitlines()]
    ok(any(x["method"] == "PATCH" and "updateMask=traffic" in x["url"]
           and x["body"]["traffic"] for x in lines), "requests are recorded")
    ok("ya29" not in text and "assertion" not in text, "without secrets")


def test_world():
    w = Vistralai("--seed", "7")
    for test in (test_figures, test_tokens, test_flag, test_refused,
                 test_scaling_and_traffic, test_endings, test_answers,
                 test_release,
                 test_estate, test_harms, test_logs, test_record):
        timed(test, w)
    ok(w.end() == 0 and not w.left_behind(), "nothing is left",
       w.left_behind())


def test_latency():
    w = Fluxori("--seed", "7")
    w.log_in()
    before = w.service()["scaling"]
    ok(w.p95("fluxori-backend") < 600, "Fluxori: p95 is low")
    w.fault("on", "too-few")
    ok(until(lambda: w.p95("fluxori-backend") > 2000), "too few: it is high")
    now = w.service()
    ok(now["scaling"]["maxInstanceCount"] < before["maxInstanceCount"]
       and "finance" in now["lastModifier"], "somebody has capped it", now)
    w.over(w.patch("scaling", {"scaling": before})[1])
    ok(until(lambda: w.p95("fluxori-backend") < 600),
       "with more instances it is low again")
    w.fault("off", "too-few")
    w.fault("on", "region-down")
    ok(until(lambda: w.error_share("fluxori-frontend") > 0.3)
       and w.service()["terminalCondition"]["state"] == "CONDITION_FAILED"
       and w.http("GET", w.env["API_URL"] + "/health")[0] == 503,
       "a region is down")
    there = w.path.replace("africa-south1", "europe-west4")
    ok(w.ask("GET", there)[1]["terminalCondition"]["state"]
       == "CONDITION_SUCCEEDED", "the other one is not")
    ok(w.end() == 0, "a clean end")


if __name__ == "__main__":
    run(test_world, test_latency)
