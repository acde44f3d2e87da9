"""Settings: what they are called, what they may be, and which layer decides.

`config.yaml` holds every setting with a comment and is the defaults, so that this
module knows no default value. Reading one file is left to `models.settings.configfile`.
"""

from __future__ import annotations

import os
from dataclasses import field, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from models.errors import ConfigError
from models.settings.configfile import Entry, Rule, read_config
from models.settings.mismatches import nearest
from models.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Durability = Literal["normal", "full"]
Switch = Literal["auto", "on", "off"]

ENVIRONMENT_PREFIX = "HOOKLINE_"
RESERVED_VARIABLES = frozenset({"STORE", "CAUSE", "CRASH_AT"})
"""Names after HOOKLINE_ that are no settings."""

PERSONAL = ("look", "keys")
"""What a person's own file may say; everything else belongs to the store."""

DEFAULTS = "default"
"""The origin of a value that no layer above `config.yaml` names."""


def _at_least(minimum: float) -> dict[str, float]:
    return {"minimum": minimum}


@frozen
class RunnerSettings:
    """How receivers are run; times in seconds, memory in MiB."""

    concurrency: int = field(metadata=_at_least(1))
    soft_time_limit_s: float = field(metadata=_at_least(0))
    time_limit_s: float = field(metadata=_at_least(0))
    grace_s: float = field(metadata=_at_least(0))
    memory_mb: int = field(metadata=_at_least(0))
    max_processes: int = field(metadata=_at_least(0))
    idle_exit_s: float = field(metadata=_at_least(0))
    warm_children: int = field(metadata=_at_least(0))


@frozen
class HookSettings:
    """What keeps hooks from flooding the queue."""

    bulk_limit: int = field(metadata=_at_least(0))
    max_depth: int = field(metadata=_at_least(1))
    budget: int = field(metadata=_at_least(0))
    breaker_runs: int = field(metadata=_at_least(0))
    breaker_s: float = field(metadata=_at_least(0))
    managed: Mapping[str, Mapping[str, object]]


@frozen
class ButtonSettings:
    """Buttons as code."""

    managed: Mapping[str, Mapping[str, object]]


@frozen
class JobSettings:
    """When code is trusted."""

    require_reapproval: bool


@frozen
class ScheduleSettings:
    """What new schedules begin with, and how much is made up after a pause."""

    timezone: str
    most_missed: int = field(metadata=_at_least(1))


@frozen
class LogSettings:
    """What becomes of log messages before they are stored."""

    max_message_bytes: int = field(metadata=_at_least(256))
    redact: tuple[tuple[str, str], ...]


@frozen
class FileSettings:
    """Files that runs attach."""

    max_bytes: int = field(metadata=_at_least(0))


@frozen
class NotifyLimitSettings:
    """How many notifications of one hook a target gets at most."""

    most: int = field(metadata=_at_least(0))
    per_s: float = field(metadata=_at_least(1))


@frozen
class RetentionSettings:
    """For how many days things are kept; 0 means for ever."""

    changes_days: float = field(metadata=_at_least(0))
    results_days: float = field(metadata=_at_least(0))
    logs_days: float = field(metadata=_at_least(0))


@frozen
class WebhookSettings:
    """The shipped webhook receiver."""

    url: str


@frozen
class LookSettings:
    """How the screens look."""

    theme: str
    mouse: Switch
    animation: Switch
    ascii: Switch


@frozen
class Settings:
    """Every setting, and where each one was decided."""

    durability: Durability
    jobs_root: str
    object_types: tuple[str, ...]
    runner: RunnerSettings
    hooks: HookSettings
    buttons: ButtonSettings
    jobs: JobSettings
    schedules: ScheduleSettings
    log: LogSettings
    files: FileSettings
    secrets: Mapping[str, str]
    notify: tuple[Mapping[str, object], ...]
    notify_limit: NotifyLimitSettings
    retention: RetentionSettings
    webhook: WebhookSettings
    look: LookSettings
    keys: Mapping[str, str]
    origins: Mapping[str, str] = field(repr=False, compare=False)

    def items(self) -> Iterator[tuple[str, object, str]]:
        """Iterate over (dotted key, value, origin), in the order of `config.yaml`."""
        for key in schema():
            value: object = self
            for part in key.split("."):
                value = getattr(value, part)
            yield key, value, self.origins[key]


SECTIONS: dict[str, type] = {
    "runner": RunnerSettings,
    "hooks": HookSettings,
    "buttons": ButtonSettings,
    "jobs": JobSettings,
    "schedules": ScheduleSettings,
    "log": LogSettings,
    "files": FileSettings,
    "notify_limit": NotifyLimitSettings,
    "retention": RetentionSettings,
    "webhook": WebhookSettings,
    "look": LookSettings,
}


