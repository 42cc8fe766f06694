"""What every answer of the web server says to the browser: run our own code, ask nobody else, be shown in no frame."""

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any

_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def policy(page: bytes) -> str:
    """The content security policy for a page: scripts are the server's own files and those inside the page itself.

    Parameters
    ----------
    page
        The HTML every visit begins with; its inline scripts are allowed by their digest, and no others.
    """
    inline = [f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in _INLINE.findall(page)]
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval'", *inline)),
            # Styles are set by the components themselves, and charts are drawn as data.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def headers() -> tuple[tuple[bytes, bytes], ...]:
    """What every answer carries, besides what the answer itself does."""
    import streamlit

    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    return (
        (b"content-security-policy", policy(page).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )


Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Headers:
    """ASGI middleware that adds the headers to every answer."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._headers = headers()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, and the answer back with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in self._headers}
                kept = [header for header in message.get("headers", []) if header[0].lower() not in ours]
                message["headers"] = [*kept, *self._headers]
            await send(message)

        await self._app(scope, receive, with_headers)
