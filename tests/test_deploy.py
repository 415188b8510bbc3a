"""What deploy/ has, read by those for whom it is, as far as they are here: systemd, nginx, the specification of
Compose, the schemas of Kubernetes. tests/web/test_nginx.py has the nginx of one server.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from tests.nginx import needs_nginx, running, trusting, wait_until_up
from tests.serving import free_port
from texture.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "texture-lab.service"
QUEUES = {"gpu", "cpu", "brief"}
SHARED = {"TEXTURE_DATABASE", "TEXTURE_BLOBS", "TEXTURE_BROKER"}
HAND_BACK = 10  # seconds within which a worker that is stopped has handed its work back
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")


def verified(unit: str, folder: Path) -> str:
    """What systemd has to say of a unit whose places are on this machine; nothing where all is well."""
    unit = unit.replace("/srv/texture-lab/.venv/bin/python", sys.executable).replace("User=texture", "User=root")
    (folder / UNIT.name).write_text(unit)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(folder / UNIT.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "\n".join(line for line in told.stderr.splitlines() if UNIT.name in line)


@needs_systemd
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    assert verified(UNIT.read_text(), tmp_path) == ""


@needs_systemd
@pytest.mark.parametrize("line", ["TimeoutStopSec=", "Restart=", "ProtectSystem="])
def test_it_would_say_so_otherwise(tmp_path: Path, line: str) -> None:
    unit = UNIT.read_text()
    assert line in unit
    assert "no-such-value" in verified(unit.replace(line, f"{line}no-such-value-"), tmp_path)


# nginx before several processes


@contextmanager
def process(name: str) -> Iterator[int]:
    """The port of a server that answers with its name."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@needs_nginx
def test_each_browser_stays_with_one_process_until_that_is_gone(tmp_path: Path) -> None:
    port = free_port()
    address = f"https://localhost:{port}/"

    def places(one: int, other: int) -> dict[str, str]:
        return {
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/nginx/certificates": str(tmp_path),
            "/var/log/nginx/texture.log": str(tmp_path / "texture.log"),
            "web-1:5000": f"127.0.0.1:{one}",
            "web-2:5000": f"127.0.0.1:{other}",
        }

    with process("web-1") as one:
        with process("web-2") as other, running("nginx-scale.conf", places(one, other), tmp_path):
            wait_until_up(trusting(tmp_path / "lab.pem"), address)
            browsers = [trusting(tmp_path / "lab.pem") for _ in range(20)]
            first = [browser.get(address, timeout=5).text for browser in browsers]
            assert set(first) == {"web-1", "web-2"}, "they are spread"
            for browser, name in zip(browsers, first, strict=True):
                assert [browser.get(address, timeout=5).text for _ in range(3)] == [name] * 3, "each stays"
            (cookie,) = browsers[0].cookies
            assert cookie.secure
            assert "Set-Cookie" not in browsers[0].get(address, timeout=5).headers
        with running("nginx-scale.conf", places(one, other), tmp_path):
            wait_until_up(trusting(tmp_path / "lab.pem"), address)
            assert {browser.get(address, timeout=5).text for browser in browsers} == {"web-1"}
    for browser in browsers:
        browser.close()


# Compose


VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def example() -> dict[str, str]:
    """deploy/.env.example by name."""
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def compose(chosen: str = "chosen0123456789") -> dict[str, Any]:
    """deploy/compose.yaml with its anchors and variables resolved; what the example leaves empty is chosen."""
    given = {name: value or chosen for name, value in example().items()}
    text = VARIABLE.sub(lambda found: given[found[1]], (DEPLOY / "compose.yaml").read_text())
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def taken(file: dict[str, Any]) -> None:
    """Nothing, where the file keeps to the specification of Compose.

    Raises:
        ValueError: it does not; the text says where.
    """
    PyCompose.from_yaml(yaml.safe_dump(file)).validate()


def ours(file: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in file["services"].items() if service["image"] == "texture-lab"}


def queues(words: list[str]) -> set[str]:
    return set(words[words.index("--queues") + 1].split(","))


def test_compose_takes_the_file() -> None:
    taken(compose())


@pytest.mark.parametrize(
    ("service", "wrong"),
    [
        ("web-1", {"depend_on": ["redis"]}),
        ("worker", {"stop_grace_period": "30 seconds"}),
        ("redis", {"restart": "sometimes"}),
        ("nginx", {"ports": ["127.0.0.1:many:443"]}),
    ],
)
def test_compose_would_say_so_otherwise(service: str, wrong: dict[str, Any]) -> None:
    file = compose()
    file["services"][service] |= wrong
    with pytest.raises(ValueError, match=f"services.{service}"):
        taken(file)


