"""The variables that a job may declare, each with its rules for one value.

What a run is given as a whole, and how it is stored, stands in `arguments.py`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from models.errors import ValidationError
from models.runs import uploads
from models.storage.store import current_store
from receivers.authors.encoding import to_json
from receivers.authors.errors import JobDefinitionError

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY: tuple[Any, ...] = (None, "", [], ())
TRUE_WORDS = frozenset({"true", "yes", "on", "1", "y"})
FALSE_WORDS = frozenset({"false", "no", "off", "0", "n", ""})


class ScriptVariable:
    """A value that a run is given.

    Args:
        label: What the form calls it; by default the attribute's name.
        description: Help for whoever fills in the form.
        default: The value when none is given.
        required: Whether there must be one.
        widget: Ignored; Nautobot's authors pass Django widgets here.
    """

    kind: ClassVar[str] = ""
    limits: ClassVar[tuple[str, ...]] = ()
    """Names of further attributes that belong to the schema."""

    def __init__(
        self,
        *,
        label: str = "",
        description: str = "",
        default: Any = None,
        required: bool = True,
        widget: object = None,  # noqa: ARG002 - see above
    ) -> None:
        self.label = label
        self.description = description
        self.default = default
        self.required = required

    def check(self, name: str) -> None:
        """Raise `JobDefinitionError` when the variable cannot be used as declared."""

    def describe(self, name: str) -> dict[str, Any]:
        """Return what a form needs to know, as JSON values."""
        self.check(name)
        default = self.default() if callable(self.default) else self.default
        common = {
            "name": name,
            "kind": self.kind,
            "label": self.label or name.replace("_", " ").capitalize(),
            "description": self.description,
            "required": self.required,
            "default": to_json(default),
        }
        limits = {limit: to_json(getattr(self, limit)) for limit in self.limits}
        return common | {k: v for k, v in limits.items() if v is not None}

    def clean(self, value: Any) -> Any:
        """Return the checked value as the receiver gets it.

        Raises:
            ValidationError: It is not valid; the message says what would be.
        """
        return value

    def empty(self, value: Any) -> Any:  # noqa: ARG002 - a JSON list may be empty
        """Return what the receiver gets where nothing was given, as in Nautobot."""
        return None


class StringVar(ScriptVariable):
    """One line of text.

    Args:
        min_length: The fewest characters.
        max_length: The most characters.
        regex: A pattern that must be found in the text.
        options: As for every variable.
    """

    kind = "string"
    limits = ("min_length", "max_length", "regex")

    def __init__(
        self,
        *,
        min_length: int | None = None,
        max_length: int | None = None,
        regex: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.min_length = min_length
        self.max_length = max_length
        self.regex = regex

    def clean(self, value: Any) -> str:
        """Strip the text and check its length and pattern."""
        text = str(value).strip()
        if self.min_length is not None and len(text) < self.min_length:
            raise ValidationError(
                f"Give at least {self.min_length} characters; it has {len(text)}."
            )
        if self.max_length is not None and len(text) > self.max_length:
            raise ValidationError(
                f"Give at most {self.max_length} characters; it has {len(text)}."
            )
        if self.regex is not None and not re.search(self.regex, text):
            raise ValidationError(f"It does not match {self.regex}.")
        return text

    def empty(self, value: Any) -> str:  # noqa: ARG002 - see above
        """Return an empty text."""
        return ""


class TextVar(StringVar):
    """Text of several lines."""

    kind = "text"


class IntegerVar(ScriptVariable):
    """A whole number.

    Args:
        min_value: The least; unlike in Nautobot, 0 counts.
        max_value: The most; the same.
        options: As for every variable.
    """

    kind = "integer"
    limits = ("min_value", "max_value")

    def __init__(
        self,
        *,
        min_value: int | None = None,
        max_value: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.min_value = min_value
        self.max_value = max_value

    def clean(self, value: Any) -> int:
        """Read the number and check its limits."""
        if isinstance(value, (bool, float)):
            raise ValidationError(f"{value} is not a whole number.")
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise ValidationError(f"{value!r} is not a whole number.") from None
        if self.min_value is not None and number < self.min_value:
            raise ValidationError(f"It must be at least {self.min_value}.")
        if self.max_value is not None and number > self.max_value:
            raise ValidationError(f"It must be at most {self.max_value}.")
        return number


class BooleanVar(ScriptVariable):
    """Yes or no; never required, since leaving it out means no."""

    kind = "boolean"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"required": False})
        if self.default is None:
            self.default = False

    def clean(self, value: Any) -> bool:
        """Read a truth value or a word for one."""
        word = str(value).strip().lower()
        if word in TRUE_WORDS:
            return True
        if word in FALSE_WORDS:
            return False
        raise ValidationError(f"{value!r} is neither true nor false.")


class DryRunVar(BooleanVar):
    """Whether the job should only say what it would do; call it `dryrun`."""

    kind = "dry_run"

    def check(self, name: str) -> None:
        """Refuse any other name."""
        if name != "dryrun":
            raise JobDefinitionError(
                f"The DryRunVar {name!r} must be called 'dryrun'; rename it."
            )


class ChoiceVar(ScriptVariable):
    """One of several values.

    Args:
        choices: Pairs of a value and its label; plain values stand for themselves.
        options: As for every variable.
    """

    kind = "choice"
    limits = ("choices",)

    def __init__(self, *, choices: Any, **options: Any) -> None:
        super().__init__(**options)
        pairs = choices() if callable(choices) else choices
        self.choices = [
            [item[0], str(item[1])]
            if isinstance(item, (list, tuple)) and len(item) == 2
            else [item, str(item)]
            for item in pairs
        ]

    def clean(self, value: Any) -> Any:
        """Return the choice; a form's text stands for the value it was made of."""
        for choice, _ in self.choices:
            if choice == value or str(choice) == str(value):
                return choice
        known = ", ".join(str(choice) for choice, _ in self.choices)
        raise ValidationError(f"{value!r} is no choice. Choose one of: {known}.")

    def empty(self, value: Any) -> Any:  # noqa: ARG002 - see above
        """Return an empty text."""
        return ""


