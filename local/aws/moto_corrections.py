"""What S3 does and moto 5.2.5 does not, as far as this project depends on it."""

import moto.backends
from moto.core.responses import ActionResult
from moto.s3.exceptions import InvalidBucketState, ReplicationConfigurationNotFoundError
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response


def put_object_lock_configuration(self, bucket_name, lock_enabled, mode=None, days=None, years=None):
    """S3 takes another default retention for a bucket that has objects; moto refuses it."""
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )
    if lock_enabled:
        bucket.object_lock_enabled = True
    bucket.default_lock_mode = mode
    bucket.default_lock_days = days
    bucket.default_lock_years = years


complete_without_lock = S3Backend.complete_multipart_upload


def complete_multipart_upload(self, bucket_name, multipart_id, body):
    """S3 locks an object that came in parts as it does any other; moto leaves it open."""
    key = complete_without_lock(self, bucket_name, multipart_id, body)
    bucket = self.get_bucket(bucket_name)
    if key is not None and bucket.object_lock_enabled and bucket.has_default_lock:
        key.lock_mode = bucket.default_lock_mode
        key.lock_until = bucket.default_retention()
    return key


def get_bucket_replication(self):
    """S3 answers with the rules as they were put; moto with some properties of each."""
    self.data["Action"] = "GetBucketReplication"
    kept = self.backend.get_bucket_replication(self.bucket_name)
    if not kept:
        raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
    rules = [
        {**rule, "Filter": {"Prefix": (rule.get("Filter") or {}).get("Prefix") or ""}}
        for rule in kept["Rule"]
    ]
    configuration = {"Role": kept["Role"], "Rules": rules}
    return self.serialized(ActionResult({"ReplicationConfiguration": configuration}))


# moto reads its own folder for it with each request, which takes a third of the request's time.
services = tuple(moto.backends.list_of_moto_modules())


def list_of_moto_modules():
    return services


def correct():
    moto.backends.list_of_moto_modules = list_of_moto_modules
    S3Backend.put_object_lock_configuration = put_object_lock_configuration
    S3Backend.complete_multipart_upload = complete_multipart_upload
    S3Response.get_bucket_replication = get_bucket_replication
