"""Commands as functions, and their faults as exceptions."""

import datetime
import pickle
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

import kzsim
from kzsim.run import value

MINIMAL = "scenarios/minimal.toml"
BASE = "scenarios/base.toml"


def test_settings_reach_the_program():
    settings = {"parameters.anger": np.float64(0.5), "clock.days": 4, "title": 'Meridia, "shorter"'}
    with kzsim.run(MINIMAL, rounds=np.int64(300), seed=3, set=settings, keep_rounds=True) as result:
        resolved = result.manifest["resolved"]
        assert resolved["clock"]["days"] == 4
        assert resolved["title"] == 'Meridia, "shorter"'
        assert resolved["parameters"]["anger"] == 0.5
        assert result.rounds["day"].max() <= 4 and len(result.rounds) == 300
        folder = result.path
        assert folder.is_dir()
    assert not folder.exists()


def test_the_same_call_gives_the_same_numbers_and_another_seed_others():
    one = kzsim.run(MINIMAL, rounds=2000, seed=1, threads=1)
    two = kzsim.run(MINIMAL, rounds=2000, seed=1, threads=2)
    other = kzsim.run(MINIMAL, rounds=2000, seed=2, threads=1)
    pd.testing.assert_frame_equal(one.outcomes, two.outcomes)
    assert not one.outcomes["count"].equals(other.outcomes["count"])


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (True, "true"),
        (np.bool_(False), "false"),
        (3, "3"),
        (np.int32(3), "3"),
        (0.1, "0.1"),
        (1e-9, "1e-09"),
        ('six\n"hours"', '"six\\n\\"hours\\""'),
        (datetime.date(2022, 1, 5), "2022-01-05"),
        (pd.Timestamp("2022-01-05T06:00"), "2022-01-05T06:00:00"),
        ([1, "a"], '[1, "a"]'),
        ({"low": 0.1, "high": 0.2}, "{ low = 0.1, high = 0.2 }"),
    ],
)
def test_values_are_written_as_the_language_has_them(given, text):
    assert value(given) == text


def test_values_that_no_scenario_can_have():
    with pytest.raises(ValueError, match="finite"):
        value(float("nan"))
    with pytest.raises(TypeError, match="expected a number"):
        value(object())


def test_a_range_can_be_set():
    narrow = {"parameters.anger": {"min": 0.3, "max": 0.35}}
    with kzsim.run(MINIMAL, rounds=500, set=narrow, keep_rounds=True) as result:
        anger = result.rounds["parameters.anger"]
        # Draws have single precision.
        assert anger.between(0.2999999, 0.3500001).all() and anger.nunique() > 400


def test_faults_come_with_their_places(tmp_path):
    wrong = tmp_path / "wrong.toml"
    with open(MINIMAL, encoding="utf-8") as file:
        text = file.read()
    broken = text.replace("[arenas]", "[arena]").replace("rounds = 20_000", "rounds = -1")
    wrong.write_text(broken, encoding="utf-8")
    with pytest.raises(kzsim.ScenarioError) as raised:
        kzsim.check(wrong)
    error = raised.value
    assert error.exit_code == 2 and len(error.faults) >= 2
    lines = text.splitlines()
    at = {fault.line for fault in error.faults}
    assert lines.index("[arenas]") + 1 in at and lines.index("rounds = 20_000") + 1 in at
    near = next(fault for fault in error.faults if fault.line == lines.index("[arenas]") + 1)
    assert "arenas" in f"{near.help} {near.allowed}"
    again = pickle.loads(pickle.dumps(error))
    assert (again.exit_code, again.faults, str(again)) == (2, error.faults, str(error))


def test_each_exit_code_has_its_exception(tmp_path):
    with pytest.raises(kzsim.ScenarioError, match="parameters.angr") as raised:
        kzsim.run(MINIMAL, set={"parameters.angr": 1})
    assert "anger" in str(raised.value)
    with pytest.raises(kzsim.ScenarioError, match="rounds"):
        kzsim.run(MINIMAL, rounds=0)
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(kzsim.KzsimError) as raised:
        kzsim.run(MINIMAL, rounds=10, out=other)
    assert raised.value.exit_code == 3 and isinstance(raised.value, kzsim.InputOutputError)
    assert kzsim.run(MINIMAL, rounds=10, out=other, force=True).played == 10
    assert (other / "mine.txt").exists()


