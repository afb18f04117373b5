"""The firm's records. The kinds have the same operations; what differs is said in ``RESOURCES``."""

# Annotations are evaluated here: the framework reads the shapes of each kind from them.

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import address, problems, stored, to_response
from api.dependencies import CurrentActor, CurrentApplication
from api.idempotency import IdempotencyKey, claim_of
from api.json_route import JsonRoute
from api.preconditions import ExpectedVersion
from api.schemas import (
    absences,
    approvals,
    billing,
    budgets,
    change_orders,
    contracts,
    delivery,
    expenses,
    lists,
    people,
    rates,
    rebalance,
    time,
    work,
)
from api.schemas.fields import Id, Name, RecordWrite, WriteSchema
from api.schemas.lists import ListQuery, ReadQuery
from api.schemas.records import page_shape, patch_shape, patched, read_shape, shown
from api.versions import with_diff
from scheduler.domain.ground.ids import new_id
from scheduler.queries import records as seen
from scheduler.usecases import contracts as agreed
from scheduler.usecases import expenses as spent
from scheduler.usecases import records as done

OverrideReason = Annotated[
    Name | None, Query(description="Why somebody is booked beyond their capacity; needs the right `bookings:overbook` and is recorded.")
]


def _given(override_reason: OverrideReason = None) -> str | None:
    return override_reason


def _never() -> None:
    return None


