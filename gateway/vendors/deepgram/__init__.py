"""Deepgram's text to speech: speeches on a WebSocket, and lines over HTTP; see docs/clients.md."""

from fastapi import APIRouter

from gateway.vendors.deepgram.calls import router as calls
from gateway.vendors.deepgram.sockets import router as sockets

router = APIRouter(tags=["Deepgram-compatible"])
router.include_router(sockets)
router.include_router(calls)
