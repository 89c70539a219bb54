"""Cloud Monitoring for tests/live/gcpserver.py: series and objectives.

What the state "series" says happens:

  good    every figure has points, the newest first, the oldest of another
          value
  none    nothing matches, as for a service without traffic
  night   the same, but the day before there was some
  part    CPU, memory, instances and network are refused
  quiet   the newest point of class 5xx is three minutes older than the others
  late    every point is six minutes old
  wrong   values, points and labels are of other types than Google's
  cut     the answer ends in the middle
  pages   two series on two pages, of the first the older half of the second

and "slos": good, none, spent, burning, nodata. It refuses what Google
refuses: a figure that was asked for in another way than it can be had.
"""
import datetime

RUN = "run.googleapis.com/"
REDIS = "redis.googleapis.com/"
# Metric: aligner, reducer, and the label that it may be split by.
KNOWN = {
    RUN + "request_count": ("RATE", "SUM", "response_code_class"),
    RUN + "request_latencies": ("DELTA", "SUM", None),
    RUN + "container/instance_count": ("MAX", "SUM", "state"),
    RUN + "container/cpu/utilizations": ("DELTA", "PERCENTILE_99", None),
    RUN + "container/memory/utilizations": ("DELTA", "PERCENTILE_99", None),
    RUN + "container/network/received_bytes_count": ("RATE", "SUM", None),
    RUN + "container/network/sent_bytes_count": ("RATE", "SUM", None),
    RUN + "container/startup_latencies": ("DELTA", "SUM", None),
    REDIS + "stats/memory/usage_ratio": ("MEAN", "MAX", None),
    REDIS + "clients/connected": ("MEAN", "SUM", None),
}
# Of 100 requests 50 below 40 ms, 95 below 250 ms, 99 below 900 ms.
SPREAD = {"count": "100", "mean": 120.0,
          "bucketOptions": {"explicitBuckets": {"bounds": [40, 250, 900]}},
          "bucketCounts": ["50", "45", "4", "1"]}
VALUES = {
    "request_count": {"2xx": 9.0, "5xx": 1.0},
    "request_latencies": {"": SPREAD},
    "startup_latencies": {"": SPREAD},
    "instance_count": {"active": "2", "idle": "1"},
    "received_bytes_count": {"": 2048.0},
    "sent_bytes_count": {"": 4096.0},
    "connected": {"": "12"},
}
OBJECTIVE = "projects/demo/services/web-id/serviceLevelObjectives/avail"


def faults_of(query):
    """What Google would refuse in a question for a metric; and its type."""
    asked = query["filter"][0]
    kind = asked.split('"')[1]
    if kind not in KNOWN:
        return ["metric " + kind], kind
    resource = "redis_instance" if kind.startswith(REDIS) \
        else "cloud_run_revision"
    subject = "instance_id" if kind.startswith(REDIS) else "service_name"
    aligner, reducer, split = KNOWN[kind]
    groups = query["aggregation.groupByFields"]
    checks = {
        "resource": 'resource.type="%s"' % resource in asked,
        "period": query["aggregation.alignmentPeriod"][0] in ("60s", "3600s"),
        "aligner": query["aggregation.perSeriesAligner"][0]
                   == "ALIGN_" + aligner,
        "reducer": query["aggregation.crossSeriesReducer"][0]
                   == "REDUCE_" + reducer,
        "end": query["interval.endTime"][0].endswith(":00.000Z"),
        "group": groups[0] == "resource.label." + subject,
        "split": split is None or "metric.label." + split in groups,
    }
    return [name for name, good in checks.items() if not good], kind


def before(stamp, minutes):
    when = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%fZ")
    when -= datetime.timedelta(minutes=minutes)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def point(value, end):
    key = "distributionValue" if isinstance(value, dict) else \
        "int64Value" if isinstance(value, str) else "doubleValue"
    return {"interval": {"startTime": before(end.replace("Z", ".000Z"), 1),
                         "endTime": end}, "value": {key: value}}


def series(kind, query, mode):
    end = query["interval.endTime"][0]
    names = VALUES.get(kind.split("/")[-1], {"": 0.5})
    split = KNOWN[kind][2]
    labels = {"instance_id": "projects/demo/locations/us/instances/cache"} \
        if kind.startswith(REDIS) else {"service_name": "web"}
    if "resource.label.location" in query["aggregation.groupByFields"]:
        labels["location"] = "europe-west1"
    result = []
    for name, value in names.items():
        late = 6 if mode == "late" else 4 if mode == "quiet" and \
            name == "5xx" else 1
        older = value if isinstance(value, (str, dict)) else 77.0
        result.append({
            "metric": {"type": kind, "labels": {split: name} if split else {}},
            "resource": {"type": "any", "labels": labels},
            "points": [point(value, before(end, late)),
                       point(older, before(end, late + 1))]})
    return result


