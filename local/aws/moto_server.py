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
from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

moto.s3.models.datetime = DatetimeModule()

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
            response = self.application(with_body(environ, body), answer)
            if answered[0] < "4" and changes_something(environ, body):
                self.journal.append(record, body)
        return response

    def replay(self):
        count = 0
        for record, body in self.journal.records():
            moment.begin(record["seed"], record["at"])
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
