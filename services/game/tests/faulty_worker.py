"""`python -m services.game.tests.faulty_worker`: the worker, with seeds at which it dies or hangs."""

import os
import sys
import time

from services.game.native.library import Library
from services.game.native.question import Found, Question
from services.game.native.worker import serve

COMMAND = (sys.executable, "-m", "services.game.tests.faulty_worker")
DIES, HANGS = 901, 902


def main() -> None:
    library = Library()

    def study(question: Question) -> list[Found]:
        if question.seed == DIES:
            os._exit(9)
        while question.seed == HANGS:
            time.sleep(60)
        return library.study(question)

    serve(sys.stdin.buffer, sys.stdout.buffer, study)


if __name__ == "__main__":
    main()
