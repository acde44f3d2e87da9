"""Arguments and options that several commands share."""

from __future__ import annotations

from tui.commands import Argument, Option

TYPE = Argument(
    name="TYPE",
    help="An object type: dcim.device, or device where that is unique.",
    completes="type",
)
OBJECT = Argument(
    name="OBJECT",
    help="TYPE:NAME, TYPE:field=value,… or TYPE:ID (any unique end of it).",
    completes="object",
)
OBJECTS = Argument(
    name="OBJECT",
    help=f"{OBJECT.help} A TYPE, with --where.",
    many=True,
    completes="object",
)
VALUES = Argument(
    name="KEY=VALUE",
    help="key=text, key:=JSON, key+=item, key-=item, cf.name=text, key=@FILE.",
    many=True,
    completes="field",
)
FILTERS = Argument(
    name="FILTER",
    help="k=v, k!=v, k~part, k__gt=v; a plain word searches.",
    optional=True,
    many=True,
    completes="field",
)
RESULT = Argument(name="RESULT", help="The number of a job result.", completes="result")
RESULTS_OR_FILTER = Argument(
    name="RESULT",
    help="Numbers of job results, or a filter such as status=FAILURE hook=NAME.",
    optional=True,
    many=True,
    completes="result",
)
JOB = Argument(
    name="JOB", help="A class path (module.Class) or a job's name.", completes="job"
)
SOME_JOBS = Argument(
    name="JOB", help="Class paths or names of jobs.", many=True, completes="job"
)
HOOK = Argument(name="HOOK", help="A hook's name or number.", completes="hook")
SOME_HOOKS = Argument(
    name="HOOK", help="Names or numbers of hooks.", many=True, completes="hook"
)
BUTTON = Argument(name="BUTTON", help="A button's name or number.", completes="button")
SCHEDULE = Argument(
    name="SCHEDULE", help="A schedule's name or number.", completes="schedule"
)

REASON = Option(
    name="--reason", value="TEXT", help="Why; it stands with each recorded change."
)
WHERE = Option(
    name="--where",
    value="FILTER",
    many=True,
    help="All objects of the TYPE that fit this filter, asked for beforehand.",
)
HOOKS = Option(
    name="--hooks",
    value="WHAT",
    choices=("fire", "mute"),
    help="Fire the hooks, however many, or note the firings as muted.",
)
WAIT = Option(
    name="--wait",
    value="SECONDS",
    may_stand_alone=True,
    help="Wait for every run that this causes; exit 1 if one did not succeed.",
)
PROFILE = Option(name="--profile", help="Attach profile.pstats to the result.")
LIST_WHERE = Option(
    name="--where",
    value="FILTER",
    many=True,
    help="A filter as one text; the same as its words.",
)
LIST_OPTIONS = (
    LIST_WHERE,
    Option(
        name="--limit",
        value="N",
        help="Show at most N; 0 for all. Tables stop at 100, other forms do not.",
    ),
    Option(
        name="--sort", value="FIELD,…", help="Sort by these; -FIELD turns it round."
    ),
    Option(name="--columns", value="FIELD,…", help="Show these fields."),
)

# Every command takes these.
COMMON = (
    Option(
        name="--store",
        value="FOLDER",
        help="Work on this store; default $HOOKLINE_STORE, then your own.",
        completes="file",
    ),
    Option(
        name="--demo", help="Work on a temporary store with examples, gone afterwards."
    ),
    Option(
        name="--config",
        value="FILE",
        help="Read this file in place of the store's config.yaml.",
        completes="file",
    ),
    Option(name="--user", value="NAME", help="Act for this user, if you may."),
    Option(name="--json", help="Write one JSON document; errors too."),
    Option(name="--json-lines", help="Write one JSON document a line, as they come."),
    Option(name="--csv", help="Write lists as CSV."),
    Option(name="--yes", short="-y", help="Do not ask."),
    Option(name="--quiet", short="-q", help="Say nothing but results and errors."),
    Option(name="--verbose", short="-v", help="Say more; show tracebacks."),
    Option(name="--no-color", help="No colours; NO_COLOR does the same."),
    Option(name="--help", short="-h", help="Explain the command."),
    Option(name="--version", help="Show the version."),
)
