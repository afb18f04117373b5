"""The ``muster`` command."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

import typer
import typer.core
import typer.main

from scheduler.commands.refusal import BAD_INPUT, Refused
from scheduler.domain.ground.errors import DomainError

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

INTERNAL_FAULT = 70
INTERRUPTED = 130
DEBUG = "MUSTER_DEBUG"

COMMANDS = {
    "solve": "scheduler.commands.solve:solve_file",
    "verify": "scheduler.commands.verify:verify_files",
    "hire": "scheduler.commands.hire:value_hire",
    "explain": "scheduler.commands.explain:explain_file",
    "import": "scheduler.commands.imports:import_tables",
    "plan": "scheduler.commands.plan:plan_firm",
    "rebalance": "scheduler.commands.rebalance:rebalance_firm",
    "serve": "scheduler.commands.serve:serve_api",
    "worker": "scheduler.commands.worker:work",
    "user": "scheduler.commands.user:users",
    "migrate": "scheduler.commands.migrate:migrate_database",
    "backup": "scheduler.commands.backup:back_up_database",
    "audit": "scheduler.commands.audit:commands",
    "ledger": "scheduler.commands.ledger:commands",
    "person": "scheduler.commands.person:commands",
    "demo": "scheduler.commands.demo:demo",
    "version": "scheduler.commands.version:version",
}
"""By name, and loaded when called: nobody who verifies a plan should wait for the job engine."""


class Commands(typer.core.TyperGroup):
    """The commands, each loaded when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the framework's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer keeps click's types to itself
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        single = getattr(importlib.import_module(module), name)
        if not isinstance(single, typer.Typer):
            function, single = single, typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            single.command(cmd_name)(function)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # ignored in a script's background
            signal.signal(signal.SIGINT, signal.default_int_handler)  # loaded: Ctrl-C is the command's business now
        return typer.main.get_command(single)


app = typer.Typer(
    name="muster",
    cls=Commands,
    help="Plans a professional-services firm's people, and proves how good the plan is.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _muster() -> None:
    pass


def main() -> None:
    """Run the command line; whatever happens, the user reads words and not a traceback."""
    logging.basicConfig(level=logging.WARNING, format="muster: %(levelname)s: %(message)s")
    try:
        app()
    except Refused as refusal:
        _end(refusal.exit_code, *refusal.lines)
    except DomainError as error:
        _end(BAD_INPUT, f"{error.code}: {error.detail}", *(f"  {f.pointer or '/'}  {f.code}  {f.message}" for f in error.faults))
    except KeyboardInterrupt:
        _end(INTERRUPTED, "interrupted.")
    except SystemExit:
        raise  # how every command ends; looking at the clauses below would load the database's errors
    except BrokenPipeError:
        # Whoever read us has gone; the interpreter would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _end(BAD_INPUT, f"{error.filename or 'the system'} cannot be used: {(error.strerror or str(error)).lower()}.")
    except _database_error() as error:
        _end(BAD_INPUT, f"the database cannot be used: {str(error.orig).strip().splitlines()[0]}")
    except Exception as error:  # noqa: BLE001 - the last handler: a user is never shown a traceback
        if os.environ.get(DEBUG):
            traceback.print_exc()
        _end(INTERNAL_FAULT, f"internal fault: {type(error).__name__}: {error}", f"Please report it; {DEBUG}=1 shows where it happened.")


def _database_error() -> type[DBAPIError]:
    from sqlalchemy.exc import DBAPIError  # only when something went wrong: it takes longer to load than all the rest of this module

    return DBAPIError


def _end(code: int, *lines: str) -> None:
    first, *rest = lines or ("failed.",)
    print("\n".join([f"muster: {first}", *rest]), file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
