"""The manifests of deploy/kubernetes: what the API server would refuse, and what it would not tell."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate import ValidationError, validate

import ingest.settings
import spark_job.settings
from dashboard import settings as dashboard_settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
VERSION = "1.37"
OBJECTS: list[dict[str, Any]] = [
    each for path in sorted(FOLDER.glob("*.yaml")) for each in yaml.safe_load_all(path.read_text())
]
SERVICES = ("ingest", "spark-job", "dashboard")


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = [each for each in OBJECTS if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def pod_specs() -> dict[str, dict[str, Any]]:
    """The pods of the services, and that of an executor."""
    specs = {name: named("StatefulSet", name)["spec"]["template"]["spec"] for name in SERVICES}
    return specs | {"executor": executor()["spec"]}


def executor() -> dict[str, Any]:
    template: dict[str, Any] = yaml.safe_load(named("ConfigMap", "spark")["data"]["executor.yaml"])
    return template


def spark_conf(text: str) -> dict[str, str]:
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    return {name: value.strip() for name, value in lines}


CONF = spark_conf(named("ConfigMap", "spark")["data"]["spark.conf"])


def test_make_lint_refuses_a_field_that_kubernetes_does_not_know(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((FOLDER / "dashboard.yaml").read_text().replace("readinessProbe:", "readinesProbe:"))
    check = [str(Path(sys.executable).with_name("kubernetes-validate")), "--strict", "--quiet", str(wrong)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "readinesProbe" in done.stdout + done.stderr
    recipe = (ROOT / "Makefile").read_text()
    assert "$(BIN)/kubernetes-validate --strict --quiet deploy/kubernetes/*.yaml deploy/kubernetes/*/*.yaml" in recipe


def test_a_wrong_type_and_a_field_that_is_missing_are_refused() -> None:
    manifest = named("StatefulSet", "ingest")
    validate(manifest, VERSION, strict=True)
    without = {name: value for name, value in manifest["spec"].items() if name != "selector"}
    for spec in (manifest["spec"] | {"replicas": "one"}, without):
        with pytest.raises(ValidationError):
            validate(manifest | {"spec": spec}, VERSION, strict=True)


def test_the_template_of_executors_is_a_pod() -> None:
    validate(executor(), VERSION, strict=True)


@pytest.mark.parametrize("name", [*SERVICES, "executor"])
def test_every_pod_is_as_confined_as_its_namespace_asks(name: str) -> None:
    spec = pod_specs()[name]
    pod = spec["securityContext"]
    assert (pod["runAsNonRoot"], pod["runAsUser"], pod["seccompProfile"]) == (True, 1001, {"type": "RuntimeDefault"})
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    # Else INGEST_PORT would be tcp://10.0.0.1:9009.
    assert spec["enableServiceLinks"] is False
    assert spec["automountServiceAccountToken"] is (name == "spark-job")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_bounds_probes_and_a_volume(name: str) -> None:
    (container,) = pod_specs()[name]["containers"]
    assert container["resources"]["limits"]["memory"]
    assert {"startupProbe", "readinessProbe"} <= container.keys()
    # Spark's end ends the job; a restart for another reason repairs nothing.
    assert ("livenessProbe" in container) == (name != "spark-job")
    assert named("StatefulSet", name)["spec"]["replicas"] == 1
    assert "/data" in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_the_probes_are_the_health_checks_of_compose() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name in ("ingest", "spark-job"):
        (container,) = pod_specs()[name]["containers"]
        assert ["CMD", *container["startupProbe"]["exec"]["command"]] == compose[name]["healthcheck"]["test"]
    (dashboard,) = pod_specs()["dashboard"]["containers"]
    assert dashboard["startupProbe"]["httpGet"]["path"] == "/healthz"


def test_the_bounds_of_memory_are_those_of_compose() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name in SERVICES:
        (container,) = pod_specs()[name]["containers"]
        bound = container["resources"]["limits"]["memory"]
        assert bound.replace("Mi", "m").replace("Gi", "g") == compose[name]["mem_limit"]


def test_no_secret_is_in_a_manifest_and_no_service_starts_with_a_placeholder() -> None:
    assert "Secret" not in {each["kind"] for each in OBJECTS}
    example = (FOLDER / "example" / "secrets.yaml").read_text()
    values = {value for each in yaml.safe_load_all(example) for value in each["stringData"].values()}
    assert values == {"REPLACE"}
    with pytest.raises(ValueError, match="at least 16"):
        spark_job.settings.Settings.model_validate({"push_token": "REPLACE"})


def test_every_secret_that_a_pod_names_is_in_the_example() -> None:
    text = "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.yaml")))
    used = set(re.findall(r"secretName: ([\w-]+)", text)) | set(re.findall(r"secretRef: \{name: ([\w-]+)", text))
    example = yaml.safe_load_all((FOLDER / "example" / "secrets.yaml").read_text())
    assert used == {each["metadata"]["name"] for each in example}


def test_every_setting_is_one_of_a_service() -> None:
    known = {
        name.upper()
        for settings in (ingest.settings.Settings, spark_job.settings.Settings, dashboard_settings.Settings)
        for name in settings.model_fields
    }
    given = set(named("ConfigMap", "settings")["data"])
    for name in SERVICES:
        (container,) = pod_specs()[name]["containers"]
        given |= {variable["name"] for variable in container.get("env", [])}
    assert given <= known


def test_driver_and_executors_have_one_image_and_the_ports_that_the_policies_open() -> None:
    (driver,) = pod_specs()["spark-job"]["containers"]
    assert CONF["spark.kubernetes.container.image"] == driver["image"]
    assert CONF["spark.kubernetes.namespace"] == named("Namespace", "hashtags-live")["metadata"]["name"]
    assert CONF["spark.kubernetes.driver.pod.name"] == "spark-job-0"
    ports = {CONF["spark.driver.port"], CONF["spark.blockManager.port"]}
    opened = named("NetworkPolicy", "spark-job")["spec"]["ingress"][0]["ports"]
    assert {str(each["port"]) for each in opened} == ports
    # Executors connect before the job is ready.
    assert named("Service", "spark-job")["spec"]["publishNotReadyAddresses"] is True


def test_the_traffic_of_spark_is_as_protected_as_in_compose() -> None:
    compose = spark_conf((ROOT / "spark-job" / "spark.conf").read_text())
    protection = {name: value for name, value in compose.items() if name.startswith(("spark.auth", "spark.network"))}
    assert {name: CONF[name] for name in protection} == protection
    secret = Path(CONF["spark.authenticate.secret.file"]).parent
    for name in ("spark-job", "executor"):
        (container,) = pod_specs()[name]["containers"]
        assert str(secret) in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_each_pod_has_a_policy_and_all_others_are_closed() -> None:
    policies = [each["spec"] for each in OBJECTS if each["kind"] == "NetworkPolicy"]
    selected = {each["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/name") for each in policies}
    assert selected == {None, "ingest", "spark-job", "spark-executor", "dashboard"}
    assert named("NetworkPolicy", "nobody-else")["spec"]["policyTypes"] == ["Ingress", "Egress"]
    # Only ingest (the platforms), the dashboard (targets of alerts) and the job (the API server) may leave.
    leaves = {
        each["metadata"]["name"]
        for each in OBJECTS
        if each["kind"] == "NetworkPolicy" and any("to" not in rule for rule in each["spec"].get("egress", []))
    }
    assert leaves == {"ingest", "spark-job", "dashboard"}
