"""Socket.IO's packets: what is accepted from clients, and how JSON is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from engineio import json
from socketio.packet import EVENT, Packet

OUR_OWN = (["connect"], ["disconnect"])  # how the server's own events would begin, had a client sent them


@dataclass(frozen=True)
class Ready:
    """A part of a message that is JSON already."""

    text: str


class FastJson:
    """The JSON module of Socket.IO, with a faster `dumps`, which takes parts that are `Ready`."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        """As compact as can be, whatever separators are asked for."""
        try:
            return orjson.dumps(value, _fragment, orjson.OPT_PASSTHROUGH_DATACLASS).decode()
        except TypeError:  # integers of more than 64 bits, halves of surrogate pairs: rare, and no reason to fail
            return json.dumps(value, default=lambda part: json.loads(part.text))  # type: ignore[no-any-return]


def _fragment(part: Ready) -> orjson.Fragment:
    return orjson.Fragment(part.text)


class ClientPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet that accepts no attachments, and no event that only the server may make.

    An event may announce any number of attachments, which would be kept until the last one has come.
    """

    json = FastJson

    def decode(self, encoded_packet: Any) -> int:
        """Raise ValueError where the packet has what is not accepted."""
        count: int = super().decode(encoded_packet)
        if count:
            raise ValueError("attachments are not accepted")
        if self.packet_type == EVENT and self.data[:1] in OUR_OWN:
            raise ValueError("an event of the server's own")
        return count
