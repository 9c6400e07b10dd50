from gateway.metrics import CountedRequests, Metrics
from tests.fakes.http import Call


class Route:
    path = "/v1/conversation/{conversation_id}"


async def test_requests_are_counted_by_pattern_not_by_name() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        scope["route"] = Route()
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    metrics = Metrics()
    counted = CountedRequests(app, metrics=metrics)
    for name in ("ann", "bob"):
        await Call(counted, "GET", f"/v1/conversation/{name}").done
    page = metrics.page().decode()
    assert f'colloquy_requests_total{{route="{Route.path}",status="404"}} 2.0' in page
    assert "ann" not in page


def test_each_app_has_instruments_of_its_own() -> None:
    one, other = Metrics(), Metrics()
    one.left.inc()
    assert b"colloquy_streams_left_total 1.0" in one.page()
    assert b"colloquy_streams_left_total 0.0" in other.page()
