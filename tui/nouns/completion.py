"""`hookline completion SHELL`: words that the shell can complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import RequestError
from tui.commandline.exits import Exit
from tui.commands import registry
from tui.vocabulary.words import COMMON

if TYPE_CHECKING:
    from tui.commandline.call import Call

SHELLS = ("bash", "zsh", "fish")


def write_completion(call: Call) -> int:
    """Write the completion script for a shell."""
    shell = call.given.word("SHELL")
    if shell not in SHELLS:
        raise RequestError(
            f"There is no completion for {shell!r}; there is for {', '.join(SHELLS)}",
            on=shell,
            candidates=list(SHELLS),
        )
    call.output.write(fish() if shell == "fish" else bash(zsh=shell == "zsh"))
    return Exit.OK


def bash(*, zsh: bool = False) -> str:
    """Return the script for bash; zsh reads the same one."""
    lines = ["autoload -U +X bashcompinit && bashcompinit"] if zsh else []
    lines += [
        "_hookline() {",
        '  local word="${COMP_WORDS[COMP_CWORD]}" found=""',
        '  if [ "$COMP_CWORD" -eq 1 ]; then',
        f'    found="{" ".join([*_nouns(), *_options(COMMON)])}"',
        "  else",
        '    case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in',
    ]
    for noun, verbs in registry().nouns().items():
        for verb, command in verbs.items():
            options = " ".join(_options([*command.options, *COMMON]))
            pattern = f'"{noun} {verb}"' if verb else f'"{noun} "'
            lines.append(f'      {pattern}*) found="{options}" ;;')
        if "" not in verbs:
            lines.append(f'      "{noun} "*) found="{" ".join(verbs)}" ;;')
    lines += [
        "    esac",
        "  fi",
        '  COMPREPLY=($(compgen -W "$found" -- "$word"))',
        "}",
        "complete -o default -F _hookline hookline",
    ]
    return "\n".join(lines)


def fish() -> str:
    """Return the script for fish."""
    begin = "complete -c hookline"
    lines = [f"{begin} -n __fish_use_subcommand -a {noun}" for noun in _nouns()]
    for noun, verbs in registry().nouns().items():
        seen = f"-n '__fish_seen_subcommand_from {noun}'"
        for verb, command in verbs.items():
            if verb:
                lines.append(f'{begin} {seen} -f -a {verb} -d "{command.help}"')
            lines += [
                f'{begin} {seen} -l {option.name[2:]} -d "{option.help}"'
                for option in command.options
            ]
    lines += [f'{begin} -l {o.name[2:]} -d "{o.help}"' for o in COMMON]
    return "\n".join(dict.fromkeys(lines))


def _nouns() -> list[str]:
    return list(registry().nouns())


def _options(options: object) -> list[str]:
    from tui.commands import Option

    assert isinstance(options, (list, tuple))
    return [option.name for option in options if isinstance(option, Option)]
