"""How a running solve shows itself on stderr: one live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from babel.numbers import get_currency_precision
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from solver_models.result import Progress

if TYPE_CHECKING:
    from types import TracebackType

_PLAIN_EVERY_S = 2.0
_BAR_AFTER_S = 1.0


class ProgressLine:
    """Shows objective, bound, gap and seconds; a context manager."""

    def __init__(self, *, currency: str) -> None:
        self._currency = currency
        self._console = Console(stderr=True)
        self._began = time.monotonic()
        self._newest: Progress | None = None
        self._live: Live | None = None
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True, get_renderable=self._line)
        self._last_plain = float("-inf")
        self._last_shown: tuple[int | None, int | None] | None = None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def show(self, progress: Progress) -> None:
        """Show one moment; repeats of the same figures are left out of a log."""
        self._newest = progress
        if self._live is not None:
            return
        figures = (progress.objective_x60, progress.bound_x60)
        now = time.monotonic()
        if figures != self._last_shown and now - self._last_plain >= _PLAIN_EVERY_S:
            self._last_plain, self._last_shown = now, figures
            self._console.print(Text(progress_text(progress, currency=self._currency)), soft_wrap=True)

    def _line(self) -> Text:
        """The newest figures and the seconds that have passed by now, so that a silent search does not look dead."""
        seconds = time.monotonic() - self._began
        newest = self._newest or Progress(seconds=0, objective_x60=None, bound_x60=None)
        return Text(progress_text(replace(newest, seconds=seconds), currency=self._currency), no_wrap=True, overflow="ellipsis")


class CountBar:
    """A bar of how much of something is done, on a terminal and only where it takes long; a context manager."""

    def __init__(self, what: str) -> None:
        self._bar = Bar(
            TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
        )
        self._began = time.monotonic()
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._task is not None:
            self._bar.stop()

    def show(self, done: int, total: int) -> None:
        """Show that so many of so many are done."""
        if self._task is None and self._bar.console.is_terminal and time.monotonic() - self._began >= _BAR_AFTER_S:
            self._task = self._bar.add_task("", total=total)
            self._bar.start()
        if self._task is not None:
            self._bar.update(self._task, completed=done)


def progress_text(progress: Progress, *, currency: str) -> str:
    """One line of progress."""
    objective = "no plan yet" if progress.objective_x60 is None else f"objective {amount(progress.objective_x60, currency)}"
    bound = "no bound yet" if progress.bound_x60 is None else f"bound {amount(progress.bound_x60, currency)}"
    return f"{objective}  {bound}  gap {percent(progress.gap)}  {progress.seconds:.1f} s"


def amount(x60: int | None, currency: str) -> str:
    """An amount of Z (minor units x 60) in the currency's own unit."""
    if x60 is None:
        return "-"
    digits = get_currency_precision(currency)
    return f"{currency} {Decimal(x60) / 60 / 10**digits:,.{digits}f}"


def percent(gap: float | None) -> str:
    """A gap for people; a tiny one does not round to a proof."""
    if gap is None:
        return "-"
    return f"{gap:.2%}" if gap == 0 or gap >= 0.0001 else "< 0.01%"
