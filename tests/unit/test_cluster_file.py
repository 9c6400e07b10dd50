"""The cluster file, as Ray's launcher reads it; no Ray is started."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def written() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "ray_cluster.yaml").read_text())
    return found


def prepared(config: dict[str, Any]) -> dict[str, Any]:
    """What the launcher makes of it; raises what the launcher would."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    filled: dict[str, Any] = prepare_config(copy.deepcopy(config))
    validate_config(filled)
    return filled


def pinned(package: str) -> str:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    (found,) = (line.split()[0] for line in lines if line.startswith(f"{package}=="))
    return found.partition("==")[2]


def test_the_launcher_takes_it(written: dict[str, Any]) -> None:
    config = prepared(written)
    assert config["head_start_ray_commands"] == written["head_start_ray_commands"]
    assert config["available_node_types"]["head"]["max_workers"] == 0


def test_the_launcher_refuses_a_slip_of_the_pen(written: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="max_wrkers"):
        prepared({**written, "max_wrkers": 1})


def test_the_launcher_takes_it_for_machines_of_ones_own(written: dict[str, Any]) -> None:
    """The change that the file's comment describes."""
    for name in ("available_node_types", "head_node_type", "max_workers"):
        del written[name]
    own = {"type": "local", "head_ip": "head", "worker_ips": ["one", "two"]}
    config = prepared({**written, "provider": own})
    (node_type,) = config["available_node_types"].values()
    assert node_type["max_workers"] == 2


def test_only_the_head_holds_the_log(written: dict[str, Any]) -> None:
    types = written["available_node_types"]
    holders = {
        n: t["resources"]["colloquy_log"]
        for n, t in types.items()
        if "colloquy_log" in t["resources"]
    }
    assert holders == {written["head_node_type"]: 1}


def test_workers_can_speak_and_cost_nothing_before_they_are_needed(written: dict[str, Any]) -> None:
    types = written["available_node_types"]
    workers = {n: t for n, t in types.items() if n != written["head_node_type"]}
    assert all(t["resources"]["CPU"] >= 1 for t in workers.values())
    assert all(0 <= t["min_workers"] <= t["max_workers"] for t in workers.values())
    assert sum(t["max_workers"] for t in workers.values()) == written["max_workers"]
    gpus = [t for t in workers.values() if t["resources"].get("GPU")]
    assert [t["min_workers"] for t in gpus] == [0]


def test_versions_are_those_of_the_constraints(written: dict[str, Any]) -> None:
    gpu = written["available_node_types"]["gpu_worker"]
    images = [written["docker"]["image"], gpu["docker"]["worker_image"]]
    assert all(f":{pinned('ray')}-py311" in image for image in images)
    assert gpu["worker_setup_commands"][-1].endswith(f"onnxruntime-gpu=={pinned('onnxruntime')}")


def test_every_node_installs_the_same_and_checks_the_hashes(written: dict[str, Any]) -> None:
    general = written["setup_commands"]
    assert "--require-hashes" in general[0]
    assert written["available_node_types"]["gpu_worker"]["worker_setup_commands"][:2] == general


def test_nothing_private_travels(written: dict[str, Any]) -> None:
    assert {".git/", ".venv/", "data/", "models/", "*.duckdb*"} <= set(written["rsync_exclude"])
    starts = written["head_start_ray_commands"] + written["worker_start_ray_commands"]
    assert all("ulimit -n 65536" in line for line in starts if "ray start" in line)
