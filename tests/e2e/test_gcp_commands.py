#!/usr/bin/python3
"""The configured commands of the Google Cloud platforms, with programs in the
PATH that only write down how they were called: each makes exactly the words
that are meant, says before what it will change, is read back where that can
be done, and has no secret among its words.

With SEV_GCLOUD=1 the real gcloud, without an account, is asked as well
whether it understands the words."""
import json
import os
import re
import shlex
import subprocess
import sys

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import TOP, Scratch  # noqa: E402

# Writes down its words and its input; answers as the file "replies" says:
# [pattern, lines before, lines after what the file "sent" matches, status].
STUB = r"""#!/usr/bin/python3
import json, os, re, sys
home = os.environ["STUBS"]
words = [os.path.basename(sys.argv[0])] + sys.argv[1:]
line = " ".join(words)
with open(home + "/replies") as f:
    replies = json.load(f)
sent = os.path.exists(home + "/sent")
with open(home + "/calls", "a") as f:
    f.write(json.dumps({"words": words, "input": sys.stdin.read()}) + "\n")
if re.search(replies["sends"], line):
    open(home + "/sent", "w").close()
for pattern, before, after, status in replies["answers"]:
    if re.search(pattern, line):
        print(after if sent else before)
        sys.exit(0 if sent else status)
"""
TOOLS = ("gcloud", "git", "node", "npm", "bash", "tell")
RANDOM = "c2VjcmV0LW9mLXJhbmRvbS1ieXRlcw=="
NEW = {"REDIS_EXPORTS": "gs://b-exports/redis", "NOTIFY": "tell",
       "NEW_ANTHROPIC_API_KEY": "sk-ant-new-key-0123456789",
       "API_TOKEN": "api-token-0123456789"}

V = "--project=vistralai"
V_AT = "--region=us-central1 " + V
F = "--project=fluxori-staging"
F_AT = "--region=africa-south1 " + F
STORE, KEPT = "gs://fluxori-staging-storage", "gs://fluxori-staging-backup"

