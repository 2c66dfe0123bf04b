"""OpenAI's routes around the engine: requests in, jobs to the engine, answers out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

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
from .decode import Sampled
from .engine import Engine, Job
from .errors import TrainerError
from .text import TextDecoder

_MAX_BODY = 64 << 20


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
