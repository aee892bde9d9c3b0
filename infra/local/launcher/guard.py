"""Only this machine's own programs and the review site may talk to the emulator.

ministack answers every web page: it allows any origin and any method, and takes no notice of the host name a
request was sent to. A page that somebody happens to open could so read all videos, or create a function and
thereby run a program on this machine. Programs send no Origin, and the review site's origin is the emulator's
own. The API answers for itself: its CORS headers are the API function's.
"""

import os
from urllib.parse import urlsplit

LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
API_PATH = "/_aws/execute-api/"


def _header(scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope.get("headers", []) if key.lower() == name), "")


def is_local_host(host: str) -> bool:
    """Whether a Host header names this machine. A rebound DNS name of a stranger does not."""
    name = urlsplit(f"//{host}").hostname or ""
    return name in LOCAL_NAMES or name.endswith(".localhost")


def guarded(app, own_origins):
    def without_cors(send, origin):
        async def send_own(message):
            if message["type"] == "http.response.start":
                headers = [(k, v) for k, v in message.get("headers", []) if not k.lower().startswith(b"access-control-")]
                if origin:
                    headers += [(b"access-control-allow-origin", origin.encode()), (b"vary", b"Origin")]
                message = {**message, "headers": headers}
            await send(message)

        return send_own

    async def refuse(send, sentence: str):
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": sentence.encode()})

    async def entry(scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        origin = _header(scope, b"origin")
        if not is_local_host(_header(scope, b"host")) or (scope["type"] == "websocket" and origin):
            if scope["type"] == "http":
                await refuse(send, "The local fabric answers only to this machine's own names.")
            else:
                await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "websocket" or scope["path"].startswith(API_PATH):
            await app(scope, receive, send)
        elif origin and origin not in own_origins:
            await refuse(send, "The local fabric does not answer pages of other sites.")
        else:
            await app(scope, receive, without_cors(send, origin))

    return entry


def install() -> None:
    from ministack import app

    port = os.environ.get("GATEWAY_PORT", "4566")
    app.app = guarded(app.app, {f"http://127.0.0.1:{port}", f"http://localhost:{port}"})
