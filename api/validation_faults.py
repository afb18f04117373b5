"""What Pydantic found wrong, in the stable codes and plain sentences of this API."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from api.json_body import escaped
from scheduler.domain.ground.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapi.exceptions import RequestValidationError

_CODES = {
    "missing": "field.missing",
    "int_type": "field.type",
    "int_parsing": "field.type",
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
}


def faults_of(error: RequestValidationError, *, route: Any) -> tuple[Fault, ...]:
    """One fault per error; unknown names come with the nearest known one."""
    return tuple(_fault(found, route) for found in error.errors())


def _fault(found: dict[str, Any], route: Any) -> Fault:
    place, *rest = found["loc"] or ("body",)
    kind = str(found["type"])
    if kind == "extra_forbidden":
        return _unknown(place, rest, _model_at(route, place, rest[:-1]))
    if kind == "domain":
        kind = str(found["ctx"]["code"])
    if kind == "missing" and place == "body" and not rest:
        return Fault(pointer="", code="body.missing", message="This operation needs a JSON body; send one.")
    code = kind if "." in kind else _CODES.get(kind, "field.invalid")
    message = "This field is required; give it." if kind == "missing" else _sentence(str(found["msg"]))
    return Fault(pointer=_pointer(place, rest), code=code, message=message)


def _pointer(place: object, rest: Sequence[object]) -> str:
    if place == "body":
        return "".join(f"/{escaped(str(part))}" for part in rest)
    names = ".".join(str(part)[:100] for part in rest)
    return {"query": f"?{names}", "header": f"header:{names}", "path": f"path:{names}"}.get(str(place), names)


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ").strip()
    return text if text.endswith(".") else f"{text}."


def _unknown(place: object, rest: Sequence[object], model: type[BaseModel] | None) -> Fault:
    name = str(rest[-1])
    pointer = _pointer(place, rest)
    if model is not None and name in {*getattr(model, "read_only", ()), *getattr(model, "shown_only", ())}:
        return Fault(pointer=pointer, code="field.read_only", message=f"{name} is set by the server and cannot be given; leave it out.")
    known = sorted(model.model_fields) if model is not None else []
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"Known names: {', '.join(known)}."
    word = "parameter" if place == "query" else "field"
    return Fault(pointer=pointer, code="field.unknown", message=f"There is no {word} of this name. {hint}")


def _model_at(route: Any, place: object, path: Sequence[object]) -> type[BaseModel] | None:
    """The model whose field ``path`` leads to, within the route's body or query model."""
    model = _root(route, place)
    for part in path:
        if not isinstance(part, str) or model is None:
            continue
        inner = model.model_fields.get(part)
        model = next(_models_in(inner.annotation), None) if inner is not None else model
    return model


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
