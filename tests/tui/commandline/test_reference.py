from __future__ import annotations

from tests.tui.command_line import TOP
from tui.commandline.reference import page
from tui.commands import registry


def test_the_page_of_commands_is_the_registrys() -> None:
    assert (TOP / "docs" / "commands.md").read_text() == page(), (
        "run: python -m tui.commandline.reference > docs/commands.md"
    )


def test_the_page_names_every_command_option_and_key() -> None:
    text = page()
    for command in registry():
        if command.noun:
            assert f"### {command.words}\n" in text
        assert all(f"`{key}`" in text for key in command.keys)
        assert all(option.name in text for option in command.options)