# platform, action: its arguments, its class, and the words that it sends.
WANTED = {
    "vistralai": {
        "audit_log": ({"method": "storage.buckets.create"}, "look",
                      "gcloud logging read "
                      "'protoPayload.methodName=\"storage.buckets.create\"' "
                      "--freshness=7d --limit=50 '--format=table(timestamp."
                      "date(),protoPayload.authenticationInfo.principalEmail,"
                      "protoPayload.resourceName)' " + V),
        "build_log": ({"build": "b-17"}, "look", "gcloud builds log b-17 " + V),
        "roles": ({}, "look",
                  "gcloud projects get-iam-policy vistralai "
                  "'--flatten=bindings[].members' "
                  "'--format=table(bindings.role,bindings.members)'"),
        "firecrawl_callers": (
            {}, "look",
            "gcloud run services get-iam-policy firecrawl-service "
            "'--flatten=bindings[].members' "
            "'--format=table(bindings.role,bindings.members)' " + V_AT),
        "redis_exports": ({}, "look", "gcloud storage ls --long "
                          "gs://b-exports/redis/ " + V),
        "secret_versions": (
            {"secret": "nextauth-secret"}, "look",
            "gcloud secrets versions list nextauth-secret --limit=10 "
            "'--format=table(name.basename():label=VERSION,state,createTime)' "
            + V),
        "redis_export": (
            {"name": "1126"}, "reversible",
            "gcloud redis instances export gs://b-exports/redis/1126.rdb "
            "vistralai-redis --quiet " + V_AT),
        "redis_import": (
            {"@": "vistralai-redis", "export": "gs://b-exports/redis/a.rdb"},
            "destructive",
            "gcloud redis instances import gs://b-exports/redis/a.rdb "
            "vistralai-redis --quiet " + V_AT),
        "redis_failover": (
            {"@": "vistralai-redis"}, "disruptive",
            "gcloud redis instances failover vistralai-redis "
            "--data-protection-mode=limited-data-loss --quiet " + V_AT),
        "backup_job": ({}, "reversible",
                       "gcloud scheduler jobs run redis-backup --quiet "
                       "--location=us-central1 " + V),
        "restart": ({"revision": "vistralai-00012-abc"}, "disruptive",
                    "gcloud run deploy vistralai "
                    "--image=gcr.io/v/v@sha256:4711 --quiet " + V_AT),
        "redeploy_firecrawl": (
            {}, "disruptive", "gcloud builds submit . "
            "--config=cloudbuild-firecrawl.yaml --quiet " + V),
        "redeploy": ({}, "disruptive", "gcloud builds submit . "
                     "--config=cloudbuild.yaml --quiet " + V),
        "intake": ({}, "disruptive", "gcloud run services update vistralai "
                   "--ingress=internal --quiet " + V_AT),
        "rotate_session_secret": (
            {}, "disruptive", "gcloud secrets versions add nextauth-secret "
            "--data-file=- --quiet " + V),
        "rotate_claude_key": (
            {}, "reversible", "gcloud secrets versions add anthropic-api-key "
            "--data-file=- --quiet " + V),
        "remove_role": (
            {"member": "user:a@b.example"}, "reversible",
            "gcloud projects remove-iam-policy-binding vistralai "
            "--member=user:a@b.example --role=roles/editor --condition=None "
            "--quiet"),
        "grant_role": (
            {"member": "user:a@b.example", "role": "roles/viewer"},
            "disruptive",
            "gcloud projects add-iam-policy-binding vistralai "
            "--member=user:a@b.example --role=roles/viewer --condition=None "
            "--quiet"),
        "notify": ({"text": "We are back; $(id)"}, "reversible",
                   "tell 'We are back; $(id)'"),
    },
    "fluxori": {
        "indexes": ({}, "look",
                    "gcloud firestore indexes composite list '--format=table("
                    "name.basename():label=INDEX,state,fields[].fieldPath."
                    "list():label=FIELDS)' " + F),
        "operations": ({}, "look",
                       "gcloud firestore operations list --limit=20 "
                       "'--format=table(name.basename(),done,metadata."
                       "operationState,metadata.startTime,metadata."
                       "progressDocuments.completedWork)' " + F),
        "firestore_backups": ({}, "look", "gcloud storage ls --long %s/"
                              "firestore/ %s" % (KEPT, F)),
        "storage_backups": ({}, "look", "gcloud storage ls --long %s/storage/"
                            " %s" % (KEPT, F)),
        "bucket_roles": (
            {}, "look", "gcloud storage buckets get-iam-policy %s "
            "'--flatten=bindings[].members' "
            "'--format=table(bindings.role,bindings.members)' %s" %
            (STORE, F)),
        "bucket_cors": ({}, "look", "gcloud storage buckets describe %s "
                        "'--format=yaml(cors_config)' %s" % (STORE, F)),
        "file_access": ({"path": "a b.png"}, "look",
                        "gcloud storage objects describe '%s/a b.png' "
                        "'--format=yaml(acl)' %s" % (STORE, F)),
        "file": ({"path": "a.png"}, "look",
                 "gcloud storage ls --long %s/a.png %s" % (STORE, F)),
        "jwt_secret": (
            {}, "look", "gcloud secrets versions list jwt-secret --limit=10 "
            "'--format=table(name.basename():label=VERSION,state,createTime)' "
            + F),
        "dns": ({}, "look", "gcloud dns record-sets describe "
                "api.staging.fluxori.com. --zone=fluxori-zone --type=A "
                "'--format=table(name,ttl,rrdatas.list())' " + F),
        "user": ({"email": "a@b.example"}, "look",
                 "node scripts/admin/check-user.js --email=a@b.example " + F),
        "verify_backup": ({"date": "2026-11-25"}, "look",
                          "node scripts/backup/verify-backup.js "
                          "--backup-date=2026-11-25 " + F),
        "test_cdn": ({}, "reversible", "npm run test:cdn"),
        "test_api": ({}, "reversible", "npm run test:api"),
        "firestore_export": ({"name": "1126"}, "reversible",
                             "gcloud firestore export %s/firestore/1126 "
                             "--quiet %s" % (KEPT, F)),
        "firestore_export_some": (
            {"name": "1126", "collections": "users,orders"}, "reversible",
            "gcloud firestore export %s/firestore/1126 "
            "--collection-ids=users,orders --quiet %s" % (KEPT, F)),
        "storage_backup": ({"date": "2026-11-26"}, "reversible",
                           "gcloud storage rsync --recursive %s "
                           "%s/storage/2026-11-26 %s" % (STORE, KEPT, F)),
        "backup": ({}, "reversible",
                   "bash scripts/backup/gcp-backup-recovery.sh --mode=backup "
                   + F),
        "firestore_import": (
            {"export": KEPT + "/firestore/1125"}, "destructive",
            "gcloud firestore import %s/firestore/1125 --quiet %s" %
            (KEPT, F)),
        "firestore_import_some": (
            {"export": KEPT + "/firestore/1125", "collections": "users"},
            "destructive",
            "gcloud firestore import %s/firestore/1125 "
            "--collection-ids=users --quiet %s" % (KEPT, F)),
        "storage_restore": ({"date": "2026-11-25"}, "destructive",
                            "gcloud storage rsync --recursive "
                            "%s/storage/2026-11-25 %s %s" % (KEPT, STORE, F)),
        "files_restore": (
            {"date": "2026-11-25", "path": "images"}, "destructive",
            "gcloud storage cp --recursive "
            "'%s/storage/2026-11-25/images/*' %s/images/ %s" %
            (KEPT, STORE, F)),
        "restore": ({"date": "2026-11-25"}, "destructive",
                    "bash scripts/backup/gcp-backup-recovery.sh "
                    "--mode=restore %s --backup-date=2026-11-25" % F),
        "recover": ({"date": "2026-11-25"}, "destructive",
                    "bash scripts/backup/gcp-backup-recovery.sh "
                    "--mode=recover --backup-date=2026-11-25 " + F),
        "shift_region": (
            {}, "disruptive", "gcloud compute url-maps set-default-service "
            "fluxori-url-map --default-service=fluxori-backend-europe-west4 "
            "--global --quiet " + F),
        "dns_failover": (
            {"address": "192.0.2.7"}, "disruptive",
            "gcloud dns record-sets update api.staging.fluxori.com. "
            "--zone=fluxori-zone --type=A --ttl=300 --rrdatas=192.0.2.7 " +
            F),
        "create_index": (
            {"collection": "orders", "first": "createdAt",
             "second": "status"}, "reversible",
            "gcloud firestore indexes composite create "
            "--collection-group=orders "
            "--field-config=field-path=createdAt,order=descending "
            "--field-config=field-path=status,order=ascending --async "
            "--quiet " + F),
        "set_cors": ({"file": "/tmp/cors.json"}, "reversible",
                     "gcloud storage buckets update %s "
                     "--cors-file=/tmp/cors.json %s" % (STORE, F)),
        "publish_file": ({"path": "a.png"}, "disruptive",
                         "gcloud storage objects update %s/a.png "
                         "--add-acl-grant=entity=allUsers,role=READER %s" %
                         (STORE, F)),
        "unpublish_file": ({"path": "a.png"}, "disruptive",
                           "gcloud storage objects update %s/a.png "
                           "--remove-acl-grant=allUsers %s" % (STORE, F)),
        "rotate_jwt_secret": (
            {}, "disruptive", "gcloud secrets versions add jwt-secret "
            "--data-file=- --quiet " + F),
        "new_revision": ({"suffix": "jwt-1126"}, "disruptive",
                         "gcloud run services update fluxori-backend "
                         "--no-traffic --revision-suffix=jwt-1126 --quiet " +
                         F_AT),
        "revoke_key": ({"key": "k-1"}, "disruptive",
                       "node scripts/admin/revoke-api-key.js --keyId=k-1 " +
                       F),
    },
}