def test_nothing_is_left_behind_by_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(kzsim.InputOutputError, match="there is no such file"):
        kzsim.run("no_such_file.toml")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_begins_with_a_dash_is_no_option(tmp_path, monkeypatch):
    shutil.copy(MINIMAL, tmp_path / "-x.toml")
    binary = kzsim.find()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kzsim.ScenarioError, match="file name `-x`"):
        kzsim.run("-x.toml", rounds=10, binary=binary)


def test_check_says_what_is_there():
    found = kzsim.check(MINIMAL, BASE)
    assert list(found["good"]) == [True, True]
    with kzsim.run(BASE, rounds=10) as result:
        assert found["outcomes"].iloc[1] == len(result.outcomes)


def test_compare():
    with kzsim.compare(BASE, "scenarios/kazakhstan/what_if/no_troops.toml", rounds=400) as result:
        assert set(result.tables) == {"transitions", "differences", "divergence"}
        assert result.transitions["count"].sum() == 400
        assert result.differences["distinguishable"].dtype == bool
    # The same scenario is the same history.
    with kzsim.compare(MINIMAL, MINIMAL, rounds=200) as same:
        moved = same.transitions.query("outcome_a != outcome_b")
        assert moved["count"].sum() == 0


def test_weigh():
    readings = ["scenarios/kazakhstan/readings/spontaneous.toml", "scenarios/kazakhstan/readings/negotiated.toml"]
    evidence = "scenarios/kazakhstan/evidence/january_2022.toml"
    prior = {"spontaneous": 3, "negotiated": 1}
    with kzsim.weigh(readings, evidence, rounds=2000, prior=prior, recover=0) as result:
        table = result.readings.set_index("scenario")
        assert table.loc["spontaneous", "prior"] == 0.75
        assert table["posterior"].sum() == pytest.approx(1)
        assert str(result.evidence["on"].dtype) == "datetime64[s]"
        polars = result.table("evidence", engine="polars")
        assert polars["on"].to_list() == list(result.evidence["on"])


def test_sensitivity():
    with kzsim.sensitivity(MINIMAL, method="given", rows=2000, flags=True) as result:
        table = result.given_data
        assert set(table["kind"]) == {"outcome", "flag"}
        assert table["delta"].between(-0.5, 1.5).all() and table["told"].any()


def test_signposts():
    with kzsim.signposts(MINIMAL, rounds=4000, most=2, at=["2030-05-03"]) as result:
        frame = result.signposts
        assert {"outcome", "what", "by", "if_seen", "difference"} <= set(frame.columns)
        assert (frame["rank"] <= 2).all()


def test_any_command_by_its_name(tmp_path):
    settings = {"parameters.anger": 0.8}
    with kzsim.command("run", MINIMAL, rounds=300, set=settings, no_ranges=np.True_) as result:
        ours = kzsim.run(MINIMAL, rounds=300, set=settings)
        pd.testing.assert_series_equal(result.outcomes["count"], ours.outcomes["count"])
        assert result.manifest["resolved"]["parameters"]["anger"] == 0.8
    observed = tmp_path / "observed.csv"
    observed.write_text("case,outcome\nrun,minister_rules\n")
    folders = [tmp_path / name for name in ("anna", "boris")]
    for seed, folder in enumerate(folders):
        kzsim.run(MINIMAL, rounds=300, seed=seed, out=folder)
    swept = kzsim.command("sweep", MINIMAL, rounds=64, over={"parameters.anger": np.linspace(0, 1, 3)})
    assert list(swept.points["parameters.anger"]) == [0.0, 0.5, 1.0]
    text = kzsim.command("sweep", MINIMAL, rounds=64, over={"parameters.anger": "0..1:3"})
    pd.testing.assert_frame_equal(swept.points, text.points)
    pooled = kzsim.command("pool", *folders, log=True, out=tmp_path / "pool")
    assert pooled.forecasts["probability"].sum() == pytest.approx(1.0)
    with kzsim.command("score", pooled.path, observed, boot=0, baseline=["uniform"]) as scored:
        assert set(scored.scores["metric"]) >= {"brier", "log"}
    with pytest.raises(kzsim.ScenarioError, match="unexpected argument"):
        kzsim.command("pool", *folders, logs=True)
    with pytest.raises(kzsim.ScenarioError, match="unrecognized subcommand"):
        kzsim.command("polo", *folders)
    for name in ("seal", "check", "man"):
        with pytest.raises(ValueError, match="does not write a folder"):
            kzsim.command(name, MINIMAL)
    with pytest.raises(TypeError, match="name of a command"):
        kzsim.command("--version")
    noon = datetime.datetime(2020, 10, 6, 12, tzinfo=datetime.timezone.utc)
    with pytest.raises(ValueError, match="no time zone"):
        kzsim.command("run", MINIMAL, known_by=noon)


