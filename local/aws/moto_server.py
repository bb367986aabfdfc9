"""Serves moto on 127.0.0.1 and keeps what it was told.

moto holds everything in memory. Here each request that changes something is appended to a journal once
it has succeeded, with the randomness and the time that it had; a new start carries the journal out again
before it listens. So buckets, objects, version ids, key ids and dates are the same after a kill.

    python moto_server.py --port PORT --journal FILE
"""

import argparse
import io
import json
import os
import re
import sys
import threading
import time
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from urllib.parse import parse_qs

import moto.core.utils
from moto.moto_api._internal import mock_random


class Moment:
    """The randomness and the time of the request that is being carried out."""

    def __init__(self):
        self.seed = 0
        self.at = 0.0

    def begin(self, seed, at):
        self.seed, self.at = seed, at
        mock_random.seed(seed)

    def now(self, tz=None):
        return datetime.fromtimestamp(self.at, tz)

    def utcnow(self):
        return datetime.fromtimestamp(self.at, timezone.utc).replace(tzinfo=None)


moment = Moment()
true_urandom = os.urandom


class Datetime(datetime):
    @classmethod
    def now(cls, tz=None):
        return moment.now(tz)

    @classmethod
    def utcnow(cls):
        return moment.utcnow()


class DatetimeModule:
    """The module `datetime`, with the time of the request."""

    def __getattr__(self, name):
        return Datetime if name == "datetime" else getattr(sys.modules["datetime"], name)


# Key material and upload ids come from here. It protects nothing: this serves one machine's tests.
os.urandom = mock_random.randbytes
# Before anything imports it by name.
moto.core.utils.utcnow = moment.utcnow

import moto.s3.models  # noqa: E402
import moto_corrections  # noqa: E402
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY  # noqa: E402
from moto.iam.access_control import PermissionResult  # noqa: E402
from moto.s3.models import FakeBucket  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

moto.s3.models.datetime = DatetimeModule()
moto_corrections.correct()


class Requested:
    """What bucket policies ask of the request that is being carried out."""

    def __init__(self):
        self.headers = {}
        self.method = ""
        self.query = {}

    def begin(self, environ):
        self.method = environ["REQUEST_METHOD"]
        self.query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        self.headers = {
            key[len("HTTP_") :].replace("_", "-").lower(): value
            for key, value in environ.items()
            if key.startswith("HTTP_") and isinstance(value, str)
        }

    def action(self, action):
        """Putting an upload together is a PutObject, which moto asks for by its method."""
        return "s3:PutObject" if action == "s3:PostObject" else action

    def value(self, key):
        """None where the request has no such value."""
        # Nothing leaves this machine: a request over the loopback interface counts as one over TLS.
        if key == "aws:SecureTransport":
            return "true"
        if key == "s3:TlsVersion":
            return "1.3"
        if key == "s3:ObjectCreationOperation":
            other = {"uploads", "partNumber", "retention", "legal-hold", "tagging", "acl"}
            return "false" if other & self.query.keys() else "true"
        return self.headers.get(key.removeprefix("s3:"))


requested = Requested()


def holds(operator, key, wanted):
    """Whether a condition of a policy holds, for the operators that this project's policies use."""
    wanted = wanted if isinstance(wanted, list) else [wanted]
    value = requested.value(key)
    if operator == "Null":
        return (value is None) == (wanted[0] == "true")
    if operator == "StringNotEquals":
        return value not in wanted
    if value is None:
        return False
    if operator in ("Bool", "StringEquals"):
        return value in wanted
    if operator == "NumericLessThan":
        return float(value) < float(wanted[0])
    raise NotImplementedError(f"the condition operator {operator} of a bucket policy")