# Of each command that reads: what there is before, and after the deed.
ANSWERS = [
    [r"builds list", "b-18\nb-17", "", 0],
    [r"^git log", "4711abc 2026-11-26 Mend the crawl", "", 0],
    [r"storage ls \S*/redis/1126.rdb", "", "gs://b-exports/redis/1126.rdb",
     1],
    [r"storage ls \S*/redis/\*.rdb", "gs://b-exports/redis/a.rdb", "", 0],
    [r"storage ls \S*/firestore/1126/", "",
     KEPT + "/firestore/1126/1126.overall_export_metadata", 1],
    [r"storage ls \S*/firestore/ ", KEPT + "/firestore/1125/", "", 0],
    [r"storage ls|rsync .*--dry-run", "  12  2026-11-25  gs://a/b",
     "  12  2026-11-26  gs://a/b", 0],
    [r"value\(state\)", "READY", "READY", 0],
    [r"value\(tier\)", "STANDARD_HA", "STANDARD_HA", 0],
    [r"value\(status.imageDigest\)", "gcr.io/v/v@sha256:4711", "", 0],
    [r"\['run.googleapis.com/ingress'\]", "all", "internal", 0],
    [r"versions describe latest", "3", "4", 0],
    [r"get-iam-policy.*--filter=.*roles/editor.*json",
     '[{"bindings": {"role": "roles/editor"}}]', "[]", 0],
    [r"get-iam-policy.*--filter=.*roles/viewer.*json", "[]",
     '[{"bindings": {"role": "roles/viewer"}}]', 0],
    [r"cors_config", '{"cors_config": []}', "", 0],
    [r"url-maps describe", "fluxori-backend", "fluxori-backend-europe-west4",
     0],
    [r"record-sets describe.*value", "192.0.2.1", "192.0.2.7", 0],
    [r"revisions describe fluxori", "", "fluxori-backend-jwt-1126", 1],
]


