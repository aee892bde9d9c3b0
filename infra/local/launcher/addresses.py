"""Queues kept from an earlier run have this run's addresses.

ministack keeps a queue under its URL, port and all. Where another program has the port by the next start, the emulator
takes another one: the functions' event sources then look for their queues under new URLs, find none, and say nothing.
"""

from urllib.parse import urlsplit


def install() -> None:
    from ministack.services import sqs

    restore = sqs._restore_state

    def restore_here(data):
        if data:
            move(data["queues"]._data, sqs._queue_url_for_account)
        restore(data)

    sqs._restore_state = restore_here


def move(queues: dict, url_of) -> None:
    """Renames the queues; each key ends with the URL, whose path is the account and the queue's name."""
    for key, queue in list(queues.items()):
        *scope, url = key
        account, name = urlsplit(url).path.strip("/").split("/")
        queue["url"] = url_of(account, name)
        del queues[key]
        queues[(*scope, queue["url"])] = queue
