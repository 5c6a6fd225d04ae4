"""The signed cookie that staff forms use; pages without it pay nothing for it."""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class FormSessions(SecureCookieSessionInterface):
    """Flask's own session interface, without making a signer for every phone that brings no cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return an empty session for a request without the cookie, else what the cookie says."""
        if "HTTP_COOKIE" not in request.environ or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Leave an answer alone whose view never looked at the session."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)
