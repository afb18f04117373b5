"""The page behind a one-time link: set a password, or make the first admin. It loads nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib

_SCRIPT = """
const form = document.forms[0], note = document.querySelector('output'), secret = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
const send = (path, body) => fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
form.addEventListener('submit', async event => {
  event.preventDefault();
  const login = form.login.value.trim(), password = form.password.value;
  const answer = login
    ? await send('/v1/setup', {secret, login, name: form.fullname.value.trim() || login, password})
    : await send('/v1/password_resets', {secret, password});
  note.textContent = answer.ok ? 'Done. You can log in now.' : (await answer.json()).detail;
});
"""
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}label,input,button{display:block;width:100%}"
)
PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'><meta name=referrer "
    f"content=no-referrer><title>Muster: set a password</title><style>{_STYLE}</style></head><body><h1>Set a password</h1><form>"
    "<p><label>Login and full name, only if you make the first admin</label><input name=login autocomplete=username>"
    "<input name=fullname autocomplete=name></p><p><label>Password, at least 12 characters</label>"
    "<input name=password type=password required minlength=12 autocomplete=new-password></p><button>Set</button></form><output></output>"
    f"<script>{_SCRIPT}</script></body></html>"
)


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; connect-src 'self'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)};"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
