"""Storage: ``Store`` opens transactions, a repository per area keeps its values and every version of them."""

from scheduler.store.retry import retried
from scheduler.store.schema import SchemaState
from scheduler.store.store import Store
from scheduler.store.transaction import Transaction
from scheduler.store.view import View

__all__ = ["SchemaState", "Store", "Transaction", "View", "retried"]
