from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import yaml

from models.errors import ConfigError
from models.settings.layers import (
    SECTIONS,
    Settings,
    defaults_path,
    load_settings,
    personal_path,
    schema,
)


@pytest.fixture(autouse=True)
def _no_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOOKLINE_STORE", "HOOKLINE_CAUSE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_defaults_name_every_setting_and_nothing_else() -> None:
    document = yaml.safe_load(defaults_path().read_text())
    keys = set()
    for key, value in document.items():
        if key in SECTIONS:
            keys |= {f"{key}.{leaf}" for leaf in value}
        else:
            keys.add(key)
    assert keys == set(schema())


def test_every_setting_has_a_comment_above_it() -> None:
    lines = defaults_path().read_text().splitlines()
    leaves = {key.rpartition(".")[2] for key in schema()} - {"animation", "ascii"}
    for number, line in enumerate(lines):
        name = line.strip().partition(":")[0]
        if name in leaves and name not in SECTIONS:
            assert lines[number - 1].strip().startswith("#"), line


def test_without_any_layer_the_defaults_stand() -> None:
    settings = load_settings(None)
    assert settings.durability == "normal"
    assert settings.runner.concurrency == 10
    assert settings.look.mouse == "auto"
    assert {origin for _, _, origin in settings.items()} == {"default"}


def test_a_store_file_beats_the_defaults_and_says_where(folder: Path) -> None:
    path = write(folder / "config.yaml", "runner:\n  concurrency: 2\n")
    settings = load_settings(folder)
    assert settings.runner.concurrency == 2
    assert settings.runner.grace_s == 1.0
    assert settings.origins["runner.concurrency"] == f"{path}:2"


def test_the_environment_beats_the_store(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "config.yaml", "runner: {concurrency: 2}\n")
    monkeypatch.setenv("HOOKLINE_RUNNER_CONCURRENCY", "3")
    settings = load_settings(folder)
    assert settings.runner.concurrency == 3
    origin = settings.origins["runner.concurrency"]
    assert origin == "environment HOOKLINE_RUNNER_CONCURRENCY"


def test_a_flag_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOKLINE_RUNNER_CONCURRENCY", "3")
    settings = load_settings(None, flags={"runner.concurrency": 4})
    assert settings.runner.concurrency == 4
    assert settings.origins["runner.concurrency"] == "flag"


def test_a_named_file_stands_in_place_of_the_stores(folder: Path) -> None:
    write(folder / "config.yaml", "runner: {concurrency: 2}\nhooks: {max_depth: 2}\n")
    other = write(folder / "other.yaml", "runner: {concurrency: 5}\n")
    settings = load_settings(folder, config=other)
    assert (settings.runner.concurrency, settings.hooks.max_depth) == (5, 5)


def test_the_personal_file_gives_look_and_keys() -> None:
    write(personal_path(), "look: {theme: plain}\nkeys: {object.edit: [e, ctrl+e]}\n")
    settings = load_settings(None)
    assert settings.look.theme == "plain"
    assert settings.keys == {"object.edit": "e,ctrl+e"}


def test_the_personal_file_may_not_say_what_belongs_to_the_store() -> None:
    path = write(personal_path(), "look: {theme: plain}\nruner: {}\n")
    with pytest.raises(ConfigError, match=r"store's config\.yaml") as caught:
        load_settings(None)
    assert caught.value.on == f"{path}:2"


def test_a_relative_xdg_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert personal_path() == Path("/home/somebody/.config/hookline/config.yaml")


def test_names_of_two_layers_add_up(folder: Path) -> None:
    write(personal_path(), "keys: {a.b: x, c.d: y}\n")
    write(folder / "config.yaml", "keys: {a.b: z}\n")
    assert load_settings(folder).keys == {"a.b": "z", "c.d": "y"}