def test_evidence_as_it_becomes_known():
    scenario = "scenarios/kyrgyzstan/base.toml"
    table = "scenarios/kyrgyzstan/evidence/reports.csv"
    day = datetime.date(2020, 10, 6)
    options = {"rounds": 4000, "given": table, "given_by": "weights", "known_by": day}
    with kzsim.run(scenario, **options) as result:
        frame = result.arrivals
        assert frame["arrived"].max() == 5
        assert frame["known"].dropna().max() == pd.Timestamp("2020-10-07")
        after = frame[frame["arrived"] == 5].set_index("outcome")["probability"]
        given = result.given_outcomes.set_index("outcome")["probability"]
        assert after.to_numpy() == pytest.approx(given.loc[after.index].to_numpy(), abs=1e-9)
    readings = [f"scenarios/kyrgyzstan/readings/{r}.toml" for r in ("agreed_exit", "hidden_purse")]
    with kzsim.weigh(readings, table, known_by="2020-10-06", rounds=512, recover=0) as result:
        frame = result.arrivals
        assert len(frame) == 2 * 6
        sums = frame.groupby("arrived")["posterior"].sum()
        assert sums.to_numpy() == pytest.approx(1.0)


def test_discover():
    with kzsim.discover(MINIMAL, rounds=4000) as result:
        assert set(result.tables) == {"boxes", "limits", "trajectory"}
        assert result.trajectory["box"].ge(1).all() and len(result.trajectory) > 10


def test_sweep_over_values_ranges_and_frames():
    over = {"parameters.anger": kzsim.Range(0.1, 0.7, 3), "dynamics.choice": ["logit", "best_reply"]}
    with kzsim.sweep(MINIMAL, over, rounds=200) as result:
        assert len(result.points) == 6
        assert sorted(set(result.points["parameters.anger"])) == pytest.approx([0.1, 0.4, 0.7])
        assert set(result.points["dynamics.choice"]) == {"logit", "best_reply"}
        design = result.points.drop(columns=["scenario", "point", "rounds"])
        again = kzsim.sweep(MINIMAL, design=design, rounds=200)
        pd.testing.assert_frame_equal(again.outcomes, result.outcomes)
    over = {"parameters.anger": kzsim.Range(0, 1)}
    with kzsim.sweep(MINIMAL, over, design="sobol", points=8, rounds=50) as result:
        assert len(result.points) == 8 and result.points["parameters.anger"].nunique() == 8
    with pytest.raises(ValueError, match="missing value"):
        kzsim.sweep(MINIMAL, design=pd.DataFrame({"parameters.anger": [0.1, None]}))