class Stubs:
    """Programs in the PATH that only write down how they were called."""

    def __init__(self, scratch):
        self.scratch = scratch
        for tool in TOOLS:
            os.chmod(scratch.file("bin/" + tool, STUB), 0o755)
        # It runs as what fetches secrets: without variables of ours.
        os.chmod(scratch.file("bin/openssl", "#!/bin/sh\n[ $1 = rand ] && "
                              "echo " + RANDOM), 0o755)
        os.makedirs(scratch.file("scripts/performance-tests"), exist_ok=True)

    def begin(self, sends):
        for name in ("calls", "sent"):
            if os.path.exists(self.scratch.file(name)):
                os.remove(self.scratch.file(name))
        self.scratch.file("replies", json.dumps(
            {"sends": sends, "answers": ANSWERS}))

    def calls(self):
        try:
            with open(self.scratch.file("calls")) as f:
                return [json.loads(line) for line in f]
        except FileNotFoundError:
            return []

    def env(self):
        return self.scratch.env(
            STUBS=self.scratch.path, VISTRALAI_DIR=self.scratch.path,
            FLUXORI_DIR=self.scratch.path,
            GOOGLE_APPLICATION_CREDENTIALS="/nowhere.json",
            PATH=self.scratch.file("bin") + ":/usr/bin:/bin", **NEW)


def profile(platform):
    return os.path.join(TOP, "profiles", platform + ".yaml")


def actions_of(platform):
    with open(profile(platform)) as f:
        return yaml.safe_load(f)["actions"]