class MultiChoiceVar(ChoiceVar):
    """Any number of several values."""

    kind = "multi_choice"

    def clean(self, value: Any) -> list[Any]:
        """Check each of them."""
        clean_one = super().clean
        return [clean_one(item) for item in several(value)]

    def empty(self, value: Any) -> list[Any]:  # noqa: ARG002 - see above
        """Return an empty list."""
        return []


class FileVar(ScriptVariable):
    """A file from whoever starts the run; the receiver gets it opened for reading.

    Its content goes with the run, and is deleted when that has ended.
    """

    kind = "file"

    def clean(self, value: Any) -> uploads.UploadedFile:
        """Read the file that a path names, or the one that was kept for the run."""
        if isinstance(value, uploads.UploadedFile):
            return value
        if isinstance(value, dict):
            found = uploads.opened(value)
            if found is None:
                raise ValidationError(
                    f"The file {value.get('name')!r} was deleted after its run; give"
                    " it again."
                )
            return found
        return self._read(Path(str(value)).expanduser())

    def _read(self, path: Path) -> uploads.UploadedFile:
        most = current_store().settings.files.max_bytes
        try:
            with path.open("rb") as stream:
                content = stream.read(most + 1)
        except OSError as error:
            raise ValidationError(f"{path} cannot be read: {error.strerror}.") from None
        if len(content) > most:
            raise ValidationError(
                f"{path} has more than the {most:,} bytes that the setting"
                " files.max_bytes allows."
            )
        return uploads.UploadedFile(path.name, content)


class IPAddressVar(ScriptVariable):
    """An IPv4 or IPv6 address without a mask."""

    kind = "ip_address"

    def clean(self, value: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        """Read the address."""
        text = str(value).strip()
        if "/" in text:
            raise ValidationError(f"{text} has a mask; give the address alone.")
        try:
            return ipaddress.ip_address(text)
        except ValueError:
            raise ValidationError(f"{text!r} is no IP address.") from None


class IPAddressWithMaskVar(ScriptVariable):
    """An IPv4 or IPv6 address with its mask."""

    kind = "ip_address_with_mask"

    def clean(self, value: Any) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
        """Read the address and mask."""
        text = _with_mask(value)
        try:
            return ipaddress.ip_interface(text)
        except ValueError:
            raise ValidationError(f"{text!r} is no IP address with a mask.") from None


class IPNetworkVar(ScriptVariable):
    """An IPv4 or IPv6 network.

    Args:
        min_prefix_length: The least mask length; 0 counts.
        max_prefix_length: The most.
        options: As for every variable.
    """

    kind = "ip_network"
    limits = ("min_prefix_length", "max_prefix_length")

    def __init__(
        self,
        *,
        min_prefix_length: int | None = None,
        max_prefix_length: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.min_prefix_length = min_prefix_length
        self.max_prefix_length = max_prefix_length

    def clean(self, value: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """Read the network, without host bits, and check its length."""
        text = _with_mask(value)
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise ValidationError(f"{text!r} is no network.") from None
        if ipaddress.ip_interface(text).ip != network.network_address:
            raise ValidationError(f"{text} has host bits set. Did you mean {network}?")
        shortest, longest = self.min_prefix_length, self.max_prefix_length
        if shortest is not None and network.prefixlen < shortest:
            raise ValidationError(f"The prefix length must be at least {shortest}.")
        if longest is not None and network.prefixlen > longest:
            raise ValidationError(f"The prefix length must be at most {longest}.")
        return network


class JSONVar(ScriptVariable):
    """A JSON value, given as such or as text."""

    kind = "json"

    def clean(self, value: Any) -> Any:
        """Read the text; a value that is none stays."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValidationError(f"It is no JSON: {error}.") from None

    def empty(self, value: Any) -> Any:
        """Return the value: an empty list is one; an empty text is none."""
        return None if isinstance(value, str) else value


def several(value: Any) -> Sequence[Any]:
    """Return the values of an input that may be one of them alone."""
    return value if isinstance(value, (list, tuple)) else [value]


def _with_mask(value: Any) -> str:
    text = str(value).strip()
    if "/" not in text:
        raise ValidationError(f"{text} has no mask; write it as in {text}/24.")
    return text
