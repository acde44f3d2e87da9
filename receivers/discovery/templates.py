"""The file that `hookline job new` writes: a receiver to start from."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from models.errors import RequestError
from models.people.access import require
from models.runs.jobs import JobRecord

if TYPE_CHECKING:
    from pathlib import Path

    from models.people.access import User

_HOOK = '''\
"""{title}: runs for each change that its hook is for."""

from receivers import JobHookReceiver, register_jobs

# The heading in the list of jobs; without it the module's name.
name = "My receivers"


class {class_name}(JobHookReceiver):
    class Meta:
        name = "{title}"
        description = "Say in one line what it does."
        # delivery = "idempotent"  # run again by itself when its process died
        # retries = 3              # try again after an exception

    def receive_job_hook(self, change, action, changed_object):
        # change: the record; action: "create", "update" or "delete".
        # changed_object: the object as it is now, None when it is gone.
        added = change.get_snapshots()["differences"]["added"] or {{}}
        self.logger.info("%s %s: %s", action, change.object_repr, added)

        # Whatever you save here is recorded, and fires no hook.
        # self.fail("…") fails the run and goes on; an exception ends it.
        # What you return is kept as the result.
        return list(added)


register_jobs({class_name})
'''

_BUTTON = '''\
"""{title}: runs when its button is pressed on an object."""

from receivers import BooleanVar, JobButtonReceiver, register_jobs

# The heading in the list of jobs; without it the module's name.
name = "My receivers"


class {class_name}(JobButtonReceiver):
    class Meta:
        name = "{title}"
        description = "Say in one line what it does."
        has_sensitive_variables = False  # keep the inputs with the result

    # Variables are asked for when the button is pressed; more kinds: StringVar,
    # IntegerVar, ChoiceVar, ObjectVar, IPAddressVar, …
    loudly = BooleanVar(description="Say it in capitals.")

    def receive_job_button(self, obj, loudly=False):
        # obj: the object whose screen the button was pressed on.
        text = f"pressed by {{self.user}}"
        self.logger.info(text.upper() if loudly else text, extra={{"object": obj}})

        # What you return is kept as the result.
        return str(obj)


register_jobs({class_name})
'''

_JOB = '''\
"""{title}: runs by hand or on a schedule."""

from receivers import Job, StringVar, register_jobs

# The heading in the list of jobs; without it the module's name.
name = "My jobs"


class {class_name}(Job):
    class Meta:
        name = "{title}"
        description = "Say in one line what it does."
        has_sensitive_variables = False  # keep the inputs with the result

    # Variables are asked for before the run; more kinds: IntegerVar, ChoiceVar,
    # ObjectVar, IPAddressVar, …
    greeting = StringVar(default="Hello")

    def run(self, greeting):
        self.logger.info("%s, %s", greeting, self.user)

        # What you return is kept as the result.
        return greeting


register_jobs({class_name})
'''

TEMPLATES = {"hook": _HOOK, "button": _BUTTON, "job": _JOB}


def class_name_of(name: str) -> str:
    """Return a class name for what people call a job: `serial guard`, `SerialGuard`.

    Raises:
        RequestError: Nothing of it can stand in a class name.
    """
    if name.isidentifier() and not keyword.iskeyword(name):
        return name[:1].upper() + name[1:]
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    if not joined or joined[0].isdigit() or keyword.iskeyword(joined):
        raise RequestError(
            f"{name!r} cannot name a job; begin with a letter, as in 'Serial guard'.",
            on=name,
        )
    return joined


def title_of(name: str) -> str:
    """Return what people are to call it: `SerialGuard` and `serial guard` alike."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    plain = " ".join(word if word.isupper() else word.lower() for word in words)
    return plain[:1].upper() + plain[1:]


def job_template(name: str, kind: str) -> str:
    """Return the text of a commented file with one receiver or job.

    Args:
        name: What people are to call it, or the class's name.
        kind: What runs it: `hook`, `button`, or a person: `job`.

    Raises:
        RequestError: The name cannot be used, or there is no such kind.
    """
    if kind not in TEMPLATES:
        raise RequestError(
            f"{kind!r} is no kind of job; choose {', '.join(TEMPLATES)}.", on=kind
        )
    return TEMPLATES[kind].format(class_name=class_name_of(name), title=title_of(name))


def write_template(folder: Path, name: str, kind: str, user: User) -> Path:
    """Write a new file for `module.Class` and return its path.

    Raises:
        RefusedError: The user may not make jobs.
        RequestError: The name does not fit, or the file is there already.
    """
    require(user, "add", JobRecord, what="a job")
    module, dot, class_name = name.rpartition(".")
    parts = [*module.split("."), class_name]
    if not dot or not all(p.isidentifier() and not keyword.iskeyword(p) for p in parts):
        raise RequestError(
            f"{name!r} names no class; write module.Class, as in guards.SerialGuard",
            on=name,
        )
    _refuse_shadow(parts[0])
    path = folder.joinpath(*module.split(".")).with_suffix(".py")
    if path.exists():
        raise RequestError(f"{path} is there already; choose another module", on=name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(job_template(class_name, kind), encoding="utf-8")
    return path


def _refuse_shadow(module: str) -> None:
    from receivers.discovery.sources import refusal

    refused = refusal(module)
    if refused is not None:
        message, hint = refused
        raise RequestError(f"{message} {hint}".strip(), on=module)
