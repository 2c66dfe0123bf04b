"""The server process: loads models, listens, says that it is ready, and ends when it should.

It lives as long as the process that started it: when the pipe on standard input closes, it ends, so an
orphan never keeps a model in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import uvicorn
from starlette.applications import Starlette

from . import PROTOCOL, events, model
from .adapters import merged_copies
from .decode import check_decodable
from .engine import Engine
from .errors import TrainerError
from .routes import Served, make_app
from .text import TextDecoder


@dataclass(frozen=True)
class ServerOptions:
    """The flags of ``serve``."""

    model: str
    adapters: dict[str, Path] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
    threads: int | None = None
    max_batch: int = 64
    dtype: str = "auto"
    device: str = "auto"

    @classmethod
    def from_namespace(cls, options: argparse.Namespace) -> ServerOptions:
        """Checks parsed flags."""
        if options.max_batch < 1 or (options.threads is not None and options.threads < 1):
            raise TrainerError("bad-arguments", "--max-batch and --threads must be at least 1.", "Correct the flag.")
        if not 0 <= options.port < 65536:
            raise TrainerError("bad-arguments", f"--port {options.port} is not a port.", "Give 0 to 65535.")
        return cls(
            model=options.model,
            adapters=_parse_adapters(options.adapter, options.model),
            host=options.host,
            port=options.port,
            threads=options.threads,
            max_batch=options.max_batch,
            dtype=options.dtype,
            device=options.device,
        )


def serve(options: ServerOptions, emit: Callable[[Any], None]) -> None:
    """Serves until standard input closes or a signal comes.

    Args:
        options: Checked flags.
        emit: Receives the ready event.
    """
    listening = _listen(options)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    device = model.choose_device(options.device)
    dtype = model.choose_dtype(options.dtype, device)
    tokenizer = model.load_tokenizer(options.model)
    base = model.load_base(options.model, device, dtype)
    check_decodable(base)
    served = make_served(options, base, tokenizer)
    host, port = listening.getsockname()[:2]
    ready = events.Ready(
        protocol=PROTOCOL,
        host=host,
        port=port,
        url=f"http://{f'[{host}]' if ':' in host else host}:{port}/v1",
        model=options.model,
        adapters=list(options.adapters),
        context_length=served.context,
        device=device.type,
        dtype=model.dtype_name(dtype),
        versions=model.versions(),
    )
    served.engine.start()
    try:
        asyncio.run(_serve_http(make_app(served), listening, lambda: emit(ready), served.engine))
    finally:
        served.engine.stop()


def make_served(options: ServerOptions, base: Any, tokenizer: Any) -> Served:
    """Puts models, tokenizer and engine together."""
    text = TextDecoder(tokenizer)
    models = {options.model: base, **merged_copies(base, options.adapters)}
    threads = options.threads or torch.get_num_threads()
    engine = Engine(models, text, end_tokens(base, tokenizer), max_batch=options.max_batch, threads=threads)
    return Served(
        base=options.model,
        adapters=list(options.adapters),
        tokenizer=tokenizer,
        text=text,
        context=model.context_length(base),
        engine=engine,
        created=int(time.time()),
    )


def end_tokens(base: Any, tokenizer: Any) -> frozenset[int]:
    """Tokens that end a completion: the tokenizer's, and those of the model's generation settings."""
    configured = getattr(base.generation_config, "eos_token_id", None)
    listed = configured if isinstance(configured, list) else [configured]
    return frozenset(token for token in [*listed, tokenizer.eos_token_id] if token is not None)


class _Server(uvicorn.Server):
    """Uvicorn re-raises the signal that stopped it, which would make a clean end look like a crash."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve_http(app: Starlette, listening: socket.socket, ready: Callable[[], None], engine: Engine) -> None:
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=2, access_log=False)
    server = _Server(config)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True
        threading.Thread(target=engine.stop, daemon=True).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    _when_stdin_closes(lambda: loop.call_soon_threadsafe(stop))
    await asyncio.gather(server.serve(sockets=[listening]), _announce(server, ready))


async def _announce(server: uvicorn.Server, ready: Callable[[], None]) -> None:
    while not server.started and not server.should_exit:
        await asyncio.sleep(0.005)
    if server.started:
        ready()


def _when_stdin_closes(stop: Callable[[], Any]) -> None:
    """Watches standard input where it is a pipe or a socket; a terminal or /dev/null means nothing."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):
            stop()

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def _listen(options: ServerOptions) -> socket.socket:
    """Binds before anything is loaded, so that a port that is taken fails at once."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, number)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        return listening
    except OSError as error:
        raise TrainerError(
            "port-unavailable",
            f"Cannot listen on {options.host} port {options.port}: {error.strerror}.",
            "Choose another --port, or 0 for a free one.",
        ) from error


def _parse_adapters(given: list[str], base: str) -> dict[str, Path]:
    adapters: dict[str, Path] = {}
    for entry in given:
        name, separator, folder = entry.partition("=")
        if not (name and separator and folder):
            raise TrainerError("bad-arguments", f"--adapter {entry} is not NAME=DIR.", "Write --adapter NAME=DIR.")
        if name in adapters or name == base:
            raise TrainerError(
                "bad-arguments", f"The name {name} is given twice.", "Give every adapter its own name."
            )
        adapters[name] = Path(folder)
    return adapters
