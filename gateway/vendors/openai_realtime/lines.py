"""What there is to be spoken: there is no language model here that would find words."""

from collections.abc import Callable, Iterator

from actors.phrases import speakable
from gateway.errors import Problem
from gateway.vendors.openai_realtime.items import ItemIn
from gateway.vendors.openai_realtime.messages import MOST_LINES, ResponseIn
from gateway.vendors.openai_realtime.response import Line

NO_WORDS = (
    "there is no language model here: say what is to be spoken, as messages of the assistant in "
    "`response.input`, as items created before, or as `response.instructions`; nothing was done"
)


class Lines:
    """Messages of the assistant that were created and wait for a response that speaks them.

    Args:
        new_id: Makes ids of items.
    """

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._waiting: dict[str, str] = {}

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._waiting

    def text(self, item_id: str) -> str:
        """Of one that waits."""
        return self._waiting[item_id]

    def add(self, item_id: str, text: str) -> None:
        """Have one wait; raises `Problem` if there is no room."""
        if len(self._waiting) >= MOST_LINES:
            message = f"{MOST_LINES} messages wait to be spoken; send `response.create` first"
            raise Problem(429, message, code="too_many_items", param="item")
        self._waiting[item_id] = text

    def remove(self, item_id: str) -> None:
        """Have one wait no longer, if it does."""
        self._waiting.pop(item_id, None)

    def wanted(self, asked: ResponseIn) -> list[Line]:
        """What a response is to speak: its input, or else what waits, or else its instructions.

        Raises:
            Problem: there is nothing in it that can be spoken.
        """
        if asked.input is not None:
            found = list(self._given(asked.input))
        elif self._waiting:
            found = list(self._waiting.items())
        elif speakable(asked.instructions or ""):
            found = [(self.new_item_id(), asked.instructions or "")]
        else:
            found = []
        if not found:
            raise Problem(422, NO_WORDS, code="text_missing", param="response")
        if len({item_id for item_id, _ in found}) < len(found):
            message = "response.input: two items have one name; nothing was done"
            raise Problem(409, message, code="item_id_in_use", param="response.input")
        return [Line(item_id, text, place) for place, (item_id, text) in enumerate(found)]

    def new_item_id(self) -> str:
        return f"item_{self._new_id()}"

    def _given(self, items: list[ItemIn]) -> Iterator[tuple[str, str]]:
        for place, item in enumerate(items):
            param = f"response.input.{place}"
            if item.role == "user":
                continue
            if item.type == "message":
                yield item.id or self.new_item_id(), item.line(param)
            elif item.id in self._waiting:
                yield item.id, self._waiting[item.id]
            else:
                message = f"{param}.id: no message of that name waits to be spoken"
                raise Problem(404, message, code="item_not_found", param=f"{param}.id")