def test_kept_rounds_are_a_design_that_plays_them_again():
    with kzsim.run(MINIMAL, rounds=300, seed=3, keep_rounds=True) as result:
        kept = result.rounds
    some = kept[kept["outcome"] != kept["outcome"].mode()[0]]
    assert 20 < len(some) < len(kept)
    with kzsim.sweep(MINIMAL, design=some, seed=3) as again:
        assert again.played == 1
        assert again.points["round"].tolist() == some["round"].tolist()
        had = again.outcomes[again.outcomes["count"] == 1]["outcome"]
        assert had.tolist() == some["outcome"].tolist()
        # Its points are a design again.
        with kzsim.sweep(MINIMAL, design=again.points, seed=3) as third:
            pd.testing.assert_frame_equal(third.outcomes, again.outcomes)
    # With the chance of other rounds, other things happen.
    with kzsim.sweep(MINIMAL, design=some.assign(round=some["round"] + 5000), seed=3) as other:
        moved = other.outcomes[other.outcomes["count"] == 1]["outcome"]
        assert moved.tolist() != some["outcome"].tolist()


def test_progress_is_told():
    told = []
    with kzsim.run(MINIMAL, rounds=20_000, progress=lambda *step: told.append(step)) as result:
        silent = kzsim.run(MINIMAL, rounds=20_000)
        assert result.outcomes.equals(silent.outcomes)
    assert told[0][0] == 0 and told[0][2] == "rounds"
    assert max(done for done, total, _ in told if total == 20_000) == 20_000
    assert all(0 <= done <= total for done, total, _ in told)


def test_faults_are_told_beside_progress(tmp_path):
    told = []
    file = tmp_path / "wrong.toml"
    file.write_text("schema = 1\n", encoding="utf-8")
    with pytest.raises(kzsim.ScenarioError) as caught:
        kzsim.run(file, progress=lambda *step: told.append(step))
    assert told == [] and "progress" not in str(caught.value) and len(caught.value.faults) > 0


def test_a_function_that_fails_stops_the_program(tmp_path):
    def fails(done, total, unit):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        kzsim.run(MINIMAL, rounds=20_000_000, progress=fails, out=tmp_path / "stopped")
    assert not (tmp_path / "stopped" / "outcomes.csv").exists()


def test_a_bar_is_shown(capsys):
    pytest.importorskip("tqdm")
    with kzsim.run(MINIMAL, rounds=2_000, progress=True):
        assert "rounds" in capsys.readouterr().err


def test_the_program_is_found_by_name_variable_checkout_and_path(tmp_path, monkeypatch):
    real = kzsim.find()
    assert kzsim.find(real) == real
    assert kzsim.version() == "0.2.0-dev.1"
    with pytest.raises(kzsim.BinaryNotFound, match="named"):
        kzsim.find(tmp_path / "kzsim")
    monkeypatch.setenv("KZSIM", str(tmp_path / "gone"))
    with pytest.raises(kzsim.BinaryNotFound, match="named by KZSIM"):
        kzsim.find()
    monkeypatch.setenv("KZSIM", str(real))
    monkeypatch.chdir(tmp_path)
    assert kzsim.find() == real
    monkeypatch.delenv("KZSIM")
    monkeypatch.setenv("PATH", str(tmp_path))
    # The wheel that this package came from has the program inside: no PATH is needed.
    installed = kzsim.find()
    assert installed.is_relative_to(sys.prefix) and installed.name == real.name
    monkeypatch.setattr("kzsim.binary._installed", lambda: None)
    with pytest.raises(kzsim.BinaryNotFound, match="cargo build"):
        kzsim.find()
    monkeypatch.setenv("PATH", str(real.parent))
    assert kzsim.find() == real
    checkout = tmp_path / "checkout"
    (checkout / "target" / "release").mkdir(parents=True)
    (checkout / "scenarios").mkdir()
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(checkout / "scenarios")
    shutil.copy(real, checkout / "target" / "release" / real.name)
    assert kzsim.find() == checkout / "target" / "release" / real.name


def test_another_program_is_not_taken_for_it(tmp_path):
    for says, kind in [("kzsim 9.1.0", kzsim.VersionMismatch), ("hello", kzsim.BinaryNotFound)]:
        other = tmp_path / says.split()[0]
        other.write_text(f"#!{sys.executable}\nprint({says!r})\n", encoding="utf-8")
        other.chmod(0o755)
        with pytest.raises(kind):
            kzsim.run(MINIMAL, binary=other)
