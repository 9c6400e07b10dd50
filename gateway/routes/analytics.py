"""The log, asked: views, SQL, plots."""

import asyncio
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from analytics.library import library
from analytics.plots import PLOTS
from analytics.plots.studio import CannotDraw, NoPlots, Studio
from analytics.sandbox import (
    FORMATS,
    Answer,
    Format,
    LimitExceeded,
    NotAllowed,
    NotAnswered,
    Question,
    Sandbox,
    TooManyQuestions,
    WrongSql,
)
from analytics.sandbox_statement import no_such_view
from analytics.scope import Scope
from analytics.upkeep import compact_beside, keep
from gateway.access.needs import Who, needs
from gateway.bodies import Body
from gateway.errors import TRY_AGAIN_AFTER_S, Problem
from gateway.fields import Identifier
from gateway.settings import Settings

router = APIRouter(prefix="/v1/analytics", tags=["analytics"], dependencies=[needs("analyse")])

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
LONGEST_SQL = 100_000
MOST_PARAMETERS = 1_000

Value = str | bool | int | float | None | list[Any]

ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {MEDIA_TYPES[form].partition(";")[0]: {} for form in FORMATS},
        "description": "The rows, up to the position of the log in `X-Log-Position`.",
    }
}
SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {}}, "description": "The plot."},
    501: {"description": "The server was installed without the extra `plots`."},
}


class SqlIn(Body):
    sql: str = Field(min_length=1, max_length=LONGEST_SQL)
    params: list[Value] | dict[str, Value] = Field(default_factory=list, max_length=MOST_PARAMETERS)
    format: Format = "json"


class Analysts:
    """Those who answer, and who keep the archive, for each app."""

    def __init__(self, settings: Settings) -> None:
        self._data_dir = settings.data_dir.resolve()
        self._archive_every_s = settings.archive_every_s
        self._tasks: list[asyncio.Task[None]] = []
        limits = settings.question_limits()
        self.sandbox = Sandbox(self._data_dir, limits, processes=settings.analytics_processes)
        self.studio = Studio(self._data_dir)

    def open(self) -> None:
        """From here on they are ready, and the archive follows the log, until they are closed."""
        if self._tasks:
            return
        self._tasks.append(asyncio.create_task(self.sandbox.prepare()))
        if self._archive_every_s:
            work = keep(partial(compact_beside, self._data_dir), self._archive_every_s)
            self._tasks.append(asyncio.create_task(work))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.sandbox.close()
        await self.studio.close()


async def analysts(request: Request) -> Analysts:
    found = request.app.state.analysts
    assert isinstance(found, Analysts)  # noqa: S101
    return found


async def scope(who: Who, conversation_id: Identifier | None = None) -> Scope:
    """What the caller may see of what is asked for."""
    ids = None if conversation_id is None else frozenset([conversation_id])
    return Scope(ids, who.only)


async def own(who: Who) -> Scope:
    """What the caller may see."""
    return Scope(owner=who.only)


By = Annotated[Analysts, Depends(analysts)]
Asked = Annotated[Scope, Depends(scope)]
Own = Annotated[Scope, Depends(own)]


@router.get("/views")
async def views() -> dict[str, Any]:
    """What can be read: each view, and what its rows mean."""
    known = sorted(library(), key=lambda view: view.name)
    data = [{"name": v.name, "summary": v.summary, "definition": v.definition} for v in known]
    return {"object": "list", "data": data}


@router.get("/views/{name}", response_class=Response, responses=ANSWER)
async def view(
    name: str,
    by: By,
    seen: Asked,
    form: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """The rows of a view, in the order of its columns; of one conversation, or of all."""
    known = sorted(view.name for view in library())
    if name not in known:
        message = no_such_view(name, known)
        raise Problem(404, message, code="view_not_found", param="name")
    return await _answered(by, Question(f'FROM "{name}" ORDER BY ALL', (), form, seen), "name")


@router.post("/sql", response_class=Response, responses=ANSWER)
async def sql(body: SqlIn, by: By, seen: Own) -> Response:
    """The answer to one `SELECT` over the views, bounded in time, memory, rows and bytes.

    `params` are the values of `?` in it, or of `$name`.
    """
    return await _answered(by, Question(body.sql, body.params, body.format, seen), "sql")


@router.get("/plots")
async def plots() -> dict[str, Any]:
    """What can be drawn."""
    data = [{"name": name, "summary": plot.summary} for name, plot in PLOTS.items()]
    return {"object": "list", "data": data}


@router.get("/plots/{name}.svg", response_class=Response, responses=SVG)
async def plot(
    name: str,
    by: By,
    seen: Asked,
    theme: Literal["light", "dark"] = "light",
) -> Response:
    """A plot of one conversation or, where that can be drawn, of all."""
    if name not in PLOTS:
        message = f"there is no plot {name!r}; there is {', '.join(PLOTS)}"
        raise Problem(404, message, code="plot_not_found", param="name")
    try:
        drawn = await by.studio.draw(name, theme, seen)
    except NoPlots as missing:
        raise Problem(501, str(missing), code="plots_not_installed") from None
    except CannotDraw as failure:
        again = {"Retry-After": TRY_AGAIN_AFTER_S}
        raise Problem(503, str(failure), code="unavailable", headers=again) from None
    headers = {"X-Log-Position": str(drawn.position), "Cache-Control": "no-cache"}
    return Response(drawn.svg, media_type="image/svg+xml", headers=headers)


async def _answered(by: Analysts, question: Question, param: str) -> Response:
    try:
        answer = await by.sandbox.ask(question)
    except NotAnswered as refusal:
        raise _problem(refusal, param) from None
    headers = {
        "X-Log-Position": str(answer.position),
        "X-Rows": str(answer.rows),
        "X-Truncated": "true" if answer.truncated else "false",
    }
    body = _whole(answer) if question.format == "json" else answer.body
    return Response(body, media_type=MEDIA_TYPES[question.format], headers=headers)


def _whole(answer: Answer) -> bytes:
    """The JSON of an answer, with what the headers say: the rest of it was written elsewhere."""
    truncated = "true" if answer.truncated else "false"
    end = f',"position":{answer.position},"rows":{answer.rows},"truncated":{truncated}}}'
    return b'{"object":"list",' + answer.body[1:-1] + end.encode()


def _problem(refusal: NotAnswered, param: str) -> Problem:
    message = f"{refusal}; nothing was changed" if isinstance(refusal, NotAllowed) else str(refusal)
    match refusal:
        case WrongSql():
            return Problem(400, message, code="invalid_sql", param=param)
        case NotAllowed():
            return Problem(400, message, code="sql_not_allowed", param=param)
        case LimitExceeded():
            return Problem(422, message, code="sql_limit_exceeded", param=param)
        case TooManyQuestions():
            again = {"Retry-After": TRY_AGAIN_AFTER_S}
            return Problem(429, message, code="busy", headers=again)
        case _:
            again = {"Retry-After": TRY_AGAIN_AFTER_S}
            return Problem(503, message, code="unavailable", headers=again)
