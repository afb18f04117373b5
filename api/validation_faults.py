"""What Pydantic found wrong, in the stable codes and plain sentences of this API."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from api.json_body import escaped
from scheduler.domain.ground.errors import Fault
from scheduler.domain.staffing.scenario_changes import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapi.exceptions import RequestValidationError

_CODES = {
    "missing": "field.missing",
    "int_type": "field.type",
    "int_parsing": "field.type",
    "int_parsing_size": "number.too_large",
    "int_from_float": "field.type",
    "string_type": "field.type",
    "bool_type": "field.type",
    "bool_parsing": "field.type",
    "list_type": "field.type",
    "tuple_type": "field.type",
    "dict_type": "field.type",
    "model_type": "field.type",
    "model_attributes_type": "field.type",
    "greater_than": "number.out_of_range",
    "greater_than_equal": "number.out_of_range",
    "less_than": "number.out_of_range",
    "less_than_equal": "number.out_of_range",
    "string_too_short": "text.length",
    "string_too_long": "text.length",
    "string_pattern_mismatch": "text.pattern",
    "enum": "value.not_allowed",
    "literal_error": "value.not_allowed",
    "too_long": "list.length",
    "too_short": "list.length",
    "union_tag_invalid": "value.not_allowed",
    "union_tag_not_found": "field.missing",
}

_WHOLE = "A whole number is wanted here, such as 3; give one without quotes and without a point."
_TRUTH = "Either true or false is wanted here; give one of them."
_LIST = "A list is wanted here; put the values in square brackets, such as []."
_OBJECT = "An object with named fields is wanted here; put them in braces, such as {{}}."
_NO_WORDS = "This value cannot be taken here; /v1/openapi.json describes what can."
_MESSAGES = {
    "missing": "This field is required; give it.",
    "int_type": _WHOLE,
    "int_parsing": "A whole number is wanted here, such as 3; give one.",
    "int_parsing_size": "The number has too many digits; give a smaller one.",
    "int_from_float": _WHOLE,
    "string_type": "Text is wanted here; put it in quotes.",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "greater_than": "The number must be more than {gt}; give a larger one.",
    "greater_than_equal": "The number must be at least {ge}; give a larger one.",
    "less_than": "The number must be less than {lt}; give a smaller one.",
    "less_than_equal": "The number must be at most {le}; give a smaller one.",
    "string_too_short": "The text is too short: the fewest characters are {min_length}; give a longer one.",
    "string_too_long": "The text is too long: the most characters are {max_length}; give a shorter one.",
    "string_pattern_mismatch": "The text is not of the form that is taken here; /v1/openapi.json describes it.",
    "enum": "This is not one of the allowed values; give {expected}.",
    "literal_error": "This is not one of the allowed values; give {expected}.",
    "union_tag_invalid": "This is not one of the allowed values; give one of {expected_tags}.",
    "union_tag_not_found": "This field is required; give it.",
    "too_long": "The list is too long: the most items are {max_length}; leave some out.",
    "too_short": "The list is too short: the fewest items are {min_length}; add some.",
}


def faults_of(error: RequestValidationError, *, route: Any) -> tuple[Fault, ...]:
    """One fault per error; unknown names come with the nearest known one."""
    return tuple(_fault(found, route) for found in error.errors())


def _fault(found: dict[str, Any], route: Any) -> Fault:
    place, *tagged = found["loc"] or ("body",)
    rest = _untagged(tagged, has_kinds=place == "body" and len(_shapes(route)) > 1)
    kind = str(found["type"])
    if kind == "extra_forbidden":
        return _unknown(place, rest, _model_at(route, place, tagged[:-1]))
    if kind == "domain":
        kind = str(found["ctx"]["code"])
    if kind == "missing" and place == "body" and not rest:
        return Fault(pointer="", code="body.missing", message="This operation needs a JSON body; send one.")
    code = kind if "." in kind else _CODES.get(kind, "field.invalid")
    pointer = _pointer(place, rest) + str((found.get("ctx") or {}).get("pointer", ""))
    if kind.startswith("union_tag_"):
        pointer += "/kind"
    return Fault(pointer=pointer, code=code, message=_message(found))


def _untagged(path: Sequence[object], *, has_kinds: bool) -> list[object]:
    """The path without the kind that the framework puts in after the index of a change, or first where the body has several shapes."""
    if has_kinds:
        path = path[1:]
    return [part for n, part in enumerate(path) if not (n and isinstance(path[n - 1], int) and part in KINDS)]


def _message(found: dict[str, Any]) -> str:
    """What is wrong and what is allowed; the framework's own words never reach the caller."""
    kind = str(found["type"])
    if "." in kind or kind == "domain":
        return _sentence(str(found["msg"]))
    return _MESSAGES.get(kind, _NO_WORDS).format_map(found.get("ctx") or {})