@cache
def schema() -> dict[str, Rule]:
    """Return the rule of every dotted key, read from the data classes."""
    rules: dict[str, Rule] = {}
    for item in fields(Settings):
        if item.name in SECTIONS:
            for leaf in fields(SECTIONS[item.name]):
                rules[f"{item.name}.{leaf.name}"] = Rule.of(leaf)
        elif item.name != "origins":
            rules[item.name] = Rule.of(item)
    return rules


def defaults_path() -> Path:
    """Return the file that holds the defaults: in the wheel, or in a checkout."""
    here = Path(__file__).resolve().parents[1]
    shipped = here / "config.yaml"
    return shipped if shipped.exists() else here.parent / "config.yaml"


def personal_path() -> Path:
    """Return the person's own file; it need not exist."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):  # the XDG rule: a relative path is ignored
        base = os.path.expanduser("~/.config")  # noqa: PTH111  # Path raises without a home
    return Path(base) / "hookline" / "config.yaml"


def load_settings(
    store_folder: Path | None,
    *,
    flags: Mapping[str, object] | None = None,
    config: Path | None = None,
) -> Settings:
    """Read every layer and return the settings that stand.

    Args:
        store_folder: The store whose `config.yaml` counts, if it has one.
        flags: Dotted keys from the command line; texts are read as in the environment.
        config: A file to read in place of the store's.

    Raises:
        ConfigError: A file, variable or flag holds an unknown key or a wrong value.
    """
    layers = [read_config(defaults_path(), schema(), DEFAULTS)]
    if personal_path().is_file():
        layers.append(read_config(personal_path(), schema(), only=PERSONAL))
    if config is not None:
        layers.append(read_config(config, schema()))
    elif store_folder is not None and (store_folder / "config.yaml").is_file():
        layers.append(read_config(store_folder / "config.yaml", schema()))
    layers.append(_environment())
    layers.append(_flags(flags or {}))
    return _build(layers)


def _environment() -> dict[str, Entry]:
    by_variable = {key.replace(".", "_").upper(): key for key in schema()}
    entries: dict[str, Entry] = {}
    for variable, text in os.environ.items():
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        if name == variable or name in RESERVED_VARIABLES:
            continue
        origin = f"environment {variable}"
        if name not in by_variable:
            near = nearest(name, by_variable)
            names = [ENVIRONMENT_PREFIX + candidate for candidate in near]
            raise unknown_key(variable, "environment", names)
        key = by_variable[name]
        entries[key] = Entry(schema()[key].from_text(text, key, origin), origin)
    return entries


def _flags(flags: Mapping[str, object]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for key, value in flags.items():
        rule = schema().get(key)
        if rule is None:
            raise unknown_key(key, "flag", nearest(key, schema()))
        if isinstance(value, str):
            checked = rule.from_text(value, key, "flag")
        else:
            checked = rule.check(value, key, "flag")
        entries[key] = Entry(checked, "flag")
    return entries


def unknown_key(key: str, where: str, near: list[str]) -> ConfigError:
    """Return the error for a key that no setting has."""
    hint = f"; did you mean {near[0]}?" if near else ""
    return ConfigError(
        f"Unknown setting {key!r} in {where}{hint}", on=where, candidates=near
    )


def _build(layers: list[dict[str, Entry]]) -> Settings:
    """Merge the layers, the later one winning; names of secrets and keys add up."""
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for key, entry in layer.items():
            known = values.get(key)
            if isinstance(known, dict) and isinstance(entry.value, dict):
                values[key] = known | entry.value
            else:
                values[key] = entry.value
            if entry.value != {} or key not in origins:
                origins[key] = entry.origin
    missing = [key for key in schema() if key not in values]
    if missing:
        raise ConfigError(
            f"{defaults_path()} lacks {', '.join(missing)}; reinstall Hookline",
            on=str(defaults_path()),
        )
    return _settings(values, origins)


def _settings(values: dict[str, object], origins: dict[str, str]) -> Settings:
    top: dict[str, object] = {}
    for key, value in values.items():
        section, _, leaf = key.partition(".")
        if leaf:
            inner = top.setdefault(section, {})
            assert isinstance(inner, dict)
            inner[leaf] = value
        else:
            top[key] = value
    for section, kind in SECTIONS.items():
        top[section] = kind(**top[section])  # type: ignore[arg-type]  # built just above
    return Settings(**top, origins=origins)  # type: ignore[arg-type]  # checked by the rules
