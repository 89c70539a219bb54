"""One Cloud Run service that can be changed: "shop", with three revisions,
as the Admin API v2 serves it, and everything that can go wrong with a
change. What it checks is what Google checks: etags, masks, shares that are
no 100 %, names of revisions, limits that do not go together.

GET /run?lie=NAME says what the next change meets; GET /run tells what is
true of the service, whatever was answered.
"""
import copy
import threading

PARENT = "projects/demo/locations/europe-west1/"
NAME = PARENT + "services/shop"
LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
NAMED = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
TEMPLATE = {
    "revision": "shop-00003", "timeout": "300s",
    "maxInstanceRequestConcurrency": 80,
    "serviceAccount": "run@demo.iam.gserviceaccount.com",
    "annotations": {"team": "shop"}, "sessionAffinity": True,
    "scaling": {"maxInstanceCount": 20},
    "containers": [{
        "image": "eu/img:1.0.3", "ports": [{"containerPort": 8080}],
        "env": [{"name": "USE_FIRECRAWL", "value": "true"},
                {"name": "USE_BULL_QUEUE", "value": "true"},
                {"name": "MODEL", "value": "opus-4"},
                {"name": "DATABASE_URL", "value": "postgres://u:p@h/d"},
                {"name": "KEY", "valueSource": {"secretKeyRef": {
                    "secret": "key", "version": "latest"}}}],
        "resources": {"limits": {"cpu": "2", "memory": "2Gi"},
                      "cpuIdle": True, "startupCpuBoost": True}}]}


class Refused(Exception):
    """An answer of Google's: HTTP status, status, words."""


def size(text):
    units = {"Ki": 2 ** 10, "Mi": 2 ** 20, "Gi": 2 ** 30}
    return float(text[:-2]) * units[text[-2:]]


def spec_of(template):
    return {k: v for k, v in template.items() if k != "revision"}


