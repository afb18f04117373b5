"""A process that keeps writing: the n-th transaction adds a skill and a client of that number, then says so on stdout."""

from __future__ import annotations

import sys

from scheduler.domain.ground.access import LOCAL
from scheduler.domain.ground.ids import ClientId, SkillId
from scheduler.domain.staffing.people import Skill
from scheduler.domain.staffing.work import Client
from scheduler.store import Store


def main() -> None:
    store = Store(sys.argv[1])
    number = 0
    while True:
        number += 1
        with store.begin(LOCAL) as tx:
            tx.skills.add(Skill(id=SkillId(f"{number}"), name=f"skill {number}"))
            tx.clients.add(Client(id=ClientId(f"{number}"), name=f"client {number}"))
        print(number, flush=True)


if __name__ == "__main__":
    main()
