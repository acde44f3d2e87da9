"""Tell another program of each change, with one HTTP request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.storage.store import current_store
from receivers import GiveUp, JobHookReceiver, RetryLater, register_jobs

if TYPE_CHECKING:
    import httpx

    from models import ObjectChange

name = "Examples: webhook"
TIMEOUT_S = 10
RETRY_S = 30
TOKEN = "webhook_token"  # noqa: S105 - the secret's name in the settings


class WebhookCall(JobHookReceiver):
    """Posts a change as JSON to the setting `webhook.url`."""

    class Meta:
        name = "Webhook call"
        description = """
        Posts each change as JSON to the setting `webhook.url`, with the secret
        `webhook_token` as bearer token if the settings name it.

        A server that is down or busy is asked again, three times at most.
        """
        retries = 3

    def receive_job_hook(
        self,
        change: ObjectChange,
        action: str,
        changed_object: Any,  # noqa: ARG002 - hooks give all three
    ) -> dict[str, Any]:
        """Post the change; return the status that came back."""
        import httpx  # takes longer to load than a run; only runs need it

        settings = current_store().settings
        if not settings.webhook.url:
            raise GiveUp("The setting webhook.url names no address; set it.")
        headers = {}
        if TOKEN in settings.secrets:
            headers["Authorization"] = f"Bearer {self.secret(TOKEN)}"
        host = httpx.URL(settings.webhook.url).host
        try:
            answer = httpx.post(
                settings.webhook.url,
                json=message(change, action),
                headers=headers,
                timeout=TIMEOUT_S,
            )
        except httpx.TransportError as error:
            # The error's own text may hold the URL, and so a password.
            kind = type(error).__name__
            raise RetryLater(RETRY_S, f"{host} did not answer: {kind}.") from None
        return self.judge(host, answer)

    def judge(self, host: str, answer: httpx.Response) -> dict[str, Any]:
        """Say whether it was accepted; ask for another attempt where that may help."""
        status = answer.status_code
        if status >= 500 or status == 429:
            raise RetryLater(RETRY_S, f"{host} answered {status}.")
        if answer.is_success:
            self.logger.success("%s accepted it (%s).", host, status)
        else:
            self.fail("%s refused it (%s).", host, status)
        return {"host": host, "status": status}


def message(change: ObjectChange, action: str) -> dict[str, Any]:
    """Return what is posted."""
    return {
        "event": action,
        "type": change.changed_object_type,
        "id": str(change.changed_object_id),
        "name": change.object_repr,
        "user": change.user_name,
        "request": str(change.request_id),
        "time": change.time.isoformat(),
        "differences": change.get_snapshots()["differences"],
    }


register_jobs(WebhookCall)
