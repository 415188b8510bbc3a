"""Celery's messages: each says that there is one more entry in a queue.

Which entry it is the database decides when a worker has come for it, in the order that people see in the page. So a
message that is lost, doubled or late does no harm: there is one too few for some seconds, or one that finds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from texture.jobs.engines.distributed.redis_client import TIMEOUT
from texture.jobs.scheduling.leases import QUEUES, Queue
from texture.jobs.store.packages import need_package
from texture.settings import Settings

if TYPE_CHECKING:
    from celery import Celery
    from redis import Redis

TASK = "texture.entry"
MOST = 200  # messages that are sent at once
UNANSWERED = 6 * 3600  # seconds after which Celery sends a message again that nobody has finished


def celery_app(settings: Settings) -> Celery:
    """Celery as it is used here, by servers and workers alike.

    Raises:
        SetupProblem: its package is missing.
    """
    need_package("celery", "TEXTURE_BROKER")
    from celery import Celery

    app = Celery("texture", broker=settings.broker, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,  # a message counts as done when its entry is
        task_reject_on_worker_lost=True,
        task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES},
        task_default_queue="cpu",
        worker_prefetch_multiplier=1,  # what one worker has taken no other can run
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": UNANSWERED,
            "socket_timeout": TIMEOUT,
            "socket_connect_timeout": TIMEOUT,
            "max_retries": 0,
        },
    )
    return app


class Tickets:
    """The messages in the queues."""

    def __init__(self, app: Celery, redis: Redis) -> None:
        self._app, self._redis = app, redis

    def top_up(self, waiting: Mapping[Queue, int]) -> None:
        """Send as many as are missing for so many waiting entries.

        Raises:
            RedisError, kombu.exceptions.OperationalError: Redis cannot be reached.
        """
        for queue, count in waiting.items():
            there: Any = self._redis.llen(queue)
            for _ in range(min(count - there, MOST)):
                self._app.send_task(TASK, queue=queue, retry=False)
