"""Cloud Logging for gcpserver.py: entries:list, as strict as Google.

GET /log/add?... puts entries in: n, from (seconds before now), to (the same),
text or json (the payload), severity, service, id (insertId of the first).
GET /log/clear empties it. GET /set?logs=... chooses what it does next: good,
or a fault of FAULTS, half, loop, hollow (pages without entries), silent,
big (more than 300 entries are too many bytes), short (429 from page 2 on);
skew: seconds by which Google's clock is ahead. GET /log/asked says how many
questions there were and with which filter the last one came.
"""
import base64
import email.utils
import json
import re
import time

FIELDS = {"resourceNames", "filter", "orderBy", "pageSize", "pageToken"}
RANKS = ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL",
         "ALERT", "EMERGENCY"]


class Logs:
    def __init__(self):
        self.entries = []
        self.asked = 0
        self.filter = ""
        self.skew = 0.0
        self.serial = 0

    def now(self):
        return time.time() + self.skew

    def date(self):
        return email.utils.formatdate(self.now(), usegmt=True)

    def stamp(self, seconds):
        whole = int(seconds)
        ns = int((seconds - whole) * 1e9)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + \
            ".%09dZ" % ns

    def add(self, query):
        count = int(query.get("n", 1))
        first, last = float(query.get("from", 1)), float(query.get("to", 0))
        for i in range(count):
            self.serial += 1
            ago = first + (last - first) * i / max(count - 1, 1)
            entry = {
                "logName": "projects/demo/logs/run.googleapis.com%2F"
                           + query.get("log", "stdout"),
                "resource": {"type": "cloud_run_revision", "labels": {
                    "project_id": "demo", "location": "europe-west1",
                    "service_name": query.get("service", "web"),
                    "revision_name": "web-00002"}},
                "timestamp": self.stamp(self.now() - ago),
                "insertId": query.get("id", "i%d" % self.serial),
                "labels": {"instanceId": "00f4"},
                "trace": "projects/demo/traces/t%d" % self.serial}
            entry["receiveTimestamp"] = entry["timestamp"]
            if "severity" in query:
                entry["severity"] = query["severity"]
            if "json" in query:
                entry["jsonPayload"] = json.loads(query["json"])
            elif "http" in query:
                entry["httpRequest"] = json.loads(query["http"])
            else:
                entry["textPayload"] = "%s %d" % (query.get("text", "line"),
                                                  self.serial)
            self.entries.append(entry)
        return {"count": len(self.entries)}

    def faults(self, body):
        checks = {
            "unknown field": set(body) <= FIELDS,
            "resourceNames": body.get("resourceNames") == ["projects/demo"],
            "orderBy": body.get("orderBy") == "timestamp desc",
            "pageSize": 0 < body.get("pageSize", 0) <= 1000,
            "filter": body.get("filter", "").startswith('timestamp>="'),
        }
        return ", ".join(name for name, good in checks.items() if not good)

    def matching(self, words):
        """Of a filter the bounds alone: what else is in it, Google tests."""
        since = re.match(r'timestamp>="([^"]*)"', words).group(1)
        floor = re.search(r"\(severity>=([A-Z]+)", words)
        found = [e for e in self.entries if e["timestamp"] >= since]
        if floor:
            least = RANKS.index(floor.group(1))
            found = [e for e in found
                     if RANKS.index(e.get("severity", "DEFAULT")) >= least
                     or "rare" in json.dumps(e)]
        return sorted(found, key=lambda e: (e["timestamp"], e["insertId"]),
                      reverse=True)

    def token(self, at):
        return base64.b64encode(json.dumps(
            {"filter": self.filter, "at": at}).encode()).decode()

    def answer(self, body, mode):
        """A page; or a text: what is wrong with the question."""
        wrong = self.faults(body)
        if wrong:
            return wrong
        self.filter = body["filter"]
        found, size = self.matching(body["filter"]), body["pageSize"]
        begin = 0
        if "pageToken" in body:
            token = json.loads(base64.b64decode(body["pageToken"]))
            if token["filter"] != body["filter"]:
                return "the page token belongs to another question"
            begin = token["at"]
        elif mode == "hollow":
            return {"nextPageToken": self.token(0)}
        page, end = {}, begin + size
        if found[begin:end]:
            page["entries"] = found[begin:end]
        if mode == "loop":
            page["nextPageToken"] = self.token(begin)
        elif end < len(found):
            page["nextPageToken"] = self.token(end)
        return page