def _pointer(place: object, rest: Sequence[object]) -> str:
    if place == "body":
        return "".join(f"/{escaped(str(part))}" for part in rest)
    names = ".".join(str(part)[:100] for part in rest)
    return {"query": f"?{names}", "header": f"header:{names}", "path": f"path:{names}"}.get(str(place), names)


def _sentence(message: str) -> str:
    return message if message.endswith(".") else f"{message}."


def _unknown(place: object, rest: Sequence[object], model: type[BaseModel] | None) -> Fault:
    name = str(rest[-1])
    pointer = _pointer(place, rest)
    if model is not None and name in {*getattr(model, "read_only", ()), *getattr(model, "shown_only", ())}:
        return Fault(
            pointer=pointer,
            code="field.read_only",
            message=f"{name} is set by the server, or by another operation, and cannot be given here; leave it out.",
        )
    known = _names(model) if model is not None else []
    return Fault(pointer=pointer, code="field.unknown", message=f"There is no field of this name. {_hint(name, known)}")


def parameter_faults(given: Sequence[tuple[str, str]], route: Any) -> tuple[Fault, ...]:
    """
    Parameters of an address that the route does not know, and those given twice.

    No route takes several values of one parameter, so a second one would silently win over the first.
    """
    known = sorted(set(_parameters(route.dependant)))
    faults = []
    for name, count in Counter(name for name, _ in given).items():
        pointer = _pointer("query", [name])
        if name not in known:
            message = f"There is no parameter of this name. {_hint(name, known)}"
            faults.append(Fault(pointer=pointer, code="field.unknown", message=message))
        elif count > 1:
            message = f"This parameter is given {count} times; give it once."
            faults.append(Fault(pointer=pointer, code="field.duplicate", message=message))
    return tuple(faults)


def _parameters(dependant: Any) -> Iterator[str]:
    for one in dependant.query_params:
        models = list(_models_in(one.field_info.annotation))
        yield from (name for model in models for name in _names(model)) if models else [one.alias]
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _names(model: type[BaseModel]) -> list[str]:
    return sorted(field.alias or name for name, field in model.model_fields.items())


def _hint(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known names: {', '.join(known)}." if known else "None is taken here; leave it out."


def _model_at(route: Any, place: object, path: Sequence[object]) -> type[BaseModel] | None:
    """The model whose field ``path`` leads to, within the route's body or query model."""
    model, choices = _root(route, place), list(_shapes(route) if place == "body" else ())
    for part in path:
        if not isinstance(part, str) or model is None:
            continue
        inner = model.model_fields.get(part)
        if inner is None:
            model = next((one for one in choices if _kind_of(one) == part), model)
        else:
            choices = list(_models_in(inner.annotation))
            model = next(iter(choices), None)
    return model


def _kind_of(model: type[BaseModel]) -> object:
    """By what one of several shapes is told from the others."""
    kind = model.model_fields.get("kind")
    return next(iter(get_args(kind.annotation)), None) if kind is not None else None


def _shapes(route: Any) -> list[type[BaseModel]]:
    """The shapes that the route's body may have; they are told apart by their kind where there are several."""
    field = getattr(route, "body_field", None)
    return [] if field is None else list(_models_in(field.field_info.annotation))


def _root(route: Any, place: object) -> type[BaseModel] | None:
    if place == "body":
        fields = [route.body_field] if getattr(route, "body_field", None) is not None else []
    else:
        fields = route.dependant.query_params if route is not None else []
    return next((model for one in fields for model in _models_in(one.field_info.annotation)), None)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for argument in get_args(annotation):
        yield from _models_in(argument)
