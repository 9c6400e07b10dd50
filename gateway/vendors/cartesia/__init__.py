"""Cartesia's text to speech: contexts on a WebSocket, and lines over HTTP; see docs/clients.md."""

from fastapi import APIRouter

from gateway.vendors.cartesia.calls import router as calls
from gateway.vendors.cartesia.sockets import router as sockets

router = APIRouter(tags=["Cartesia-compatible"])
router.include_router(sockets)
router.include_router(calls)