def concerns(patterns, value):
    patterns = patterns if isinstance(patterns, list) else [patterns]
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def get_permission(self, action, resource):
    """Of bucket policies, what they deny and to whom it applies by conditions, which moto takes as always met."""
    if self.policy is None:
        return PermissionResult.NEUTRAL
    for statement in json.loads(self.policy)["Statement"]:
        if (
            statement["Effect"] == "Deny"
            and concerns(statement["Action"], requested.action(action))
            and concerns(statement["Resource"], resource)
            and all(
                holds(operator, key, wanted)
                for operator, keys in statement.get("Condition", {}).items()
                for key, wanted in keys.items()
            )
        ):
            return PermissionResult.DENIED
    return PermissionResult.NEUTRAL


FakeBucket.get_permission = get_permission

READING = re.compile(r"(Batch)?(Describe|Get|List|Encrypt|Decrypt|Generate|ReEncrypt|Sign|Verify)")


def changes_something(environ, body):
    """S3 changes by method; the others always POST, and name what they want."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return False
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    action = re.search(rb"(?:^|&)Action=(\w+)", body[:10_000])
    name = target or (action.group(1).decode() if action else "")
    return not READING.match(name)


class Journal:
    """Records of a line of JSON and, as long as it says, the body of a request."""

    def __init__(self, path):
        self.path = path
        self.file = None

    def records(self):
        """Every whole record. What a kill left of one at the end is cut off."""
        if not os.path.exists(self.path):
            return
        with open(self.path, "r+b") as file:
            whole = 0
            while True:
                try:
                    record = json.loads(file.readline())
                    body = file.read(record["length"])
                except ValueError:
                    break
                if len(body) < record["length"]:
                    break
                whole = file.tell()
                yield record, body
            file.truncate(whole)

    def append(self, record, body):
        if self.file is None:
            self.file = open(self.path, "ab", buffering=0, opener=private)
        line = json.dumps({**record, "length": len(body)}) + "\n"
        self.file.write(line.encode() + body)


def private(path, flags):
    return os.open(path, flags, 0o600)


class KeptApplication:
    """moto, one request after the other, each with a randomness and a time of its own."""

    def __init__(self, application, journal):
        self.application = application
        self.journal = journal
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        body = body_of(environ)
        record = {
            "seed": int.from_bytes(true_urandom(16), "big"),
            "at": time.time(),
            "environ": kept(environ),
        }
        answered = []

        def answer(status, headers, exc_info=None):
            answered.append(status)
            return start_response(status, headers, exc_info)

        with self.lock:
            moment.begin(record["seed"], record["at"])
            requested.begin(environ)
            response = self.application(with_body(environ, body), answer)
            if answered[0] < "4" and changes_something(environ, body):
                self.journal.append(record, body)
        return response

    def replay(self):
        count = 0
        for record, body in self.journal.records():
            moment.begin(record["seed"], record["at"])
            requested.begin(record["environ"])
            environ = {
                **record["environ"],
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
            list(self.application(with_body(environ, body), lambda *_: None))
            count += 1
        return count


def kept(environ):
    return {
        key: value
        for key, value in environ.items()
        if isinstance(value, str) or key == PRESERVED_HEADER_NAMES_ENVIRON_KEY
    }


def body_of(environ):
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return stream.read()
    return stream.read(int(environ.get("CONTENT_LENGTH") or 0))


def with_body(environ, body):
    return {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


class RequestHandler(MotoRequestHandler):
    """Logs what was refused, and not every request."""

    def log_request(self, code="-", size="-"):
        if str(code) >= "4":
            super().log_request(code, size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--journal", required=True)
    arguments = parser.parse_args()
    application = KeptApplication(
        DomainDispatcherApplication(create_backend_app), Journal(arguments.journal)
    )
    begun = time.monotonic()
    count = application.replay()
    print(f"replayed {count} requests in {time.monotonic() - begun:.2f} s", flush=True)
    make_server(
        "127.0.0.1",
        arguments.port,
        application,
        threaded=True,
        request_handler=RequestHandler,
    ).serve_forever()


if __name__ == "__main__":
    main()