def act(stubs, platform, action, values, *words):
    """Exit status, the plan's JSON, and all that was printed."""
    said = []
    for key, value in values.items():
        said += ["--target", value] if key == "@" else \
            ["--set", "%s=%s" % (key, value)]
    done = stubs.scratch.run(
        "act", "-c", profile(platform), "--env", "staging", action, "-o",
        "json", "--timeout", "20", *said, *words, env=stubs.env())
    out = json.loads(done.stdout) if done.stdout.strip() else {}
    return done.returncode, out, done.stdout + done.stderr


def test_table():
    for platform, wanted in WANTED.items():
        there = {name for name, is_ in actions_of(platform).items()
                 if is_["type"] == "command"}
        tap.check(there == set(wanted), "%s: every command is looked at" %
                  platform, there ^ set(wanted))


def check_plan(stubs, platform, action):
    values, class_, words = WANTED[platform][action]
    is_ = actions_of(platform)[action]
    stubs.begin(r"^no such thing$")
    code, out, text = act(stubs, platform, action, values,
                          *(() if class_ == "look" else ("--plan",)))
    if class_ == "look":  # what only looks is done without a question
        sent = [shlex.join(c["words"]) for c in stubs.calls()]
        tap.check(code == 0 and sent[-1:] == [words],
                  "%s %s" % (platform, action), text + str(sent))
        return words
    plan = out.get("plan", {})
    tap.check(code == 0 and plan.get("sends") == [words],
              "%s %s" % (platform, action), text)
    tap.check(plan.get("class") == class_, "%s: %s" % (action, class_), text)
    tap.check(not any(c["words"] == shlex.split(words)
                      for c in stubs.calls()), "%s: not done yet" % action)
    secrets = [s for s in NEW.values() if s.startswith(("sk-", "api-"))]
    tap.check(not any(s in text for s in secrets + [RANDOM]),
              "%s: no secret in its plan" % action, text)
    tap.check(bool(is_.get("reads") or is_.get("verify") or
                   is_.get("preview")) or any(
                       "nothing reads it back" in t for t in plan["traps"]),
              "%s: read back, or says that it is not" % action, text)
    if "preview" in is_:
        tap.check(plan.get("samples"), "%s: shows what it touches" % action,
                  text)
    return words


def test_plans():
    all_ = []
    with Scratch() as s:
        stubs = Stubs(s)
        for platform, wanted in WANTED.items():
            for action in wanted:
                all_.append(check_plan(stubs, platform, action))
                all_ += [shlex.join(c["words"]) for c in stubs.calls()]
    quiet = [w for w in all_ if re.match(
        r"gcloud (run|redis|secrets|firestore|compute|builds|scheduler|"
        r"projects)", w) and re.search(
            r" (update|deploy|add|export|import|failover|submit|create|run|"
            r"set-default-service|\w+-iam-policy-binding) ", w.replace(
                "gcloud run", "gcloud", 1)) and "--quiet" not in w]
    tap.check(not quiet, "none waits for an answer on a terminal", quiet)
    check_gcloud(all_)


def check_gcloud(lines):
    """Status 2 of gcloud: it does not know the words."""
    if not os.environ.get("SEV_GCLOUD"):
        tap.skip("SEV_GCLOUD=1 asks the real gcloud")
        return
    with Scratch() as s:
        closed = {"CLOUDSDK_API_ENDPOINT_OVERRIDES_" + api:
                  "http://127.0.0.1:9/" for api in (
                      "RUN", "LOGGING", "REDIS", "CLOUDBUILD", "DNS",
                      "SECRETMANAGER", "FIRESTORE", "COMPUTE", "STORAGE",
                      "CLOUDRESOURCEMANAGER", "CLOUDSCHEDULER")}
        env = dict(os.environ, CLOUDSDK_CONFIG=s.file("gcloud"),
                   CLOUDSDK_CORE_DISABLE_PROMPTS="1",
                   CLOUDSDK_CORE_DISABLE_USAGE_REPORTING="true",
                   GCE_METADATA_HOST="127.0.0.1:9", **closed)
        s.file("cloudbuild.yaml", "steps: [{name: x}]\n")
        s.file("cloudbuild-firecrawl.yaml", "steps: [{name: x}]\n")
        for line in sorted(set(lines)):
            if not line.startswith("gcloud "):
                continue
            done = subprocess.run(shlex.split(line), cwd=s.path, env=env,
                                  capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL)
            tap.check(done.returncode == 1 and "active account" in done.stderr,
                      "gcloud knows: " + line, done.stderr)