@pytest.mark.parametrize(
    ("text", "line", "near"),
    [
        ("\nrunner:\n  concurency: 2\n", 3, "runner.concurrency"),
        ("concurrency: 2\n", 1, "runner.concurrency"),
        ("durabilty: full\n", 1, "durability"),
        ("# x\nruner:\n  grace_s: 2\n", 2, "runner"),
    ],
)
def test_an_unknown_key_is_an_error_with_file_line_and_the_nearest_key(
    folder: Path, text: str, line: int, near: str
) -> None:
    path = write(folder / "config.yaml", text)
    with pytest.raises(ConfigError) as caught:
        load_settings(folder)
    assert caught.value.on == f"{path}:{line}"
    assert f"{path}:{line}" in caught.value.message
    assert caught.value.candidates[0].startswith(near)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("runner:\n  concurrency: many\n", 2, "a whole number"),
        ("runner:\n  concurrency: 0\n", 2, "at least 1"),
        ("runner:\n  concurrency: true\n", 2, "a whole number"),
        ("runner:\n  grace_s: .inf\n", 2, "a number"),
        ("durability: sometimes\n", 1, "normal or full"),
        ("jobs: {require_reapproval: 1}\n", 1, "true or false"),
        ("object_types: circuits\n", 1, "a list of texts"),
        ("object_types: [1]\n", 1, "a list of texts"),
        ("log: {redact: [[a]]}\n", 1, "a list of pairs"),
        ("secrets: [a]\n", 1, "names with their texts"),
        ("jobs_root: null\n", 1, "a text"),
        ("runner: 8\n", 1, "keys with values"),
        ("- runner\n", 1, "keys with values"),
        ("durability: full\ndurability: normal\n", 2, "twice"),
        ("runner:\n  - [\n", 3, "not YAML"),
        ("look:\n  mouse: maybe\n", 2, "auto or on or off"),
    ],
)
def test_a_wrong_value_is_an_error_with_file_and_line(
    folder: Path, text: str, line: int, message: str
) -> None:
    path = write(folder / "config.yaml", text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_settings(folder)
    assert caught.value.on == f"{path}:{line}"


@pytest.mark.parametrize("text", ["", "# nothing\n", "runner:\n", "runner: {}\n"])
def test_an_empty_file_or_section_changes_nothing(folder: Path, text: str) -> None:
    write(folder / "config.yaml", text)
    assert load_settings(folder) == load_settings(None)


def test_bare_on_and_off_are_switches(folder: Path) -> None:
    write(folder / "config.yaml", "look: {mouse: off, animation: on}\n")
    look = load_settings(folder).look
    assert (look.mouse, look.animation) == ("off", "on")


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("HOOKLINE_RUNNER_GRACE_S", "2.5", "runner.grace_s", 2.5),
        ("HOOKLINE_DURABILITY", "full", "durability", "full"),
        ("HOOKLINE_OBJECT_TYPES", "a.b, c", "object_types", ("a.b", "c")),
        ("HOOKLINE_OBJECT_TYPES", "[a]", "object_types", ("a",)),
        ("HOOKLINE_JOBS_REQUIRE_REAPPROVAL", "Yes", "jobs.require_reapproval", True),
        ("HOOKLINE_JOBS_REQUIRE_REAPPROVAL", "0", "jobs.require_reapproval", False),
        ("HOOKLINE_SECRETS", "{a: 'env:B'}", "secrets", {"a": "env:B"}),
        ("HOOKLINE_LOG_REDACT", "[[a, b]]", "log.redact", (("a", "b"),)),
    ],
)
def test_the_environment_is_read_in_the_settings_type(
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    text: str,
    key: str,
    value: object,
) -> None:
    monkeypatch.setenv(variable, text)
    assert {k: v for k, v, _ in load_settings(None).items()}[key] == value


def test_a_wrong_text_in_the_environment_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOKLINE_RUNNER_CONCURRENCY", "many")
    with pytest.raises(ConfigError, match="HOOKLINE_RUNNER_CONCURRENCY"):
        load_settings(None)


def test_an_unknown_variable_is_an_error_with_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOKLINE_RUNNER_CONCURENCY", "3")
    with pytest.raises(ConfigError) as caught:
        load_settings(None)
    assert caught.value.candidates == ["HOOKLINE_RUNNER_CONCURRENCY"]


def test_variables_that_are_no_settings_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOKLINE_STORE", "/somewhere")
    monkeypatch.setenv("HOOKLINE_CAUSE", "12:abc")
    assert load_settings(None).durability == "normal"


def test_an_unknown_flag_is_an_error_with_the_nearest_key() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(None, flags={"durabilty": "full"})
    assert caught.value.candidates == ["durability"]


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_settings(None, config=tmp_path / "none.yaml")


def test_settings_cannot_be_changed() -> None:
    settings = load_settings(None)
    assert isinstance(settings, Settings)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.runner.concurrency = 2  # type: ignore[misc]  # that is the point
