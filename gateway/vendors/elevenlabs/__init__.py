"""ElevenLabs' text to speech: its WebSockets and its calls, as turns of a conversation."""

from fastapi import APIRouter

from gateway.vendors.elevenlabs.calls import router as calls
from gateway.vendors.elevenlabs.sockets import router as sockets

router = APIRouter(prefix="/v1", tags=["ElevenLabs-compatible"])
router.include_router(sockets)
router.include_router(calls)
