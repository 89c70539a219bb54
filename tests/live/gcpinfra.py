"""Memorystore, VPC connectors and Cloud Build for gcpserver.py.

GET /set?infra=... chooses what they do next: good, a fault of FAULTS, or
part (a region cannot be reached), loop, many (pages without an end).
GET /set?cache=STATE&connector=STATE&build=STATUS says how they are; reason
is what Google says of it.
"""
import base64

PREFIX = "/v1/projects/demo/locations/"


def instance(state, name, region):
    full = f"projects/demo/locations/{region}/instances/{name}"
    found = {
        "name": full, "state": state["cache"], "tier": "STANDARD_HA",
        "memorySizeGb": 5, "redisVersion": "REDIS_7_0", "host": "10.0.0.3",
        "port": 6379, "locationId": region + "-a",
        "currentLocationId": region + state["zone"], "replicaCount": 1,
        "createTime": "2026-01-01T00:00:00Z",
        "persistenceConfig": {"persistenceMode": "RDB",
                              "rdbSnapshotPeriod": "ONE_HOUR"},
        "maintenanceSchedule": {"startTime": "2026-02-01T03:00:00Z"}}
    if state["reason"]:
        found["statusMessage"] = state["reason"]
    return found


def connector(state, region):
    return {"name": f"projects/demo/locations/{region}/connectors/serverless",
            "state": state["connector"], "network": "default",
            "ipCidrRange": "10.8.0.0/28", "machineType": "e2-micro",
            "minInstances": 2, "maxInstances": 10, "minThroughput": 200,
            "maxThroughput": 1000}


def build(state, number, status):
    found = {"id": "b-%d" % number, "projectId": "demo", "status": status,
             "createTime": "2026-01-03T00:0%d:00Z" % number,
             "startTime": "2026-01-03T00:0%d:10Z" % number,
             "images": ["europe-docker.pkg.dev/demo/web:1.%d" % number],
             "serviceAccount": "projects/demo/serviceAccounts/build@demo",
             "substitutions": {"BRANCH_NAME": "main", "SHORT_SHA": "1a2b3c4",
                               "TRIGGER_NAME": "push-to-main"}}
    if status not in ("WORKING", "QUEUED"):
        found["finishTime"] = "2026-01-03T00:0%d:30.5Z" % (number + 2)
    if number == 2:
        # Whoever wrote it there meant to log in.
        found["images"] = ["https://ci:hunter22@registry.example/web:1.2"]
    if status == "FAILURE":
        found["failureInfo"] = {"type": "USER_BUILD_STEP",
                                "detail": "step 2 exited with 1"}
    return found


def lists(state, region, collection):
    """All that a region has; None: no such list."""
    if collection == "instances":
        regions = ["europe-west1", "europe-west4"]
        return [instance(state, name, r) for r in regions
                for name in (["cache", "sessions"] if r == regions[0]
                             else ["spare"]) if region in ("-", r)]
    if collection == "connectors" and region == "europe-west1":
        return [connector(state, region)]
    if collection == "builds" and region in ("global", "europe-west1"):
        newest = [] if not state["build"] else [build(state, 3,
                                                      state["build"])]
        return newest + [build(state, 2, "FAILURE"), build(state, 1,
                                                           "SUCCESS")]
    return None


def answer(state, path, query):
    """A page; or a status with words."""
    region, _, collection = path[len(PREFIX):].partition("/")
    found = lists(state, region, collection)
    if found is None:
        return 404, f"Location {region} is not found"
    if not set(query) <= {"pageSize", "pageToken"} or \
            not 0 < int(query["pageSize"]) <= 1000:
        return 400, "an unknown parameter"
    # Pages of two, whatever was asked for: Google may do that.
    size = 2 if collection != "builds" else int(query["pageSize"])
    begin = 0
    if "pageToken" in query:
        begin = int(base64.b64decode(query["pageToken"]))
    page = {collection: found[begin:begin + size]}
    at = begin if state["infra"] == "loop" else begin + size
    if at < len(found) or state["infra"] in ("loop", "many"):
        page["nextPageToken"] = base64.b64encode(str(at).encode()).decode()
    if state["infra"] == "part":
        page["unreachable"] = ["projects/demo/locations/us-east1"]
    return page
