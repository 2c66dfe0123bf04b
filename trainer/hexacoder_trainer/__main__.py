"""The command line: ``train RUN_JSON``, ``merge …``, ``serve --model …``, ``schema``."""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from . import events
from .config import read_run_file, run_schema
from .errors import TrainerError, explain


class _Parser(argparse.ArgumentParser):
    """Reports wrong flags as an event, as every other failure."""

    def error(self, message: str) -> NoReturn:
        raise TrainerError("bad-arguments", f"{self.prog}: {message}.", f"See: {self.prog} --help")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; standard output carries events only."""
    if (arguments or sys.argv[1:]) == ["schema"]:
        sys.stdout.write(json.dumps(run_schema(), indent=2) + "\n")
        return 0
    if {"-h", "--help"} & set(arguments or sys.argv[1:]):
        _parser().parse_args(arguments)
    writer = events.EventWriter.on_stdout()
    try:
        _run(_parser().parse_args(arguments), writer)
        return 0
    except BaseException as error:
        return _report(error, writer)


def _run(options: argparse.Namespace, writer: events.EventWriter) -> None:
    if options.command == "train":
        config = read_run_file(options.run_json)
        from .model import quiet_libraries
        from .train import train

        quiet_libraries()
        train(config, writer.emit)
        return
    if options.command == "merge":
        from .merge import merge
        from .model import quiet_libraries

        quiet_libraries()
        merge(options.model, options.adapter, options.out, writer.emit)
        return
    from .model import quiet_libraries
    from .serve import ServerOptions, serve

    quiet_libraries()
    serve(ServerOptions.from_namespace(options), writer.emit)


def _report(error: BaseException, writer: events.EventWriter) -> int:
    failure = explain(error)
    if failure.code == "internal-error":
        traceback.print_exception(error)
    try:
        writer.emit(events.Failed(code=failure.code, message=failure.message, remedy=failure.remedy))
    except (OSError, TrainerError):
        sys.stderr.write(f"{failure.message} {failure.remedy}\n")
    return failure.exit_status


def _parser() -> _Parser:
    parser = _Parser(prog="hexacoder_trainer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="train a LoRA adapter; events on standard output")
    training.add_argument("run_json", type=Path, help="the run file; its format: hexacoder_trainer schema")
    merging = commands.add_parser("merge", help="write base and adapter as one model")
    merging.add_argument("--model", required=True, help="the base: a folder or a hub id")
    merging.add_argument("--adapter", required=True, type=Path, help="the adapter's folder")
    merging.add_argument("--out", required=True, type=Path, help="a folder that is not there yet")
    serving = commands.add_parser("serve", help="serve a model and adapters over OpenAI's HTTP interface")
    serving.add_argument("--model", required=True, help="a folder or a hub id")
    serving.add_argument("--adapter", action="append", default=[], metavar="NAME=DIR", help="may be repeated")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=0, help="0 picks a free one")
    serving.add_argument("--threads", type=int, help="CPU threads")
    serving.add_argument("--max-batch", type=int, default=64, help="sequences that are decoded together")
    serving.add_argument(
        "--dtype",
        choices=["auto", "float32", "bfloat16", "float64"],
        default="auto",
        help="of the weights; float64 is slow, and keeps what else is asked at the same time from changing an answer",
    )
    serving.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    commands.add_parser("schema", help="print the JSON Schema of the run file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
