"""Write a new migration from the difference between the tables and the last one: ``python -m scheduler.store.migrations "what it does"``."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from scheduler.store.engine import open_engine
from scheduler.store.schema import configuration, migrate


def main() -> None:
    """Compare on an empty SQLite file of its own."""
    if len(sys.argv) != 2:
        sys.exit('usage: python -m scheduler.store.migrations "what it does"')
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'compare.db'}")
        migrate(engine)
        with engine.begin() as connection:
            config = configuration()
            config.attributes["connection"] = connection
            command.revision(config, message=sys.argv[1], autogenerate=True)
        engine.dispose()


main()
