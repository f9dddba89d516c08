from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from rag.reader.curve import main

LOG = [
    {"step": 25, "of": 50, "loss": 10.0, "pairs_per_s": 9.0, "minutes_left": 1.0},
    {"step": 50, "of": 50, "loss": 5.0, "pairs_per_s": 9.0, "minutes_left": 0.0},
    {"step": 50, "int8": 0.0, "drcd_dev.em": 0.4, "drcd_dev.f1": 0.5, "drcd_dev.auc": 1.0, "drcd_dev.auc.cut": 0.2},
    {"step": 50, "int8": 1.0, "drcd_dev.em": 0.4, "drcd_dev.f1": 0.0, "drcd_dev.auc": 0.0},
]


def test_the_curve_has_the_loss_and_a_line_for_each_measure_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LOG), "utf-8")
    main([str(tmp_path / "log.jsonl"), str(tmp_path / "curve.svg")])
    root = ElementTree.fromstring((tmp_path / "curve.svg").read_text("utf-8"))
    lines = {
        line.attrib["class"]: [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        for line in root.iter("{http://www.w3.org/2000/svg}polyline")
    }
    assert set(lines) == {"c0", "c0 auc"}
    texts = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "drcd_dev" in texts
    assert texts[:2] == ["↑ loss", "0"]
    assert "10" in texts
    [(x, y)] = lines["c0 auc"]
    assert (x, y) == (348.0, 236.0)  # the last step, at the top


def test_the_loss_falls_from_left_to_right(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LOG[:2]), "utf-8")
    main([str(tmp_path / "log.jsonl"), str(tmp_path / "curve.svg")])
    assert 'class="c0" points="191.0,24.0 348.0,99.0"' in (tmp_path / "curve.svg").read_text("utf-8")