class Run:
    """The service, its revisions and its operations."""

    def __init__(self):
        self.lock = threading.RLock()
        self.reset()

    def reset(self, pinned=""):
        with self.lock:
            self.lie, self.patches, self.tries = "", 0, 0
            self.unread, self.undated = False, ""
            self.generation, self.observed = 7, 7
            self.who = "ada@example.com"
            self.template = copy.deepcopy(TEMPLATE)
            self.scaling = {"minInstanceCount": 1, "maxInstanceCount": 20}
            self.traffic = [{"type": LATEST, "percent": 100}]
            if pinned:
                self.traffic = [{"type": NAMED, "revision": pinned,
                                 "percent": 100}]
            self.traffic.append({"type": NAMED, "revision": "shop-00001",
                                 "tag": "old"})
            self.statuses = copy.deepcopy(self.traffic)
            self.ready = self.created = "shop-00003"
            self.failed = ""
            self.revisions = {}
            for n in (1, 2, 3):
                spec = spec_of(copy.deepcopy(TEMPLATE))
                spec["containers"][0]["image"] = "eu/img:1.0.%d" % n
                self.revisions["shop-0000%d" % n] = spec
            old = self.revisions["shop-00002"]["containers"][0]
            old["env"][3]["value"] = "postgres://u:p@h/other"
            del old["env"][2]
            old["resources"]["limits"]["memory"] = "1Gi"
            self.broken = {"shop-00001"}
            self.operations = {}

    def etag(self):
        return '"etag-%d"' % self.generation

    def service(self):
        ready = {"type": "Ready", "state": "CONDITION_SUCCEEDED"}
        if self.failed:
            ready = {"type": "Ready", "state": "CONDITION_FAILED",
                     "message": self.failed}
        return {
            "name": NAME, "uid": "u-1", "generation": str(self.generation),
            "observedGeneration": str(self.observed), "etag": self.etag(),
            "lastModifier": self.who, "template": self.template,
            "traffic": self.traffic, "trafficStatuses": self.statuses,
            "scaling": self.scaling, "terminalCondition": ready,
            "reconciling": self.observed != self.generation,
            "latestReadyRevision": NAME + "/revisions/" + self.ready,
            "latestCreatedRevision": NAME + "/revisions/" + self.created,
        }

    def revision(self, name):
        bad = name in self.broken
        made = {"createTime": "2026-01-0%sT00:00:00Z" % name[-1]}
        return {
            "name": NAME + "/revisions/" + name, "service": "shop",
            **({} if name == self.undated else made), **self.revisions[name],
            "conditions": [{
                "type": "Ready", "state": "CONDITION_FAILED" if bad
                else "CONDITION_SUCCEEDED", "message": "it does not start"
                if bad else ""}]}

    # A change, from what is asked for to what is so.

    def check(self, mask, body):
        if body.get("etag") not in (None, self.etag()):
            raise Refused(409, "ABORTED", "Conflict for resource 'shop': "
                          "version was specified but current version is "
                          "another.")
        if mask not in ("traffic", "scaling", "template"):
            raise Refused(400, "INVALID_ARGUMENT", "mask " + mask)
        part = body.get(mask, [] if mask == "traffic" else {})
        if mask == "traffic":
            if sum(t.get("percent", 0) for t in part) != 100:
                raise Refused(400, "INVALID_ARGUMENT", "no 100 percent")
            for target in part:
                if (target["type"] == NAMED and
                        target["revision"] not in self.revisions):
                    raise Refused(400, "INVALID_ARGUMENT", "Revision '%s' "
                                  "does not exist or is deleted."
                                  % target["revision"])
        elif mask == "scaling":
            most = part.get("maxInstanceCount", 0)
            if most and most < part.get("minInstanceCount", 0):
                raise Refused(400, "INVALID_ARGUMENT", "max below min")
        elif part.get("revision") in self.revisions:
            raise Refused(409, "ALREADY_EXISTS", "Revision named '%s' with "
                          "different configuration already exists."
                          % part["revision"])
        else:
            limits = part["containers"][0]["resources"]["limits"]
            if limits["cpu"] == "4" and size(limits["memory"]) < 2 * 2 ** 30:
                raise Refused(400, "INVALID_ARGUMENT", "memory below 2Gi")
        return part

    def ask(self, mask, part):
        """It is wanted from now on."""
        self.generation += 1
        self.who = "watch@demo.iam.gserviceaccount.com"
        setattr(self, mask, copy.deepcopy(part))
        if mask == "template":
            self.created = "shop-%05d" % (len(self.revisions) + 1)
            self.revisions[self.created] = spec_of(part)

    def come_true(self, error=""):
        """It is so; or it failed, and what was there serves on."""
        self.observed = self.generation
        self.failed = error
        if error:
            self.broken.add(self.created)
            return
        self.statuses = copy.deepcopy(self.traffic)
        self.ready = self.created

    def others(self):
        """Somebody else is faster."""
        self.ask("description", "by bob")
        self.who = "bob@example.com"
        self.come_true()

    def serve(self, shares):
        """What is told of what serves: "shop-00001=60,shop-00002=40"."""
        parts = [part.split("=") for part in shares.split(",") if part]
        self.statuses = [{"type": LATEST if name == "LATEST" else NAMED,
                          "revision": self.ready if name == "LATEST" else
                          name, "percent": int(percent)}
                         for name, percent in parts]

    def operation(self, looks, error="", lost=False, end=True):
        """One that is done after so many looks at it or the service."""
        name = PARENT + "operations/op-%d" % (len(self.operations) + 1)
        self.operations[name] = {"looks": looks, "error": error,
                                 "lost": lost, "end": end}
        return self.tell(name)

    def tell(self, name):
        op = self.operations[name]
        kind = "type.googleapis.com/google.cloud.run.v2.Service"
        out = {"name": name, "metadata": {"@type": kind}}
        if op["looks"] > 0:
            return out
        out["done"] = True
        if op["error"]:
            out["error"] = {"code": 9, "message": op["error"]}
        else:
            out["response"] = {"@type": kind, "name": NAME}
        return out

    def look(self):
        for op in self.operations.values():
            if 0 < op["looks"] < 1000:
                op["looks"] -= 1
                if op["looks"] == 0 and op["end"]:
                    self.come_true(op["error"])

    BEFORE = {
        "forbidden": (403, "PERMISSION_DENIED", "Permission 'run.services."
                      "update' denied on resource '%s' (or it may not "
                      "exist)." % NAME),
        "account": (403, "PERMISSION_DENIED", "Permission 'iam."
                    "serviceaccounts.actAs' denied on service account run@"
                    "demo.iam.gserviceaccount.com (or it may not exist)."),
        "limited": (429, "RESOURCE_EXHAUSTED", "Quota exceeded"),
        "invalid": (400, "INVALID_ARGUMENT", "no"),
        "exists": (409, "ALREADY_EXISTS", "Revision named 'x' with "
                   "different configuration already exists."),
        "503": (503, "UNAVAILABLE", "The service is currently unavailable."),
    }

    def patch(self, mask, body):
        """What is answered; a text: how the line is cut instead."""
        with self.lock:
            lie = self.lie
            self.tries += 1
            if lie in self.BEFORE:
                raise Refused(*self.BEFORE[lie])
            if lie == "cut-before":
                return "reset"
            if lie == "faster":
                self.others()
            part = self.check(mask, body)
            if lie == "nothing":
                return self.operation(1, end=False)
            if lie == "refused":
                return self.operation(0, "it was refused", end=False)
            self.patches += 1
            if lie == "fails-undone":
                return self.operation(3, "it was taken back", end=False)
            self.ask(mask, part)
            if lie == "fails":
                return self.operation(3, "the container does not start")
            if lie == "stuck":
                return self.operation(1000)
            if lie in ("endless", "lost", "overtaken", "unread"):
                self.come_true()
            if lie == "endless":
                return self.operation(1000)
            if lie == "overtaken":
                self.others()
                setattr(self, mask, self.before[mask])
                self.come_true()
                return self.operation(0, end=False)
            self.unread = lie == "unread"
            answer = self.operation(3, lost=lie == "lost")
            cut = {"cut-after": "reset", "half": "half", "silent": "silent",
                   "garbage": "garbage", "503-done": "503",
                   "cancelled": "cancelled"}
            return cut.get(lie, answer)

    def answer(self, method, path, query, body):
        """Status and document, or how the line is cut."""
        with self.lock:
            if method == "PATCH" and path == NAME:
                self.before = {m: copy.deepcopy(getattr(self, m)) for m in
                               ("traffic", "scaling", "template")}
                return 200, self.patch(query.get("updateMask", ""), body)
            self.look()
            if path == NAME:
                if self.unread:
                    raise Refused(*self.BEFORE["503"])
                return 200, self.service()
            if path == NAME + "/revisions":
                return 200, {"revisions": [self.revision(n) for n in
                                           sorted(self.revisions)][::-1]}
            if path.startswith(NAME + "/revisions/"):
                name = path.rsplit("/", 1)[1]
                if name in self.revisions:
                    return 200, self.revision(name)
            if path in self.operations and not self.operations[path]["lost"]:
                return 200, self.tell(path)
        raise Refused(404, "NOT_FOUND", "Requested entity was not found")

    def truth(self):
        """For the test, in few words."""
        with self.lock:
            env = {e["name"]: e.get("value", "(secret)") for e in
                   self.template["containers"][0]["env"]}

            def shares(targets):
                parts = {t.get("revision") or "LATEST": t["percent"]
                         for t in targets if t.get("percent")}
                return " ".join("%s=%d" % p for p in sorted(parts.items()))
            return {
                "patches": self.patches, "tries": self.tries,
                "generation": self.generation,
                "serves": shares(self.statuses), "wants": shares(self.traffic),
                "tags": " ".join(t["tag"] for t in self.traffic
                                 if "tag" in t),
                "min": str(self.scaling.get("minInstanceCount", 0)),
                "max": str(self.scaling.get("maxInstanceCount", 0)),
                "env": " ".join("%s=%s" % e for e in sorted(env.items())),
                "limits": "%(cpu)s %(memory)s" % self.template["containers"][
                    0]["resources"]["limits"],
                "kept": "%s %s" % (self.template.get("sessionAffinity"), " ".join(
                    self.template.get("annotations", {}))),
                "idle": str(self.template["containers"][0]["resources"][
                    "cpuIdle"]),
                "timeout": self.template["timeout"],
                "concurrency": str(self.template[
                    "maxInstanceRequestConcurrency"]),
                "ready": self.ready, "created": self.created}
