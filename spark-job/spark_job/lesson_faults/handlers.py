"""What the query port answers about faults: GET and POST /faults."""

from http import HTTPStatus

import msgspec
from msgspec import Struct

from spark_job.lesson_faults.fault import FAULT_NAMES, Begun, FaultName
from spark_job.lesson_faults.runner import FaultRunner
from spark_job.query_server.server import Handler, PostHandler, RefusedError

PATH = "/faults"


class _Wanted(Struct, frozen=True):
    fault: FaultName


def fault_handlers(runner: FaultRunner) -> tuple[dict[str, Handler], dict[str, PostHandler]]:
    """The handlers by path, of GET and of POST requests."""

    def begin(body: bytes) -> Begun:
        try:
            wanted = msgspec.json.decode(body, type=_Wanted)
        except msgspec.DecodeError as error:
            sentence = f"fault must be one of {', '.join(FAULT_NAMES)}"
            raise RefusedError(HTTPStatus.BAD_REQUEST, sentence) from error
        return Begun(number=runner.begin(wanted.fault))

    return {PATH: lambda _: runner.faults()}, {PATH: begin}
