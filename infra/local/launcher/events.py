"""Upload events name the object's version, as S3's do.

ministack leaves `version-id` out of the events it hands to EventBridge. Two files of one name were so the same
upload, and the first one's pipeline read the second one's bytes.
"""

import json
from contextvars import ContextVar

_version: ContextVar[str | None] = ContextVar("version", default=None)


def install() -> None:
    from ministack.services import eventbridge, s3

    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire_with_version(*args, version_id=None, **kwargs):
        token = _version.set(version_id)
        try:
            fire(*args, version_id=version_id, **kwargs)
        finally:
            _version.reset(token)

    def dispatch_with_version(event, *args, **kwargs):
        version = _version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *args, **kwargs)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version
