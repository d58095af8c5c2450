"""`bbpsym descend`, and its averages."""

from pathlib import Path

OPTIONS = ("--p", 1, "--p-star", 1, "--a", 1.5, "--alpha", "2,6", "--N", 20, "--samples", 2)
OPTIONS += ("--seed", 1, "--time", 20)


def test_it_descends_resumes_and_is_averaged(run, tmp_path):
    store = tmp_path / "descents.jsonl"
    words = ("descend", *OPTIONS, "--store", store, "--start", "random, optimal")
    assert run(*words) == (0, f"8 samples computed, 0 found in {store}\n", "")
    assert run(*words)[1] == f"0 samples computed, 8 found in {store}\n"
    status, out, _ = run("summarize", store, "--select", "start=optimal")
    assert status == 0
    assert len(out.splitlines()) == 4
    names, _, *rows = out.splitlines()
    ended = names.index(" overlap2_100") + 1  # the descents end at time 20
    assert [row[ended : ended + len("overlap2_100")].strip() for row in rows] == ["", ""]
    _, text, _ = run("summarize", store, "--format", "csv")
    (tmp_path / "summary.csv").write_text(text)
    again = run("summarize", tmp_path / "summary.csv", "--select", "start=optimal")[1]
    assert again.splitlines()[0].split() == out.splitlines()[0].split()
    assert len(again.splitlines()) == 4
    assert "onset" in run("summarize", store, "--onset")[1].splitlines()[0]
    words = ("--format", "latex", "--columns", "alpha,overlap2_end,rises")
    table = run("summarize", store, *words)[1]
    assert r"{$\alpha$} & \multicolumn{2}{c}{$m^2$ end} & " in table
    for columns, words in (("alpha:3", "names here, without digits"), ("beta", "must be among N")):
        assert words in run("summarize", store, "--columns", columns)[2]


def test_what_is_wrong_is_said_in_one_sentence(run, tmp_path):
    store = tmp_path / "descents.jsonl"
    for extra, words in (
        (("--start", "zero"), "start must be one of random, hessian, optimal, not 'zero'"),
        (("--space", "torus"), "space must be one of free, sphere, not 'torus'"),
        (("--fraction", 2), "fraction must be from 0 to 1, not 2"),
        (("--start", "random,random"), "start must name different ones: random stands twice"),
    ):
        status, _, err = run("descend", *OPTIONS, "--store", store, *extra)
        assert (status, err) == (2, f"bbpsym: {words}\n")
    assert not store.exists()
    status, _, err = run("descend", *OPTIONS, "--store", store, "--alpha", "0.04")
    assert status == 2
    assert "fraction must be below 0.5 where the loss is steeper than at the start" in err
    run("descend", *OPTIONS, "--store", store)
    for option in (("--crossings",), ("--edge", "-1"), ("--alpha-zero", "1")):
        status, _, err = run("summarize", store, *option)
        assert status == 2
        assert "are for Hessians, not for descents" in err
    status, _, err = run("summarize", store, "--onset", "--format", "csv")
    assert (status, err) == (2, "bbpsym: format must be text for fits and onsets, not csv\n")
    data = Path(__file__).parents[2] / "data" / "units.csv"
    _, _, err = run("summarize", data, "--onset")
    assert err == "bbpsym: onset is for descents, not for Hessians\n"
