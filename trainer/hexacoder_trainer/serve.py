"""The HTTP side of the server: OpenAI's routes around the engine.

It lives as long as the process that started it: when the pipe on standard input closes, it ends, so an
orphan never keeps a model in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
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
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import PROTOCOL, events, model
from .adapters import merged_copies
from .api import (
    ApiError,
    ChatRequest,
    CompletionRequest,
    chat_answer,
    completion_answer,
    make_sequences,
    parse_request,
    prompt_tokens,
)
from .decode import Sampled, check_decodable
from .engine import Engine, Job
from .errors import TrainerError
from .text import TextDecoder

_MAX_BODY = 64 << 20


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


@dataclass(frozen=True)
class Served:
    """What the routes need."""

    base: str
    adapters: list[str]
    tokenizer: Any
    text: TextDecoder
    context: int
    engine: Engine
    created: int


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


def make_app(served: Served) -> Starlette:
    """The routes."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", **served.engine.load})

    async def models(_: Request) -> Response:
        entries = [_model_entry(served.base, served.created, None)]
        entries += [_model_entry(name, served.created, served.base) for name in served.adapters]
        return JSONResponse({"object": "list", "data": entries})

    async def completions(http: Request) -> Response:
        request = parse_request(CompletionRequest, await _json_body(http))
        _check_model(served, request.model)
        texts = [request.prompt] if isinstance(request.prompt, str) else request.prompt
        prompts = [prompt_tokens(served.tokenizer, text) for text in texts]
        sequences = make_sequences(
            request,
            prompts,
            max_tokens=16 if request.max_tokens is None else request.max_tokens,
            logprobs=request.logprobs,
            context=served.context,
            text=served.text,
        )
        await _decode(served.engine, Job(request.model, sequences), http)
        return JSONResponse(completion_answer(request.model, prompts, sequences, served.text))

    async def chat(http: Request) -> Response:
        request = parse_request(ChatRequest, await _json_body(http))
        _check_model(served, request.model)
        prompts = [_chat_prompt(served.tokenizer, request)]
        sequences = make_sequences(
            request,
            prompts,
            max_tokens=request.max_completion_tokens or request.max_tokens,
            logprobs=None,
            context=served.context,
            text=served.text,
        )
        await _decode(served.engine, Job(request.model, sequences), http)
        return JSONResponse(chat_answer(request.model, prompts, sequences))

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/models", models),
            Route("/v1/completions", completions, methods=["POST"]),
            Route("/v1/chat/completions", chat, methods=["POST"]),
        ],
        exception_handlers={ApiError: _api_error, TrainerError: _trainer_error, HTTPException: _http_error},
    )


async def _decode(engine: Engine, job: Job, http: Request) -> list[Sampled]:
    """Waits for a job; a client that hangs up frees its place in the batch."""
    done = asyncio.wrap_future(job.done)
    engine.submit(job)
    gone = asyncio.ensure_future(_disconnected(http))
    try:
        await asyncio.wait({done, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            job.cancel()
        await done
    finally:
        gone.cancel()
    return job.sequences


async def _disconnected(http: Request) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass


async def _json_body(http: Request) -> Any:
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            raise ApiError(413, f"The request is larger than {_MAX_BODY} bytes.", code="too-large")
    try:
        return json.loads(body)
    except ValueError as error:
        raise ApiError(400, f"The body is not JSON: {error}.", code="bad-request") from error


def _check_model(served: Served, name: str) -> None:
    known = [served.base, *served.adapters]
    if name not in known:
        message = f"There is no model {name!r} here; there are: {', '.join(known)}."
        raise ApiError(404, message, code="model_not_found", param="model")


def _chat_prompt(tokenizer: Any, request: ChatRequest) -> tuple[int, ...]:
    if not getattr(tokenizer, "chat_template", None):
        message = "This model has no chat template: it continues text. Use /v1/completions."
        raise ApiError(400, message, code="no-chat-template")
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except Exception as error:
        raise ApiError(400, f"The chat template refuses these messages: {error}.", code="bad-request") from error
    return prompt_tokens(tokenizer, text, special=False)


def _model_entry(name: str, created: int, parent: str | None) -> dict[str, Any]:
    entry = {"id": name, "object": "model", "created": created, "owned_by": "hexacoder"}
    return entry if parent is None else {**entry, "parent": parent}


async def _api_error(_: Request, error: Exception) -> Response:
    known = error if isinstance(error, ApiError) else ApiError(500, str(error), code="internal-error")
    return JSONResponse(known.body, status_code=known.status)


async def _trainer_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, TrainerError):
        raise error
    status = 503 if error.code in ("interrupted", "out-of-memory") else 500
    return JSONResponse(ApiError(status, f"{error.message} {error.remedy}", code=error.code).body, status_code=status)


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse(ApiError(status, f"{detail}.", code=str(status)).body, status_code=status)


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
