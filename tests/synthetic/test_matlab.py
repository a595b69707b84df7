import numpy as np
from scipy.io import loadmat

from poseattn.synthetic.matlab import write_mat


def test_fields_come_back_in_order_and_with_their_types(tmp_path):
    fields = {"action": "squat", "y": np.eye(2, dtype=np.uint8), "train": np.int32(-1), "x": np.array([[0.5]])}
    write_mat(tmp_path / "a.mat", fields)
    found = {name: value for name, value in loadmat(tmp_path / "a.mat").items() if name[0] != "_"}
    assert list(found) == list(fields)
    assert found["action"].tolist() == ["squat"] and found["train"].tolist() == [[-1]]
    assert [str(found[name].dtype) for name in ("y", "train", "x")] == ["uint8", "int32", "float64"]
    np.testing.assert_array_equal(found["y"], np.eye(2))


def test_files_do_not_tell_when_they_were_written(tmp_path, monkeypatch):
    write_mat(tmp_path / "a.mat", {"x": np.arange(5)})
    monkeypatch.setattr("time.asctime", lambda *_: "Fri Jan  1 00:00:00 1999")
    write_mat(tmp_path / "b.mat", {"x": np.arange(5)})
    assert (tmp_path / "a.mat").read_bytes() == (tmp_path / "b.mat").read_bytes()
    assert loadmat(tmp_path / "a.mat")["__version__"] == "1.0"