def check_done(stubs, platform, action, what, more=lambda out, calls: True):
    values, _, words = WANTED[platform][action]
    argv = shlex.split(words)
    stubs.begin("^" + re.escape(" ".join(argv)) + "$")
    code, out, text = act(stubs, platform, action, values, "--yes",
                          "--reason", "INC-7")
    done = [c for c in stubs.calls() if c["words"] == argv]
    tap.check(code == 0 and out.get("outcome") == "done" and len(done) == 1 and
              more(out, done[0]), "%s: %s" % (action, what),
              text + str(stubs.calls()))
    return text


def test_done():
    """Those whose effect can be read back, and the secrets."""
    with Scratch() as s:
        stubs = Stubs(s)
        undo = lambda key, value: lambda out, _: \
            out["plan"]["undo"]["set"] == {key: value}
        check_done(stubs, "vistralai", "redis_export", "is seen in the bucket")
        check_done(stubs, "vistralai", "redis_failover", "until it is ready")
        check_done(stubs, "vistralai", "redis_import", "until it is ready")
        check_done(stubs, "vistralai", "intake", "its undo opens it again",
                   undo("to", "all"))
        check_done(stubs, "vistralai", "remove_role", "and can be given again",
                   lambda out, _: out["plan"]["undo"]["action"] ==
                   "grant_role")
        check_done(stubs, "vistralai", "grant_role", "and is there then")
        check_done(stubs, "fluxori", "firestore_export", "is in the bucket")
        check_done(stubs, "fluxori", "shift_region", "its undo goes back",
                   undo("to", "fluxori-backend"))
        check_done(stubs, "fluxori", "dns_failover", "its undo goes back",
                   undo("address", "192.0.2.1"))
        check_done(stubs, "fluxori", "new_revision", "is there then")
        for platform, action, secret in (
                ("vistralai", "rotate_claude_key",
                 NEW["NEW_ANTHROPIC_API_KEY"]),
                ("vistralai", "rotate_session_secret",
                 RANDOM),
                ("fluxori", "rotate_jwt_secret", RANDOM)):
            text = check_done(stubs, platform, action,
                              "the secret comes by its standard input",
                              lambda _, call, s=secret: call["input"] == s)
            tap.check(secret not in text, "%s: and is not shown" % action,
                      text)


def test_refused():
    """What is there is not written over, and what is so is not done again."""
    with Scratch() as s:
        stubs = Stubs(s)
        for platform, action in (("vistralai", "redis_export"),
                                 ("fluxori", "firestore_export"),
                                 ("fluxori", "shift_region")):
            values, _, words = WANTED[platform][action]
            stubs.begin("^no such thing$")
            s.file("sent", "")
            code, out, text = act(stubs, platform, action, values, "--yes",
                                  "--reason", "INC-7")
            tap.check(out["plan"]["nothing"] and not any(
                c["words"] == shlex.split(words) for c in stubs.calls()),
                      "%s: it is so already" % action, text)
        stubs.begin("^no such thing$")
        code, _, text = act(stubs, "vistralai", "redis_import",
                            {"@": "vistralai-redis", "export": "gs://x/y"},
                            "--plan")
        tap.check(code == 3 and "gs://b-exports/redis/a.rdb" in text,
                  "an export that is not there is not restored", text)


if __name__ == "__main__":
    tap.run(test_table, test_plans, test_done, test_refused)