def test_every_secret_has_to_be_chosen_and_none_is_committed() -> None:
    used = dict(VARIABLE.findall((DEPLOY / "compose.yaml").read_text()))
    assert used.keys() == example().keys()
    secret = {name for name, value in example().items() if not value}
    assert secret == {name for name in used if re.search("TOKEN|PASSWORD|SECRET|KEY", name)}
    text = (DEPLOY / "compose.yaml").read_text()
    assert all(f"${{{name}:?" in text for name in secret), "it does not start without them"
    committed = subprocess.run(["git", "ls-files", "deploy"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"deploy/.env", "deploy/kubernetes/secret.yaml"} & set(committed.stdout.splitlines())


def test_its_services_have_settings_that_exist_and_share_all_that_they_must() -> None:
    settings = {name: Settings.from_environment(service["environment"]) for name, service in ours(compose()).items()}
    assert settings.keys() == {"web-1", "web-2", "worker", "worker-brief"}
    assert len({(one.database, one.blobs, one.broker) for one in settings.values()}) == 1
    assert None not in (settings["worker"].database, settings["worker"].blobs, settings["worker"].broker)
    assert settings["web-1"] == settings["web-2"]
    assert settings["web-1"].token


def test_its_services_name_what_is_there() -> None:
    file = compose()
    for name, service in file["services"].items():
        assert set(service.get("depends_on", {})) <= file["services"].keys(), name
        assert set(service["networks"]) <= file["networks"].keys(), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            is_there = (DEPLOY / source).exists() if source.startswith(".") else source in file["volumes"]
            assert is_there or source == example()["CERTIFICATES"], volume
    for name, service in ours(file).items():
        probe = shlex.join(service["healthcheck"].get("test", []))
        assert "/api/health/ready" in probe or service["healthcheck"] == {"disable": True}, name


def test_its_workers_take_every_queue_between_them_and_may_hand_their_work_back() -> None:
    workers = [service for service in ours(compose()).values() if "command" in service]
    assert all(service["command"][:4] == [".venv/bin/python", "-m", "texture", "worker"] for service in workers)
    assert set().union(*(queues(service["command"]) for service in workers)) == QUEUES
    assert all(int(service["stop_grace_period"].removesuffix("s")) > HAND_BACK for service in workers)


def test_its_nginx_knows_the_web_processes_and_they_trust_it() -> None:
    file = compose()
    servers = re.findall(r"^ +server ([\w-]+):5000", (DEPLOY / "nginx-scale.conf").read_text(), re.MULTILINE)
    web = {name: service for name, service in ours(file).items() if "command" not in service}
    assert servers == list(web)
    proxy = file["services"]["nginx"]["networks"]["front"]["ipv4_address"]
    assert {service["environment"]["TEXTURE_PROXIES"] for service in web.values()} == {proxy}
    addresses = {service["networks"]["front"]["ipv4_address"] for service in web.values()}
    subnet = ip_network(file["networks"]["front"]["ipam"]["config"][0]["subnet"])
    assert len(addresses) == len(web)
    assert all(ip_address(one) in subnet for one in {proxy, *addresses})


def test_only_nginx_is_to_be_reached_from_outside() -> None:
    file = compose()
    assert [name for name, service in file["services"].items() if "ports" in service] == ["nginx"]
    assert file["networks"]["services"]["internal"] is True
    assert {tuple(file["services"][name]["networks"]) for name in ("postgres", "redis", "s3")} == {("services",)}


def test_the_bucket_and_the_address_of_the_store_are_those_that_the_app_is_told() -> None:
    store, asked = compose()["services"]["s3"], ours(compose())["worker"]["environment"]
    told = tomllib.loads((DEPLOY / "garage.toml").read_text())
    assert asked["AWS_REGION"] == told["s3_api"]["s3_region"]
    assert asked["AWS_ENDPOINT_URL"] == "http://s3:" + told["s3_api"]["api_bind_addr"].split(":")[1]
    assert asked["TEXTURE_BLOBS"].split("/")[2] == store["environment"]["GARAGE_DEFAULT_BUCKET"]
    assert asked["AWS_ACCESS_KEY_ID"] == store["environment"]["GARAGE_DEFAULT_ACCESS_KEY"]


# Kubernetes


MANIFESTS = DEPLOY / "kubernetes"
VERSION = "1.33"


def documents(name: str = "*") -> list[dict[str, Any]]:
    """What is in the manifests."""
    files = [file for file in sorted(MANIFESTS.glob(f"{name}.yaml")) if file.name != "kustomization.yaml"]
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def kind(kind: str) -> dict[str, dict[str, Any]]:
    """All of one kind by name."""
    return {document["metadata"]["name"]: document for document in documents() if document["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    return {name: deployment["spec"]["template"]["spec"] for name, deployment in kind("Deployment").items()}


def test_kubernetes_takes_the_manifests() -> None:
    checked = [document for document in documents() if "keda.sh" not in document["apiVersion"]]
    assert len(checked) > 8
    for document in checked:
        kubernetes_validate.validate(document, VERSION, strict=True)


@pytest.mark.parametrize(
    "wrong", [{"replica": 2}, {"replicas": "two"}, {"template": {"spec": {"containers": [{"image": "texture-lab"}]}}}]
)
def test_kubernetes_would_say_so_otherwise(wrong: dict[str, Any]) -> None:
    deployment = kind("Deployment")["texture-web"]
    deployment["spec"] |= wrong
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSION, strict=True)


def test_kustomize_is_told_of_every_manifest_but_the_example() -> None:
    listed = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())["resources"]
    assert {*listed, "kustomization.yaml", "secret.example.yaml"} == {file.name for file in MANIFESTS.glob("*.yaml")}


def test_pods_have_settings_that_exist_and_secrets_are_placeholders() -> None:
    settings, secrets = kind("ConfigMap")["texture-settings"]["data"], kind("Secret")["texture-secrets"]["stringData"]
    assert {*settings, *secrets} >= SHARED
    assert Settings.from_environment(settings | secrets).token
    assert all("<" in value for secret in kind("Secret").values() for value in secret["stringData"].values())
    given = [{"configMapRef": {"name": "texture-settings"}}, {"secretRef": {"name": "texture-secrets"}}]
    assert all(pod["containers"][0]["envFrom"] == given for pod in pods().values())


def test_pods_are_selected_and_reached_by_names_that_are_there() -> None:
    for name, deployment in kind("Deployment").items():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"] == labels == {"app.kubernetes.io/name": name}
    service, budget = kind("Service")["texture-web"]["spec"], kind("PodDisruptionBudget")["texture-web"]["spec"]
    assert service["selector"] == budget["selector"]["matchLabels"] == {"app.kubernetes.io/name": "texture-web"}
    (rule,) = kind("Ingress")["texture-web"]["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "texture-web", "port": {"name": service["ports"][0]["name"]}}
    (web,) = pods()["texture-web"]["containers"]
    assert service["ports"][0]["targetPort"] == web["ports"][0]["name"] == "http"
    api = (ROOT / "docs" / "api.md").read_text()
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert web[probe]["httpGet"]["port"] == "http"
        assert f"`GET {web[probe]['httpGet']['path']}`" in api


def test_workers_take_every_queue_between_them_and_may_hand_their_work_back() -> None:
    workers = {name: pod for name, pod in pods().items() if "worker" in name}
    assert set().union(*(queues(pod["containers"][0]["args"]) for pod in workers.values())) == QUEUES
    assert all(pod["terminationGracePeriodSeconds"] > HAND_BACK for pod in workers.values())
    (gpu,) = workers["texture-worker-gpu"]["containers"]
    assert gpu["resources"]["limits"]["nvidia.com/gpu"] == 1


def test_no_pod_has_rights() -> None:
    for pod in pods().values():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"] is False


def test_gpu_workers_are_as_many_as_entries_wait_and_run() -> None:
    """There is no package with KEDA's schema and no more: names are held together here."""
    from kombu.transport.redis import Channel

    scaled, credentials = kind("ScaledObject")["texture-worker-gpu"]["spec"], kind("TriggerAuthentication")
    assert scaled["scaleTargetRef"]["name"] in pods()
    assert "replicas" not in kind("Deployment")["texture-worker-gpu"]["spec"], "apply would set them back"
    assert scaled["minReplicaCount"] == 0
    triggers = {trigger["name"]: trigger for trigger in scaled["triggers"]}
    assert scaled["advanced"]["scalingModifiers"]["formula"].split(" + ") == list(triggers)
    lists = {name: trigger["metadata"]["listName"] for name, trigger in triggers.items()}
    assert lists == {"waiting": "gpu", "running": Channel.unacked_key}
    assert lists["waiting"] in QUEUES
    for trigger in triggers.values():
        assert trigger["type"] == "redis"
        references = credentials[trigger["authenticationRef"]["name"]]["spec"]["secretTargetRef"]
        for reference in references:
            assert reference["key"] in kind("Secret")[reference["name"]]["stringData"]
        assert all(isinstance(value, str) for value in trigger["metadata"].values()), "KEDA takes text only"


# both


def images() -> set[str]:
    from_compose = {service["image"] for service in compose()["services"].values()}
    return from_compose | {container["image"] for pod in pods().values() for container in pod["containers"]}


def test_images_are_pinned_and_named_as_docker_writes_them() -> None:
    for image in images() - {"texture-lab"}:
        name, _, tag = image.partition(":")
        assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?", tag), image
        assert "." not in name.split("/")[0], f"{image} names a registry"