_WITH_DASHES = frozenset(
    {
        "absence_kinds",
        "activity_types",
        "change_orders",
        "client_accounts",
        "exchange_rates",
        "expense_categories",
        "legal_entities",
        "project_templates",
        "rebalance_policies",
        "tax_codes",
        "time_policies",
    }
)
RecordId = Annotated[Id, Path(description="The id the server gave it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers:
    """How records of a kind are written: as all are, or by use cases of their own."""

    create: Callable[..., Any] = done.create_record
    change: Callable[..., Any] = done.change_record
    delete: Callable[..., None] = done.delete_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of record: its name in addresses and in the store, its name alone, and its shapes."""

    area: str
    one: str
    write: type[RecordWrite]
    listing: type[ListQuery]
    overbooks: bool = False
    """Whether writing it may book people beyond their capacity."""
    writers: Writers = Writers()

    @property
    def path(self) -> str:
        """Its name in addresses."""
        return self.area.replace("_", "-") if self.area in _WITH_DASHES else self.area

    @property
    def shape(self) -> str:
        """Name of what is read."""
        return self.write.__name__.removesuffix("Write")


RESOURCES = (
    Resource(area="delegations", one="delegation", write=approvals.DelegationWrite, listing=approvals.DelegationList),
    Resource(area="skills", one="skill", write=people.SkillWrite, listing=lists.SkillList),
    Resource(area="calendars", one="calendar", write=people.CalendarWrite, listing=lists.CalendarList),
    Resource(area="people", one="person", write=people.PersonWrite, listing=lists.PersonList),
    Resource(area="absences", one="absence", write=people.AbsenceWrite, listing=lists.AbsenceList),
    Resource(area="absence_kinds", one="absence kind", write=absences.AbsenceKindWrite, listing=lists.AbsenceKindList),
    Resource(area="clients", one="client", write=work.ClientWrite, listing=lists.ClientList),
    Resource(area="projects", one="project", write=work.ProjectWrite, listing=lists.ProjectList),
    Resource(area="demands", one="demand", write=work.DemandWrite, listing=lists.DemandList, overbooks=True),
    Resource(area="bookings", one="booking", write=work.BookingWrite, listing=lists.BookingList, overbooks=True),
    Resource(area="tasks", one="task", write=delivery.TaskWrite, listing=delivery.TaskList),
    Resource(area="project_templates", one="project template", write=delivery.ProjectTemplateWrite, listing=delivery.ProjectTemplateList),
    Resource(area="activity_types", one="activity type", write=time.ActivityTypeWrite, listing=time.ActivityTypeList),
    Resource(area="time_policies", one="time policy", write=time.TimePolicyWrite, listing=time.TimePolicyList),
    Resource(area="change_orders", one="change order", write=change_orders.ChangeOrderWrite, listing=change_orders.ChangeOrderList),
    Resource(area="budgets", one="budget", write=budgets.BudgetWrite, listing=budgets.BudgetList),
    Resource(area="expense_categories", one="expense category", write=expenses.ExpenseCategoryWrite, listing=lists.ExpenseCategoryList),
    Resource(
        area="expenses",
        one="expense",
        write=expenses.ExpenseWrite,
        listing=lists.ExpenseList,
        writers=Writers(create=spent.create_expense, change=spent.change_expense, delete=spent.delete_expense),
    ),
    Resource(area="bill_rates", one="bill rate", write=rates.BillRateWrite, listing=rates.BillRateList),
    Resource(area="exchange_rates", one="exchange rate", write=rates.ExchangeRateWrite, listing=rates.ExchangeRateList),
    Resource(area="tax_codes", one="tax code", write=billing.TaxCodeWrite, listing=billing.TaxCodeList),
    Resource(area="legal_entities", one="legal entity", write=billing.LegalEntityWrite, listing=billing.LegalEntityList),
    Resource(area="client_accounts", one="client account", write=billing.ClientAccountWrite, listing=billing.ClientAccountList),
    Resource(
        area="contracts",
        one="contract",
        write=contracts.ContractWrite,
        listing=contracts.ContractList,
        writers=Writers(create=agreed.create_contract, change=agreed.change_contract),
    ),
    Resource(
        area="charges",
        one="charge",
        write=contracts.ChargeWrite,
        listing=contracts.ChargeList,
        writers=Writers(create=agreed.create_charge, change=agreed.change_charge, delete=agreed.delete_charge),
    ),
    Resource(
        area="rebalance_policies", one="rebalance policy", write=rebalance.RebalancePolicyWrite, listing=rebalance.RebalancePolicyList
    ),
)


@cache
def records_router() -> APIRouter:
    """The operations of all kinds; made once, as the other routers are, because their many shapes take a tenth of a second."""
    router = APIRouter(route_class=JsonRoute)
    for resource in RESOURCES:
        read = read_shape(resource.shape, resource.write)
        _add_create(router, resource, read)
        _add_list(router, resource, read)
        _add_read(router, resource, read)
        _add_change(router, resource, read)
        _add_delete(router, resource)
    return router


def _named(function: Callable[..., Response], name: str, doc: str, **shapes: Any) -> Callable[..., Response]:
    """Give an operation the name, the words and the shapes of its kind."""
    function.__name__ = name
    function.__doc__ = doc
    function.__annotations__.update(shapes)
    return function


def _override_of(resource: Resource) -> Any:
    """The parameter that lets a booking in beyond capacity, where one can be made."""
    return Annotated[str | None, Depends(_given if resource.overbooks else _never)]


def _add_create(router: APIRouter, resource: Resource, read: type[RecordWrite]) -> None:
    def create(
        *,
        request: Request,
        application: CurrentApplication,
        actor: CurrentActor,
        body: RecordWrite,
        override_reason: str | None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        def respond(value: Any) -> Any:
            location = address(application.settings.public_url, resource.path, value.id)
            return stored(shown(read, value), status=201, version=value.version, location=location)

        claim = claim_of(request, idempotency_key, respond=respond)
        value = body.to_value(own_id=new_id(), version=0)
        terms = {"override_reason": override_reason} if resource.overbooks else {}
        created = resource.writers.create(application.store, actor=actor, value=value, now=datetime.now(UTC), idempotency=claim, **terms)
        return to_response(respond(created))

    name = f"create_{resource.one.replace(' ', '_')}"
    router.post(
        f"/{resource.path}",
        status_code=201,
        response_model=read,
        responses=problems(403, 409, 413, 415),
        tags=[resource.area],
        operation_id=name,
    )(_named(create, name, f"Create a {resource.one}.", body=resource.write, override_reason=_override_of(resource)))


def _add_list(router: APIRouter, resource: Resource, read: type[RecordWrite]) -> None:
    page = page_shape(f"{resource.shape}Page", read)

    def list_page(application: CurrentApplication, actor: CurrentActor, query: ListQuery) -> Response:
        found = seen.list_records(application.store, actor=actor, area=resource.area, page=query.page_request(), as_of=query.as_of)
        items = [shown(read, value) for value in found.items]
        return to_response(stored(page.model_construct(items=items, next_cursor=found.next_cursor)))

    name = f"list_{resource.area}"
    sorts = ", ".join(seen.sorts_and_filters(resource.area)[0])
    doc = f"List {resource.area.replace('_', ' ')}, page by page. They sort by: {sorts}."
    router.get(f"/{resource.path}", response_model=page, responses=problems(403), tags=[resource.area], operation_id=name)(
        _named(list_page, name, doc, query=Annotated[resource.listing, Query()])
    )


def _add_read(router: APIRouter, resource: Resource, read: type[RecordWrite]) -> None:
    def read_one(
        application: CurrentApplication, actor: CurrentActor, record_id: RecordId, query: Annotated[ReadQuery, Query()]
    ) -> Response:
        value = seen.get_record(application.store, actor=actor, area=resource.area, record_id=record_id, as_of=query.as_of)
        return to_response(stored(shown(read, value), version=value.version))

    name = f"read_{resource.one.replace(' ', '_')}"
    router.get(
        f"/{resource.path}/{{record_id}}", response_model=read, responses=problems(403, 404), tags=[resource.area], operation_id=name
    )(_named(read_one, name, f"Read a {resource.one}, as it is or as it was recorded at an instant."))


def _add_change(router: APIRouter, resource: Resource, read: type[RecordWrite]) -> None:
    def change(
        *,
        application: CurrentApplication,
        actor: CurrentActor,
        record_id: RecordId,
        version: ExpectedVersion,
        body: WriteSchema,
        override_reason: str | None,
    ) -> Response:
        store = application.store
        with with_diff(store, actor=actor, area=resource.area, record_id=record_id, version=version, read=read):
            current = seen.get_record(store, actor=actor, area=resource.area, record_id=record_id)
            value = patched(resource.write, body, current, version=version)
            terms = {"override_reason": override_reason} if resource.overbooks else {}
            saved = resource.writers.change(store, actor=actor, value=value, now=datetime.now(UTC), **terms)
        return to_response(stored(shown(read, saved), version=saved.version))

    name = f"change_{resource.one.replace(' ', '_')}"
    patch = patch_shape(f"{resource.shape}Patch", resource.write)
    router.patch(
        f"/{resource.path}/{{record_id}}",
        response_model=read,
        responses=problems(403, 404, 409, 412, 413, 415, 428),
        tags=[resource.area],
        operation_id=name,
    )(
        _named(
            change,
            name,
            f"Change fields of a {resource.one}; the others stay as they are.",
            body=patch,
            override_reason=_override_of(resource),
        )
    )


def _add_delete(router: APIRouter, resource: Resource) -> None:
    read = read_shape(resource.shape, resource.write)

    def delete(application: CurrentApplication, actor: CurrentActor, record_id: RecordId, version: ExpectedVersion) -> Response:
        store = application.store
        with with_diff(store, actor=actor, area=resource.area, record_id=record_id, version=version, read=read):
            now = datetime.now(UTC)
            resource.writers.delete(store, actor=actor, area=resource.area, record_id=record_id, version=version, now=now)
        return Response(status_code=204)

    name = f"delete_{resource.one.replace(' ', '_')}"
    router.delete(
        f"/{resource.path}/{{record_id}}",
        status_code=204,
        response_class=Response,
        responses=problems(403, 404, 409, 412, 428),
        tags=[resource.area],
        operation_id=name,
    )(_named(delete, name, f"Delete a {resource.one} that nothing refers to."))
