"""The ``muster`` command."""

from __future__ import annotations

import os
import sys
import traceback
from importlib.metadata import version as installed_version

import typer
from sqlalchemy.exc import DBAPIError

from scheduler.commands.demo import demo
from scheduler.commands.imports import import_tables
from scheduler.commands.migrate import migrate_database
from scheduler.commands.plan import plan_firm
from scheduler.commands.refusal import Refused
from scheduler.commands.serve import serve_api
from scheduler.commands.solve import solve_file
from scheduler.commands.verify import verify_files
from scheduler.domain.ground.errors import DomainError

INTERNAL_FAULT = 70
INTERRUPTED = 130
DEBUG = "MUSTER_DEBUG"

app = typer.Typer(
    name="muster",
    help="Plans a professional-services firm's people, and proves how good the plan is.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("solve")(solve_file)
app.command("verify")(verify_files)
app.command("import")(import_tables)
app.command("plan")(plan_firm)
app.command("serve")(serve_api)
app.command("migrate")(migrate_database)
app.command("demo")(demo)


@app.command()
def version() -> None:
    """Print the version."""
    print(f"muster {installed_version('muster')}")


def main() -> None:
    """Run the command line; whatever happens, the user reads words and not a traceback."""
    try:
        app()
    except Refused as refusal:
        _say(*refusal.lines)
        sys.exit(refusal.exit_code)
    except DomainError as error:
        _say(f"{error.code}: {error.detail}", *(f"  {f.pointer or '/'}  {f.code}  {f.message}" for f in error.faults))
        sys.exit(2)
    except DBAPIError as error:
        _say(f"the database cannot be used: {str(error.orig).strip().splitlines()[0]}")
        sys.exit(2)
    except KeyboardInterrupt:
        _say("interrupted.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read us has gone; the interpreter would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last handler: a user is never shown a traceback
        if os.environ.get(DEBUG):
            traceback.print_exc()
        _say(f"internal fault: {type(error).__name__}: {error}", f"Please report it; {DEBUG}=1 shows where it happened.")
        sys.exit(INTERNAL_FAULT)


def _say(*lines: str) -> None:
    first, *rest = lines or ("failed.",)
    print("\n".join([f"muster: {first}", *rest]), file=sys.stderr)


if __name__ == "__main__":
    main()
