"""Run one emulator until its parent goes away: ``serve.py moto`` or ``serve.py ministack``.

The first line on standard output is the port. Standard input is a leash: the parent keeps it open and never writes,
so its end means that the parent is gone, however it died, and the server leaves at once. No process can leak.

moto is the real thing with one addition, ``/harness/...``, for what its API cannot do (see ``harness_app``).
"""

import json
import os
import socket
import sys
import threading
from datetime import datetime


def hold_leash():
    """End this process, and with it every thread, when standard input ends."""

    def wait():
        while sys.stdin.buffer.read(4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def announce(port):
    """Tell the parent the port; everything printed later goes to standard error, which is the log."""
    print(port, flush=True)
    sys.stdout = sys.stderr


def parse_value(value):
    """A JSON value of ``/harness/edit`` as moto wants it: dates parsed, last use of a key as moto's own object."""
    from moto.iam.models import AccessKeyLastUsed

    if isinstance(value, dict) and "timestamp" in value:
        return AccessKeyLastUsed(parse_value(value["timestamp"]), value["service"], value["region"])
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=None)
        except ValueError:
            return value
    return value


def edit(changes):
    """Set attributes that IAM has no call for: ages of keys and users, last uses, ``AccountMFAEnabled``.

    A change is ``{"account": ID, "path": ["users", NAME], "set": {ATTRIBUTE: VALUE}}``; the path walks from the
    account's IAM backend through attributes and dictionaries.
    """
    from moto.iam.models import iam_backends

    for change in changes:
        target = iam_backends[change["account"]]["aws"]
        for step in change["path"]:
            target = target[step] if isinstance(target, dict) else getattr(target, step)
        for name, value in change["set"].items():
            if not hasattr(target, name):
                raise AttributeError(f"{change['path']} has no attribute {name}")
            setattr(target, name, parse_value(value))
    return {"changed": len(changes)}


def harness_app(app):
    """Wrap moto's WSGI application with ``/harness/seed`` and ``/harness/edit``; all else passes untouched."""
    import seed_org

    routes = {"/harness/seed": seed_org.seed, "/harness/edit": edit, "/harness/ping": lambda _: {}}

    def handle(environ, start_response):
        route = routes.get(environ.get("PATH_INFO", ""))
        if route is None:
            return app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            status, answer = "200 OK", route(json.loads(body or b"null"))
        except Exception as error:  # told to the Rust side, which fails the test with it
            status, answer = "500 Internal Server Error", {"error": repr(error)}
        data = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(data)))])
        return [data]

    return handle


def moto():
    """Serve moto on a port that the system chooses."""
    import logging

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line a request costs more than the request
    app = harness_app(DomainDispatcherApplication(create_backend_app))
    MotoRequestHandler.protocol_version = "HTTP/1.1"
    # Headers and body leave in two writes: without this each answer on a kept-open connection waits 40 ms.
    MotoRequestHandler.disable_nagle_algorithm = True
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    announce(server.server_port)
    server.serve_forever()


def ministack():
    """Serve ministack. It must know its port before it binds, so a free one is looked up a moment earlier."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ |= {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "SERVICES": "iam,sts,organizations,s3",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        "LOG_LEVEL": "WARNING",
    }
    announce(port)
    sys.argv = ["ministack"]
    from ministack.app import main

    main()


if __name__ == "__main__":
    hold_leash()
    {"moto": moto, "ministack": ministack}[sys.argv[1]]()
