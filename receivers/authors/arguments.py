"""What a run is given: the schema of a job's variables, and values that fit it.

A form is drawn, and its values are checked, from the schema that the job record
keeps, so that nobody but a run needs the author's class.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from models.errors import ValidationError
from models.runs import uploads
from receivers.authors.encoding import to_json
from receivers.authors.errors import JobDefinitionError
from receivers.authors.objectvars import MultiObjectVar, ObjectVar, depends_on
from receivers.authors.variables import (
    EMPTY,
    BooleanVar,
    ChoiceVar,
    DryRunVar,
    FileVar,
    IntegerVar,
    IPAddressVar,
    IPAddressWithMaskVar,
    IPNetworkVar,
    JSONVar,
    MultiChoiceVar,
    ScriptVariable,
    StringVar,
    TextVar,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from receivers.authors.job import BaseJob

Schema = list[dict[str, Any]]

DESCRIPTIVE = frozenset({"name", "kind"})
KINDS: dict[str, type[ScriptVariable]] = {
    variable.kind: variable
    for variable in (
        *(StringVar, TextVar, IntegerVar, BooleanVar, DryRunVar, ChoiceVar),
        *(MultiChoiceVar, ObjectVar, MultiObjectVar, FileVar, IPAddressVar),
        *(IPAddressWithMaskVar, IPNetworkVar, JSONVar),
    )
}


def variables_of(job: type[BaseJob]) -> Mapping[str, ScriptVariable]:
    """Return a job's variables by name, in the order of its form.

    Those of base classes come first, then its own as they are defined; `field_order`
    moves the ones it names to the front.
    """
    found: dict[str, ScriptVariable] = {}
    for base in reversed(job.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, ScriptVariable):
                found[name] = value
            else:
                found.pop(name, None)
    first = [name for name in job.field_order if name in found]
    return MappingProxyType({name: found[name] for name in [*first, *found]})


def describe(job: type[BaseJob]) -> Schema:
    """Return the schema of what a person is asked for before a run.

    What a hook or button fills in itself (the change, the object) is left out, and so
    is the dry run of a job that only reads.

    Raises:
        JobDefinitionError: A variable cannot be used as declared.
    """
    _check_dependencies(job)
    return [
        variable.describe(name)
        for name, variable in variables_of(job).items()
        if name not in job.given_variables
        and not (job.read_only and isinstance(variable, DryRunVar))
    ]


def _check_dependencies(job: type[BaseJob]) -> None:
    variables = variables_of(job)
    for name, variable in variables.items():
        params = variable.query_params if isinstance(variable, ObjectVar) else None
        for other in sorted(depends_on(params) - {*variables}):
            raise JobDefinitionError(
                f"The variable {name!r} of {job.__name__} depends on ${other}, but"
                f" there is no variable {other!r}."
            )


def variable_from(entry: Mapping[str, Any]) -> ScriptVariable:
    """Return the variable that an entry of a schema describes."""
    options = {key: v for key, v in entry.items() if key not in DESCRIPTIVE}
    return KINDS[entry["kind"]](**options)


def validate(
    schema_or_job: Schema | type[BaseJob], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values as a receiver gets them, defaults filled in.

    Raises:
        ValidationError: With messages by variable; unknown names are refused.
    """
    if not hasattr(values, "items"):
        raise ValidationError(f"Give the inputs by name, not as {values!r}.")
    variables = _variables(schema_or_job)
    problems: dict[str, list[str] | str] = {
        name: [f"There is no input of that name; there are: {_names(variables)}."]
        for name in values
        if name not in variables
    }
    cleaned: dict[str, Any] = {}
    for name, variable in variables.items():
        try:
            cleaned[name] = _clean(variable, values.get(name), is_given=name in values)
        except ValidationError as error:
            problems[name] = error.message_dict.get("__all__", [error.message])
    for name, value in cleaned.items():
        try:
            _check_fits(variables[name], value, cleaned)
        except ValidationError as error:
            problems[name] = [error.message]
    if problems:
        raise ValidationError(problems)
    return cleaned


def _check_fits(variable: ScriptVariable, value: Any, values: dict[str, Any]) -> None:
    """Check an object against the lookups that name other variables."""
    if isinstance(variable, ObjectVar) and depends_on(variable.query_params):
        objects = value if isinstance(value, list) else [value]
        variable.check_fits([obj for obj in objects if obj is not None], values)


def _variables(schema_or_job: Schema | type[BaseJob]) -> dict[str, ScriptVariable]:
    if isinstance(schema_or_job, list):
        return {entry["name"]: variable_from(entry) for entry in schema_or_job}
    every = variables_of(schema_or_job)
    return {n: v for n, v in every.items() if n not in schema_or_job.given_variables}


def _names(variables: Mapping[str, object]) -> str:
    return ", ".join(variables) or "none"


def _clean(variable: ScriptVariable, value: Any, *, is_given: bool) -> Any:
    """Check one value; what need not be given may be emptied, whatever its default."""
    if value in EMPTY and (variable.required or not is_given):
        value = variable.default() if callable(variable.default) else variable.default
        if value in EMPTY and variable.required:
            raise ValidationError("This field is required.")
    return variable.empty(value) if value in EMPTY else variable.clean(value)


def serialise(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are stored with a job result.

    Objects become keys, lists of objects lists of keys, addresses texts. Files are
    stored on their own.
    """
    return {
        name: uploads.keep(value)
        if isinstance(value, uploads.UploadedFile)
        else to_json(value)
        for name, value in values.items()
    }


def _takes_none(variable: ScriptVariable) -> bool:
    return isinstance(variable, ObjectVar) and variable.null_option is not None


def deserialise(job: type[BaseJob], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values as the receiver gets them; unknown names are dropped.

    Raises:
        ValidationError: A required one is None, an object is gone, or a value no
            longer fits.
    """
    arguments: dict[str, Any] = {}
    if not values:  # most hooks, on the way from a save to the receiver's first line
        return arguments
    for name, variable in variables_of(job).items():
        if name not in values or name in job.given_variables:
            continue
        if values[name] is None and variable.required and not _takes_none(variable):
            raise ValidationError({name: [f"{name} is a required field."]})
        try:
            value = values[name]
            is_empty = value in EMPTY
            clean = variable.empty if is_empty else variable.clean
            arguments[name] = clean(value)
        except ValidationError as error:
            raise ValidationError({name: [error.message]}) from error
    return arguments