def wrong(kind):
    return [{"metric": [], "resource": {"labels": "web"},
             "points": {"value": {"doubleValue": 1}}},
            {"metric": {"labels": {"response_code_class": 5}},
             "resource": {"labels": {"service_name": ["web"]}},
             "points": [{"interval": {"endTime": 5},
                         "value": {"doubleValue": 1}},
                        {"interval": {"endTime": "yesterday"},
                         "value": {"doubleValue": 1}},
                        {"interval": {"endTime": "2026-01-01T00:00:00Z"},
                         "value": {"doubleValue": "one", "int64Value": "x"}},
                        {"interval": {"endTime": "2026-01-01T00:00:00Z"},
                         "value": {"distributionValue": {
                             "bucketOptions": {"explicitBuckets": {
                                 "bounds": [5, 1]}},
                             "bucketCounts": ["1"]}}}]}, None, kind]


def give_points(query, state):
    """Status and answer."""
    asked = query["filter"][0]
    mode = state["series"]
    if asked.startswith("select_slo_"):
        return give_objective(asked, query, state["slos"])
    faults, kind = faults_of(query)
    if faults:
        return 400, {"error": {"code": 400, "status": "INVALID_ARGUMENT",
                               "message": ", ".join(faults)}}
    day = query["aggregation.alignmentPeriod"] == ["3600s"]
    if mode == "none" or (mode == "night" and not day):
        return 200, {"unit": "1"}
    if mode == "part" and kind.startswith(RUN + "container"):
        return 500, {"error": {"code": 500, "status": "INTERNAL",
                               "message": "broken"}}
    if mode == "wrong":
        return 200, {"timeSeries": wrong(kind)}
    if mode == "cut":
        return 200, b'{"timeSeries": [{"metric": {"labels": {}}, "points": ['
    found = series(kind, query, "late" if day else mode)
    if mode != "pages" or len(found) < 2:
        return 200, {"timeSeries": found}
    if "pageToken" not in query:
        older = dict(found[1], points=found[1]["points"][1:])
        return 200, {"timeSeries": [found[0], older], "nextPageToken": "p2"}
    return 200, {"timeSeries": [found[1]]}


def give_objective(asked, query, mode):
    if asked.split('"')[1] != OBJECTIVE or mode == "none":
        return 404, {"error": {"code": 404, "status": "NOT_FOUND",
                               "message": "no such objective"}}
    if mode == "nodata":
        return 200, {}
    burn = {"good": 0.5, "spent": 30.0, "burning": 14.4, "huge": 14.4}[mode]
    value = {"select_slo_compliance": 0.995,
             "select_slo_budget_fraction": {"spent": -0.2, "huge": 1e14}.get(
                 mode, 0.5),
             "select_slo_burn_rate": burn}[asked.split("(")[0]]
    if '"3600s"' not in asked and "burn_rate" in asked:
        value = 1.0
    end = query["interval.endTime"][0]
    return 200, {"timeSeries": [{"metric": {}, "resource": {}, "points": [
        point(value, before(end, 1))]}]}


def give_services(state):
    if state["slos"] == "none":
        return 200, {}
    return 200, {"services": [
        {"name": "projects/demo/services/web-id", "displayName": "the web",
         "basicService": {"serviceType": "CLOUD_RUN", "serviceLabels": {
             "service_name": "web", "location": "europe-west1"}}},
        {"name": "projects/demo/services/plain", "custom": {}}]}


def give_objectives(service):
    if service != "web-id":
        return 200, {}
    return 200, {"serviceLevelObjectives": [{
        "name": OBJECTIVE, "displayName": "availability", "goal": 0.99,
        "rollingPeriod": "86400s", "serviceLevelIndicator": {
            "basicSli": {"availability": {}}}}]}


def answer(path, query, state):
    """Status and answer of a question; None: it is none of these."""
    if path == "/v3/projects/demo/timeSeries":
        return give_points(query, state)
    if path == "/v3/projects/demo/services":
        return give_services(state)
    words = path.split("/")
    if path.startswith("/v3/projects/demo/services/") and \
            words[-1] == "serviceLevelObjectives":
        return give_objectives(words[-2])
    return None
