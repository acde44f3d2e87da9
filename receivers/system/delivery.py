"""How a message reaches a target: an HTTP request, a program's stdin, or a mail."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

from models.settings.targets import SECRET_URL
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from models.settings.targets import Target

LATER_STATUSES = frozenset({408, 425, 429})
DEFAULT_PORTS = {"starttls": 587, "tls": 465, "none": 25}
LONGEST_WAIT_S = 3600.0
LONGEST_SAID = 300
PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")


class UndeliveredError(Exception):
    """A message was not accepted.

    Args:
        message: Why; it holds no address that may be secret.
        is_final: Whether trying again is of no use.
        after_s: How long the other side asks to wait.
    """

    def __init__(
        self, message: str, *, is_final: bool = False, after_s: float = 0
    ) -> None:
        super().__init__(message)
        self.is_final = is_final
        self.after_s = after_s


@frozen
class Delivery:
    """One attempt to deliver one message.

    Args:
        target: Whom to.
        message: The whole message, as JSON values; `text` is one line for people.
        key: The same for each attempt, so that the other side can tell a repetition.
        read_secret: Gives the secret of a name.
    """

    target: Target
    message: dict[str, Any]
    key: str
    read_secret: Callable[[str], str]

    def make(self) -> str:
        """Deliver; return what the other side said.

        Raises:
            UndeliveredError: It was not accepted.
        """
        match self.target.kind:
            case "webhook":
                return self._post()
            case "command":
                return self._feed()
        return self._mail()

    def _body(self) -> Any:
        body = self.target.body
        return self.message if body is None else filled(body, self.message)

    # A webhook

    def _post(self) -> str:
        import httpx  # takes longer to load than a run; only this needs it

        target = self.target
        url = target.places[0]
        if url.startswith(SECRET_URL):
            url = self.read_secret(url.removeprefix(SECRET_URL))
        headers = {"Idempotency-Key": self.key, "User-Agent": "hookline"}
        headers |= target.headers
        for header, secret in target.secret_headers.items():
            headers[header] = self.read_secret(secret)
        try:
            host = httpx.URL(url).host
            answer = httpx.post(
                url, json=self._body(), headers=headers, timeout=target.timeout_s
            )
        except httpx.TransportError as error:
            # The error's own text may hold the URL, and so a secret.
            kind = type(error).__name__
            raise UndeliveredError(f"{host} did not answer: {kind}.") from None
        except (httpx.InvalidURL, ValueError) as error:
            kind = type(error).__name__
            raise UndeliveredError(
                f"The webhook's URL or headers cannot be used: {kind}.", is_final=True
            ) from None
        return self._judge(host, answer)

    @staticmethod
    def _judge(host: str, answer: httpx.Response) -> str:
        status = answer.status_code
        if answer.is_success:
            return f"{host} accepted it ({status})."
        raise UndeliveredError(
            f"{host} refused it ({status}).",
            is_final=status < 500 and status not in LATER_STATUSES,
            after_s=_seconds(answer.headers.get("Retry-After", "")),
        )

    # A program

    def _feed(self) -> str:
        import subprocess

        line = self.target.places[0]
        name = shlex.split(line)[0]
        try:
            done = subprocess.run(
                shlex.split(line),
                input=json.dumps(self._body()).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self.target.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UndeliveredError(
                f"{name} had not ended after {self.target.timeout_s:g} s."
            ) from None
        except OSError as error:
            raise UndeliveredError(f"{name}: {error.strerror}.") from None
        said = done.stdout.decode(errors="replace").strip()[-LONGEST_SAID:]
        if done.returncode:
            raise UndeliveredError(f"{name} ended with {done.returncode}. {said}")
        return f"{name} accepted it. {said}".strip()

    # A mail

    def _mail(self) -> str:
        import smtplib
        import ssl

        target = self.target
        host, colon, port = target.server.rpartition(":")
        if not (colon and port.isdigit()):
            host, port = target.server, str(DEFAULT_PORTS[target.security])
        try:
            context = ssl.create_default_context()
            if target.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    host, int(port), timeout=target.timeout_s, context=context
                )
            else:
                server = smtplib.SMTP(host, int(port), timeout=target.timeout_s)
            with server:
                if target.security == "starttls":
                    server.starttls(context=context)
                if target.user:
                    server.login(target.user, self.read_secret(target.secret))
                server.send_message(self._letter())
        except smtplib.SMTPResponseException as error:
            raise UndeliveredError(
                f"{host} refused it ({error.smtp_code}).",
                is_final=error.smtp_code >= 500,
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise UndeliveredError(
                f"{host} refused every recipient ({min(codes)}).",
                is_final=min(codes) >= 500,
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            kind = type(error).__name__
            raise UndeliveredError(f"{host} did not take it: {kind}.") from None
        return f"{host} accepted it."

    def _letter(self) -> Any:
        from email.message import EmailMessage

        letter = EmailMessage()
        letter["Subject"] = " ".join(str(self.message["text"]).split())[:200]
        letter["From"] = self.target.sender
        letter["To"] = ", ".join(self.target.places)
        letter["Message-ID"] = f"<{self.key}@hookline.invalid>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(letter_text(self.message))
        return letter


def letter_text(message: dict[str, Any]) -> str:
    """Return a message as the text of a mail: what happened, then all of it."""
    run = message.get("run") or {}
    lines = [str(message["text"]), ""]
    lines += [str(run[name]) for name in ("error", "traceback") if run.get(name)]
    rest = json.dumps(message, indent=1, ensure_ascii=False)
    return "\n".join([*lines, "", rest, ""])


def filled(body: Any, message: dict[str, Any]) -> Any:
    """Return a body with `{text}`, `{run.job}` and the like filled in.

    What the message does not have stays as it is.

    >>> filled({"text": "Oh: {text} {no}"}, {"text": "it failed"})
    {'text': 'Oh: it failed {no}'}
    """
    match body:
        case str():
            return PLACEHOLDER.sub(lambda found: _value(found, message), body)
        case list():
            return [filled(item, message) for item in body]
        case dict():
            return {key: filled(item, message) for key, item in body.items()}
    return body


def _value(found: re.Match[str], message: dict[str, Any]) -> str:
    value: Any = message
    for name in found[1].split("."):
        if not isinstance(value, dict) or name not in value:
            return found[0]
        value = value[name]
    return "" if value is None else str(value)


def _seconds(text: str) -> float:
    """Return what `Retry-After` asks for, where it is a number of seconds."""
    return min(float(text), LONGEST_WAIT_S) if text.isdigit() else 0.0
