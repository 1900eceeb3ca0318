"""Make AWS calls with boto3, for tests that need a second opinion next to the program's own SDK.

Standard input is JSON: ``{"endpoint": URL, "calls": [{"service", "operation", "params", "pages",
"key", "secret", "token"}]}``. The answer is a list with one ``{"ok": RESPONSE}`` or
``{"error": {"code", "message", "status"}}`` a call. ``pages: true`` reads through boto3's paginator and merges the
pages. Nothing is retried, so one call is one request.
"""

import base64
import json
import sys

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
SESSION = botocore.session.get_session()


def client(endpoint, call, cache={}):
    """One client for each service and key."""
    identity = (call["service"], call["key"], call.get("token"))
    if identity not in cache:
        cache[identity] = SESSION.create_client(
            call["service"],
            region_name="us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id=call["key"],
            aws_secret_access_key=call["secret"],
            aws_session_token=call.get("token"),
            config=CONFIG,
        )
    return cache[identity]


def run(endpoint, call):
    """The outcome of one call."""
    try:
        service = client(endpoint, call)
        params = call.get("params") or {}
        if call.get("pages"):
            answer = service.get_paginator(call["operation"]).paginate(**params).build_full_result()
        else:
            answer = getattr(service, call["operation"])(**params)
            answer.pop("ResponseMetadata", None)
        return {"ok": answer}
    except ClientError as error:
        detail = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"error": {"code": detail.get("Code"), "message": detail.get("Message"), "status": status}}
    except (BotoCoreError, ResponseParserError) as error:  # the latter for moto's HTML where it lacks an operation
        return {"error": {"code": type(error).__name__, "message": str(error), "status": 0}}


def plain(value):
    """Bytes as base64, dates as text."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def main():
    """Read the calls, make them in order, print the answers."""
    request = json.load(sys.stdin)
    json.dump([run(request["endpoint"], call) for call in request["calls"]], sys.stdout, default=plain)


if __name__ == "__main__":
    main()
