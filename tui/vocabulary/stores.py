"""The store as a whole: making, filling, checking, and who works on it."""

from __future__ import annotations

from tui.commands import Argument, Command, Option
from tui.vocabulary.words import HOOKS, REASON, WAIT

COMMANDS = (
    Command(
        id="store.init",
        title="Make a store",
        help="Make a store of your own, readable by you alone, or by a group.",
        own_account=True,
        noun="init",
        arguments=(
            Argument(
                name="FOLDER",
                help="Where; default is what --store and $HOOKLINE_STORE say.",
                optional=True,
                completes="file",
            ),
        ),
        options=(
            Option(
                name="--group",
                value="GROUP",
                help="Share it with a group of the operating system.",
            ),
            Option(
                name="--owner",
                value="NAME",
                help="Who is its superuser; you by default.",
            ),
        ),
        handler="tui.nouns.stores:init_store",
        examples=("hookline init", "hookline init --owner alice"),
    ),
    Command(
        id="store.load",
        title="Load a file",
        help="Make and update objects from a YAML, JSON or CSV file.",
        writes=True,
        noun="load",
        arguments=(
            Argument(
                name="FILE",
                help="The file; - for stdin. The ending tells the form.",
                completes="file",
            ),
        ),
        options=(
            Option(
                name="--type",
                value="TYPE",
                help="The type of a CSV file's rows, or of a plain list's objects.",
                completes="type",
            ),
            HOOKS,
            Option(name="--check", help="Check the file, and write nothing."),
            REASON,
            WAIT,
        ),
        handler="tui.nouns.load:load",
        examples=("hookline load devices.yaml --hooks fire",),
    ),
    Command(
        id="store.dump",
        title="Dump objects",
        help="Write objects as YAML, in the form that load reads.",
        noun="dump",
        arguments=(
            Argument(
                name="TYPE",
                help="The types; none for all.",
                optional=True,
                many=True,
                completes="type",
            ),
        ),
        handler="tui.nouns.dump:dump",
        examples=("hookline dump dcim.location",),
    ),
    Command(
        id="store.check",
        title="Check the store",
        help="Look for damage in the store, its jobs, hooks and buttons.",
        noun="check",
        options=(
            Option(name="--deep", help="Compare each object with its last change."),
            Option(
                name="--runner",
                help="For monitoring: 0 when a runner works, else 1 with one line.",
            ),
            Option(
                name="--max-due",
                value="SECONDS",
                help="How long a run may have been due by then; 300 by default.",
            ),
        ),
        handler="tui.nouns.stores:check_store",
        examples=("hookline check",),
    ),
    Command(
        id="store.prune",
        title="Remove what is old",
        help="Remove old changes, results and logs; by default as the settings say.",
        dangerous=True,
        writes=True,
        noun="prune",
        arguments=(
            Argument(
                name="KIND",
                help="changes, results or logs; none for all three.",
                optional=True,
                many=True,
            ),
        ),
        options=(
            Option(
                name="--days",
                value="DAYS",
                help="Older than so many days; 0 for everything so far.",
            ),
            Option(name="--dry-run", help="Count, and remove nothing."),
            Option(
                name="--vacuum",
                help="Give the room back to the disk; nobody can write meanwhile.",
            ),
        ),
        handler="tui.nouns.prune:prune_store",
        examples=("hookline prune --dry-run",),
    ),
    Command(
        id="store.service",
        title="Service",
        help="Print a systemd unit that runs the runner of the store.",
        noun="service",
        options=(
            Option(
                name="--system",
                help="For the whole system, as the store's owner; else for the user.",
            ),
        ),
        handler="tui.nouns.service:print_unit",
        examples=("hookline service",),
    ),
    Command(
        id="store.backup",
        title="Back up the store",
        help="Write a copy of the store to a new file, while it is in use.",
        own_account=True,
        noun="backup",
        arguments=(Argument(name="FILE", help="The file.", completes="file"),),
        handler="tui.nouns.stores:back_up",
        examples=("hookline backup store.tar.gz",),
    ),
    Command(
        id="store.restore",
        title="Restore a backup",
        help="Make a store out of a backup; nothing runs until the queue is resumed.",
        own_account=True,
        noun="restore",
        arguments=(Argument(name="FILE", help="The backup.", completes="file"),),
        handler="tui.nouns.stores:restore",
        examples=("hookline --store /srv/copy restore store.tar.gz",),
    ),
    Command(
        id="store.migrate",
        title="Migrate the store",
        help="Bring the store's tables up to date with this program and its own types.",
        writes=True,
        own_account=True,
        noun="migrate",
        options=(
            Option(name="--plan", help="Say what would be done, and do nothing."),
            Option(
                name="--backup",
                value="FILE",
                help="Where to write the backup; in the store's folder by default.",
            ),
        ),
        handler="tui.nouns.stores:migrate",
        examples=("hookline migrate --plan",),
    ),
    Command(
        id="config.show",
        title="Settings",
        help="Show every setting, its value, and where that was decided.",
        own_account=True,
        noun="config",
        verb="show",
        handler="tui.nouns.stores:show_config",
        examples=("hookline config show",),
    ),
    Command(
        id="config.apply",
        title="Apply hooks as code",
        help="Make the hooks and buttons those that the store's config.yaml names.",
        writes=True,
        noun="config",
        verb="apply",
        handler="tui.nouns.stores:apply_config",
        examples=("hookline config apply",),
    ),
    Command(
        id="store.info",
        title="About the store",
        help="Say where the store is, what is in it, and who works it off.",
        noun="info",
        handler="tui.nouns.stores:show_info",
        examples=("hookline info --json",),
    ),
    Command(
        id="shell.completion",
        title="Shell completion",
        help="Write the completion script for a shell.",
        noun="completion",
        arguments=(Argument(name="SHELL", help="bash, zsh or fish."),),
        handler="tui.nouns.completion:write_completion",
        examples=("hookline completion bash",),
    ),
)
