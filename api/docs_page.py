"""The API's description as one plain page: nothing is loaded from elsewhere, so it also works without a network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}
code,pre{font:14px ui-monospace,monospace;background:#f4f4f4;padding:.1em .3em}
table{border-collapse:collapse;margin:.5rem 0 1rem}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left;vertical-align:top}
details{margin:.4rem 0}summary{cursor:pointer}.method{display:inline-block;width:4.5rem;font-weight:600}
"""


def page(description: dict[str, Any]) -> str:
    """Render an OpenAPI description as HTML."""
    title = escape(description["info"]["title"])
    body = [f"<h1>{title}</h1>", f"<p>{escape(description['info'].get('description', ''))}</p>"]
    body.append('<p>For programs: <a href="/v1/openapi.json">/v1/openapi.json</a></p><h2>Operations</h2>')
    for path, operations in description["paths"].items():
        body.extend(_operation(path, method, operation) for method, operation in operations.items())
    body.append("<h2>Shapes</h2>")
    body.extend(_shape(name, schema) for name, schema in sorted(description["components"]["schemas"].items()))
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{title}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(body)}</body></html>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    summary = f"<span class=method>{method.upper()}</span> <code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
    parts = [f"<p>{escape(operation.get('description', ''))}</p>"]
    rows = [
        (escape(p["name"]), p["in"], _kind(p.get("schema", {})), _yes(p.get("required")), escape(p.get("description", "")))
        for p in operation.get("parameters", [])
    ]
    if rows:
        parts.append(_table(("parameter", "in", "type", "required", "meaning"), rows))
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<p>Body ({escape(kind)}): {_kind(content['schema'])}</p>")
    answers = [
        (status, _answer(answer), escape(answer.get("description", ""))) for status, answer in operation.get("responses", {}).items()
    ]
    parts.append(_table(("status", "answer", "meaning"), answers))
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


def _yes(wanted: object) -> str:
    return "yes" if wanted else ""


def _answer(answer: dict[str, Any]) -> str:
    return ", ".join(f"{escape(kind)} {_kind(content.get('schema', {}))}" for kind, content in answer.get("content", {}).items())


def _shape(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = [
        (escape(key), _kind(value), _yes(key in required), escape(value.get("description", "")))
        for key, value in schema.get("properties", {}).items()
    ]
    content = _table(("field", "type", "required", "meaning"), rows) if rows else f"<p>{_kind(schema)}</p>"
    return f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary><p>{escape(schema.get("description", ""))}</p>{content}</details>'


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table; the cells are HTML."""
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{lines}</table>"


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(_kind(one) for one in schema[word])
    if "enum" in schema:
        return " | ".join(escape(str(one)) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(str(schema.get("format") or schema.get("type", "any")))
