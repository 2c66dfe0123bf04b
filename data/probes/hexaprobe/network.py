"""The network that is not there: requests are noted and answered with a canned page; names resolve to a table."""

from __future__ import annotations

import io
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from hexaprobe.files import content_for
from hexaprobe.world import world

PUBLIC = "93.184.216.34"
# A name of the outside that leads inside, as an attacker's own name server would say.
INSIDE_NAMES = {"localhost": "127.0.0.1", "inside.hexahost.example": "10.11.12.13"}
_real_urlopen: Any = None


def resolve(host: str) -> str:
    """The address of a name."""
    text = str(host).strip("[]").lower().rstrip(".")
    if text in INSIDE_NAMES:
        return INSIDE_NAMES[text]
    try:
        return socket.inet_ntoa(socket.inet_aton(text))
    except OSError:
        return text if ":" in text else PUBLIC


def note_request(url: Any, **fields: Any) -> bytes:
    """Notes a request and gives the body of its answer."""
    text = str(url)
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        host = ""
    world.note("net", url=text[:500], host=host, address=resolve(host) if host else "", **fields)
    path = text.split("?")[0].split("#")[0]
    body = content_for(path)
    return body if not body.startswith(b"hexabenign content") else b'{"name": "hexabenign", "id": 1}'


class _Response(io.BytesIO):
    """What urllib gives back."""

    def __init__(self, body: bytes, url: str) -> None:
        super().__init__(body)
        import email.message

        self.url = url
        self.status = self.code = 200
        self.reason = self.msg = "OK"
        self.headers = email.message.Message()
        self.headers["Content-Type"] = "application/json"
        self.headers["Content-Length"] = str(len(body))

    def info(self) -> Any:
        return self.headers

    def geturl(self) -> str:
        return self.url

    def getcode(self) -> int:
        return self.status

    def getheader(self, name: str, default: Any = None) -> Any:
        return self.headers.get(name, default)

    def getheaders(self) -> Any:
        return self.headers.items()


def _open_director(_self: Any, fullurl: Any, _data: Any = None, _timeout: Any = None) -> Any:
    from urllib.error import URLError

    url = fullurl if isinstance(fullurl, str) else fullurl.full_url
    if isinstance(fullurl, str) and "://" not in url:
        raise ValueError(f"unknown url type: {url!r}")
    if url.lower().startswith("file:"):
        from urllib.request import url2pathname

        try:
            with open(url2pathname(urlsplit(url).path), "rb") as file:
                body = file.read()
        except OSError as error:
            raise URLError(error) from error
        world.note("net", url=url[:500], host="", address="file")
        return _Response(body, url)
    return _Response(note_request(url), url)


class _HTTPConnection:
    """A connection that keeps what it is asked."""

    default_port = 80

    def __init__(self, host: str, port: Any = None, *_rest: Any, **_named: Any) -> None:
        self.host, self.port = host, port
        self.sock = None

    def request(self, _method: str, url: str, *_rest: Any, **_named: Any) -> None:
        port = f":{self.port}" if self.port else ""
        self.answer = _Response(note_request(url if "://" in url else f"http://{self.host}{port}{url}"), url)

    def getresponse(self) -> Any:
        return self.answer

    def connect(self) -> None:
        return

    def close(self) -> None:
        return

    def set_tunnel(self, *_rest: Any, **_named: Any) -> None:
        return


def _send(_self: Any, request: Any, *_rest: Any, **named: Any) -> Any:
    import requests

    response = requests.Response()
    response.status_code = 200
    response.reason = "OK"
    response.url = request.url
    response.request = request
    body = note_request(request.url, verify=named.get("verify", True) is not False)
    response.headers["Content-Type"] = "application/json" if body.startswith(b"{") else "text/html"
    response.raw = io.BytesIO(body)
    response._content = body
    return response


def _connect(address: Any, *_rest: Any, **_named: Any) -> Any:
    host = address[0] if isinstance(address, tuple) else str(address)
    world.note("net", url=f"tcp://{host}", host=str(host), address=resolve(str(host)))
    raise ConnectionRefusedError(111, "Connection refused")


def install() -> None:
    """Puts the recorder in place of every door to the network."""
    import http.client
    import urllib.request

    urllib.request.OpenerDirector.open = _open_director
    http.client.HTTPConnection = _HTTPConnection
    http.client.HTTPSConnection = type("HTTPSConnection", (_HTTPConnection,), {})
    socket.create_connection = _connect
    socket.gethostbyname = resolve
    socket.gethostbyname_ex = lambda host: (host, [], [resolve(host)])
    real_getaddrinfo = socket.getaddrinfo
    del real_getaddrinfo
    socket.getaddrinfo = lambda host, port=0, *_r, **_n: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (resolve(host), int(port or 0)))
    ]
    requests = sys.modules.get("requests")
    if requests is not None:
        requests.adapters.HTTPAdapter.send = _send
    httpx = sys.modules.get("httpx")
    if httpx is not None:
        _install_httpx(httpx)


def _install_httpx(httpx: Any) -> None:
    class Transport(httpx.BaseTransport):
        def handle_request(self, request: Any) -> Any:
            return httpx.Response(200, content=note_request(request.url))

    class AsyncTransport(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: Any) -> Any:
            return httpx.Response(200, content=note_request(request.url))

    # The test client of Starlette is an httpx client, too, with a transport of its own.
    httpx.HTTPTransport.handle_request = Transport.handle_request
    httpx.AsyncHTTPTransport.handle_async_request = AsyncTransport.handle_async_request
