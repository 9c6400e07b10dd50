from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.synthesis.schedule import DeadlineQueue, QueueFull

DEADLINES = st.integers(0, 5).map(float)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), DEADLINES),
        st.tuples(st.just("pop"), st.just(0.0)),
        st.tuples(st.just("withdraw"), DEADLINES),
    ),
    max_size=60,
)


@given(STEPS, st.integers(1, 8))
def test_the_most_urgent_is_next_and_among_equals_the_first_to_come(
    steps: list[tuple[str, float]], capacity: int
) -> None:
    queue, model, numbers = DeadlineQueue(capacity), list[tuple[float, int]](), count()
    for what, value in steps:
        if what == "push" and len(model) < capacity:
            ticket = next(numbers)
            queue.push(ticket, value)
            model.append((value, ticket))
        elif what == "push":
            with pytest.raises(QueueFull):
                queue.push(-1, value)
        elif what == "pop":
            expected = min(model, default=None)
            assert queue.pop() == (None if expected is None else expected[1])
            model = [waiting for waiting in model if waiting != expected]
        else:
            queue.withdraw(int(value))
            model = [waiting for waiting in model if waiting[1] != int(value)]
        assert len(queue) == len(model)


def test_a_refused_ticket_does_not_wait() -> None:
    queue = DeadlineQueue(1)
    queue.push("a", 2.0)
    with pytest.raises(QueueFull):
        queue.push("b", 1.0)
    assert [queue.pop(), queue.pop()] == ["a", None]


def test_a_withdrawn_ticket_makes_room() -> None:
    queue = DeadlineQueue(1)
    queue.push("a", 1.0)
    queue.withdraw("a")
    queue.push("b", 2.0)
    assert queue.pop() == "b"


def test_a_ticket_that_comes_again_waits_by_its_new_deadline() -> None:
    queue = DeadlineQueue(3)
    queue.push("a", 1.0)
    queue.withdraw("a")
    queue.push("b", 2.0)
    queue.push("a", 3.0)
    assert [queue.pop(), queue.pop(), queue.pop()] == ["b", "a", None]
