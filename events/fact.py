"""What all that is stored of a conversation shares."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """What all events and their parts share: frozen, and forgiving to fields of a later release."""

    model_config = ConfigDict(frozen=True, extra="ignore")
