"""The cookie that staff forms use: signed, sealed, and of one log-in; pages without it pay nothing for it.

Sealed, as it holds for one redirect what nobody else may read in it: the address of a link just made, names in a
message. Of one log-in, as the token of its forms would else serve whoever logs in next in this browser.
"""

from __future__ import annotations

import zlib
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData, BadSignature, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from kiosk.services import codes
from kiosk.web.frame import cookies

OWNER = "of"  # in the session: the log-in that it is of
STAFF_COOKIE = "kiosk_staff"


class Sealed(URLSafeTimedSerializer):
    """Values as signed text that only this installation reads: libsodium's secret box, as PyNaCl has it, under a key
    that is derived from the secret for nothing else."""

    def dump_payload(self, obj: Any) -> bytes:
        """Return the sealed values as text."""
        return base64_encode(_box().encrypt(zlib.compress(self.serializer.dumps(obj).encode())))

    def load_payload(self, payload: bytes, *_options: Any, **_more: Any) -> Any:
        """Return what was sealed; raise BadSignature for what an older version signed and sealed otherwise."""
        try:
            return self.serializer.loads(zlib.decompress(_box().decrypt(base64_decode(payload))).decode())
        except (CryptoError, BadData) as error:
            raise BadSignature("not sealed here") from error


class FormSessions(SecureCookieSessionInterface):
    """Flask's own session interface, sealed, without making a signer for every phone that brings no cookie."""

    def get_signing_serializer(self, app: Flask) -> Sealed | None:
        """Return what signs and seals, by the installation's secret."""
        how = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        return Sealed(app.config["SECRET_KEY"], salt=self.salt, serializer=self.serializer, signer_kwargs=how)

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name with the prefix that it bears over https."""
        return cookies.named(super().get_cookie_name(app))

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether it must not travel over http."""
        return cookies.is_secure()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie says, or an empty session without a cookie or for another log-in than its own."""
        if "HTTP_COOKIE" not in request.environ or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        session = super().open_session(app, request)
        return session if session is not None and session.get(OWNER) == _owner() else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Leave an answer alone whose view never looked at the session."""
        if session.modified and not session and self.get_cookie_name(app) not in request.cookies:
            return  # a log-in in a browser that has nothing to be taken from
        if session.modified and session:
            session[OWNER] = _owner()
        if session.accessed or session.modified:
            super().save_session(app, session, response)


def _owner() -> str:
    return codes.hash_token(cookies.get(STAFF_COOKIE) or "")[:24]


def _box() -> SecretBox:
    return SecretBox(bytes.fromhex(codes.hash_token("form session")))
