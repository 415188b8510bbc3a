"""All settings from the environment: `TEXTURE_*` variables, read once into a frozen object."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from texture.errors import SetupProblem
from texture.wording import refusal

PREFIX = "TEXTURE_"
CACHE = Path("~/.cache/texture-lab")
# What Kubernetes and Docker set in every container for a service named texture, or texture-something, beside them:
# TEXTURE_SERVICE_HOST=10.96.0.10, TEXTURE_PORT=tcp://10.96.0.10:5000, TEXTURE_LAB_PORT_5000_TCP_ADDR=10.96.0.10, …
SERVICE_LINK = re.compile(
    r"TEXTURE_(\w+_)?(SERVICE_HOST=|SERVICE_PORT(_\w+)?=|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?=|PORT=(tcp|udp|sctp)://|NAME=/|ENV_\w+=)"
)


class Settings(BaseModel):
    """The settings of one process; `Settings.from_environment()` is how it is made outside tests."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    host: str = Field("127.0.0.1", description="address to serve on; any but a loopback one needs the token")
    port: int = Field(5000, ge=1, le=65535, description="port to serve on")
    data: Path = Field(Path("data"), description="folder of the database, pictures, checkpoints and results")
    database: str | None = Field(
        None,
        repr=False,
        pattern=r"^postgresql\+psycopg://",
        description="a PostgreSQL database instead of the folder's: postgresql+psycopg://user:password@host/name",
    )
    blobs: str | None = Field(
        None,
        pattern=r"^s3://",
        description="an S3 bucket instead of the folder: s3://bucket/prefix; key and address are AWS_* variables",
    )
    broker: str | None = Field(
        None,
        repr=False,
        pattern=r"^rediss?://",
        description="a Redis through which workers on other machines run the jobs: redis://host:6379/0",
    )
    cache: Path = Field(CACHE, description="folder of the verified network weights, shared between installations")
    runtime: Literal["eventlet", "threading"] = Field(
        "eventlet", alias="async", description="concurrency of the server: eventlet or threading"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where the methods compute")
    vgg19: Path | None = Field(None, description="a VGG-19 weights file to use instead of downloading one")
    vgg19_torchvision: Path | None = Field(None, description="the same for the network vgg19-torchvision")
    vgg16: Path | None = Field(None, description="the same for the network vgg16")
    token: str | None = Field(
        None, min_length=16, repr=False, description="the access token; if empty, a new one is made at each start"
    )
    proxies: str = Field(
        "127.0.0.0/8, ::1",
        description="addresses and networks of proxies, whose X-Forwarded-For, -Proto and -Prefix are believed",
    )
    log: Literal["text", "json"] = Field("text", description="how the log is written: lines for people, or JSON lines")
    active: int = Field(
        2,
        ge=1,
        le=16,
        description="jobs that share the device at one time, a comparison counting as one; others wait in the queue",
    )
    keep_days: float | None = Field(
        None, gt=0, description="days after which an ended job goes to the trash, unless it is shared; empty: never"
    )
    most_queued: int = Field(1000, ge=1, description="jobs that one session may have in the queue")
    most_pictures: int = Field(2000, ge=1, description="pictures that one session may have uploaded")
    most_models: int = Field(200, ge=1, description="trained models that one session may have")
    most_gigabytes: float = Field(20, gt=0, description="GB that all pictures and results of one session may take")
    offline: bool = Field(False, description="never download anything; say what is missing instead")

    @field_validator("data", "cache", "vgg19", "vgg19_torchvision", "vgg16")
    @classmethod
    def _expand_home(cls, path: Path | None) -> Path | None:
        try:
            return path.expanduser().absolute() if path else None
        except RuntimeError:  # a user id without a name, as containers have it, and no HOME
            if path == CACHE:
                return Path(tempfile.gettempdir(), f"texture-lab-{getattr(os, 'getuid', int)()}")
            raise ValueError("there is no such home folder; name the whole path") from None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the variables named TEXTURE_<FIELD>; an empty one counts as not set, as does a service's address.

        Raises:
            SetupProblem: a value does not fit, or a TEXTURE_ variable is not a setting; the text names it.
        """
        given = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and value and not SERVICE_LINK.match(f"{name}={value}")
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SetupProblem(_explained(error)) from None


def _explained(error: ValidationError) -> str:
    first = error.errors()[0]
    name = PREFIX + str(first["loc"][0]).upper()
    if first["type"] == "extra_forbidden":
        return f"{name} is not a setting; docs/operations.md lists them all"
    return str(refusal(error, Settings.model_json_schema(), called=name))
