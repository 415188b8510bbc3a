"""Access control: the token of a server that others can reach, and the browser session.

A session is a random owner id in a signed cookie; jobs and pictures belong to it, on HTTP and on sockets. The token is
in Jupyter's manner: in the printed link once, then in the same cookie; `Authorization: Bearer` is for scripts.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, redirect, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData
from werkzeug.datastructures import Headers
from werkzeug.wrappers.response import Response as AnyResponse

from texture.errors import SetupProblem
from texture.settings import Settings
from texture.web.api.problems import Refused, problem
from texture.web.security.guesses import Guesses
from texture.wording import system_reason

KEY_BYTES = 32
NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # browsers keep a cookie for 400 days at most, by their own clock
OPEN = (
    "static",
    "health",
    "live",
    "ready",
)  # endpoints without a token: nothing private, and health checks have none
NO_TOKEN = "this server needs its token: open the link that it printed when it started (…/?token=…)"
TOO_MANY = "too many wrong tokens came from your address: wait {wait} seconds, then show the right one"
NO_SESSION = "unknown session: load the page first, and send its cookie"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on `host`."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """The lock of one server. `token` is None where everybody who can reach it may come in."""

    token: str | None
    key: bytes
    guesses: Guesses = field(default_factory=Guesses)

    @property
    def stamp(self) -> str:
        """What a session's cookie holds once the token was presented: useless for another token or server."""
        return hmac.new(self.key, (self.token or "").encode(), sha256).hexdigest()

    def knows(self, token: object, address: str) -> bool:
        """Whether this is the token, which somebody at `address` shows; compared in constant time.

        Raises:
            Refused: too many from there were wrong.
        """
        if self.token is None:
            return True
        if wait := self.guesses.wait(address):
            raise Refused(problem(429, TOO_MANY.format(wait=wait)), retry_after=wait)
        given = token.encode("utf-8", "replace") if isinstance(token, str) else b""
        right = hmac.compare_digest(given, self.token.encode())
        if given and not right:
            self.guesses.add(address)
        return right

    def admits(self, headers: Headers, cookie: Mapping[str, Any], address: str) -> bool:
        """Whether a request from `address` with these headers and this session may come in. Raises Refused."""
        if self.token is None or hmac.compare_digest(str(cookie.get("access", "")), self.stamp):
            return True
        scheme, _, given = headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.knows(given.strip(), address)


def open_access(settings: Settings, agreed: Callable[[str, str], str] = lambda name, proposed: proposed) -> Access:
    """The token from the settings, or a new one where others can reach the server and none was set.

    agreed: the value of a name on which all servers of one database agree, or the one that is proposed to them.

    Raises:
        SetupProblem: there may be several servers, which each would have a token of its own.
    """
    if settings.broker is None:
        token = settings.token or (None if is_loopback(settings.host) else secrets.token_urlsafe(24))
        return Access(token, secret_key(settings.data))
    if settings.token is None and not is_loopback(settings.host):
        raise SetupProblem("set TEXTURE_TOKEN: with TEXTURE_BROKER there may be several servers, and all need the same")
    return Access(settings.token, bytes.fromhex(agreed("secret-key", secret_key(settings.data).hex())))


def secret_key(folder: Path) -> bytes:
    """The key that signs cookies, kept in a file that only its owner can read; made at the first start.

    Raises:
        SetupProblem: it cannot be made or read.
    """
    path = folder / "secret-key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:  # another user's, say: it was run with sudo once
        raise SetupProblem(f"{path} cannot be made or read: {system_reason(error)}") from error
    if len(key) < KEY_BYTES:
        raise SetupProblem(f"{path} is damaged: remove it, and a new one is made")
    return key


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies, whose signature does not ask the clock.

    Flask refuses a cookie that is older than its lifetime, or younger than now; so a clock that is put right would cost
    people all they have. How long a cookie lives is left to the browser.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """What a request's cookie holds; an empty session where there is none of ours."""
        serializer = self.get_signing_serializer(app)
        given = request.cookies.get(self.get_cookie_name(app))
        try:
            return self.session_class(serializer.loads(given) if serializer and given else None)
        except BadData:
            return self.session_class()

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """When the browser is to forget it: as late as it likes."""
        return NEVER if session.permanent else None

    def get_cookie_path(self, app: Flask) -> str:
        """Behind a proxy under a prefix, that prefix: what else is on that host has no use for it."""
        return request.script_root or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        """One that came over TLS is not to be sent without it."""
        return request.is_secure


def install_access(app: Flask, access: Access) -> None:
    """Sign the app's cookies, and ask for the token before every view."""
    app.secret_key = access.key
    app.session_interface = Sessions()
    app.config.update(
        # Cookies do not know ports: two servers on one machine need different names, one on another port the same.
        SESSION_COOKIE_NAME=f"texture-{sha256(access.key).hexdigest()[:8]}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
    )

    @app.before_request
    def check() -> AnyResponse | None:
        if access.token and request.method == "GET" and "token" in request.args:
            return _come_in(access)
        if request.endpoint not in OPEN and not access.admits(request.headers, session, address()):
            raise Refused(problem(401, NO_TOKEN))
        return None

    @app.after_request
    def say_how(response: Response) -> Response:
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="texture"'
        return response


def _come_in(access: Access) -> AnyResponse:
    """Exchange the token in the URL for a cookie; the browser is redirected to the URL without it."""
    if not _is_opened():
        raise Refused(problem(401, NO_TOKEN))
    if not access.knows(request.args["token"], address()):
        raise Refused(problem(401, f"wrong token; {NO_TOKEN}", field="token"))
    session["access"] = access.stamp
    session.permanent = True
    return redirect(quote(request.script_root + request.path), 303)  # quoted, or "/%09/elsewhere" is another host


def _is_opened() -> bool:
    """Whether somebody opens the link, which is no picture in another site's page.

    Without TLS browsers do not say what they ask for, except that it is a picture.
    """
    wanted = request.headers.get("Sec-Fetch-Dest", "document")
    return wanted == "document" and not request.headers.get("Accept", "").startswith("image/")


def address() -> str:
    """Where the request comes from."""
    return request.remote_addr or ""


def current_owner() -> str:
    """The id of the requesting browser session; a new one gets its cookie with the answer."""
    if "owner" not in session:
        session["owner"] = secrets.token_hex(16)
        session.permanent = True
    owner: str = session["owner"]
    return owner


def renew_session() -> None:
    """Let the browser keep the cookie of a session from now on as long as it does."""
    current_owner()
    session.modified = True
