import cv2
import numpy as np

from poseattn.synthetic.avi import write_avi


def test_opencv_decodes_every_frame_in_order(tmp_path):
    pictures = [np.full((48, 64, 3), 20 * number, np.uint8) for number in range(7)]
    frames = [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures]
    write_avi(tmp_path / "clip.avi", frames, (64, 48), 30)
    capture = cv2.VideoCapture(str(tmp_path / "clip.avi"))
    assert capture.get(cv2.CAP_PROP_FPS) == 30
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 7
    for number in range(7):
        found, picture = capture.read()
        assert found and picture.shape == (48, 64, 3)
        assert abs(float(picture.mean()) - 20 * number) < 2
    assert not capture.read()[0]


def test_chunks_are_where_the_index_says(tmp_path):
    frames = [b"\xff\xd8odd", b"\xff\xd8even", b"\xff\xd8last!"]
    write_avi(tmp_path / "clip.avi", frames, (64, 48), 25)
    content = (tmp_path / "clip.avi").read_bytes()
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    movie = content.index(b"movi")
    index = content.index(b"idx1") + 8
    for number, frame in enumerate(frames):
        offset, length = np.frombuffer(content, "<u4", 2, index + 16 * number + 8)
        chunk = movie + offset
        assert content[chunk : chunk + 4] == b"00dc"
        assert content[chunk + 8 : chunk + 8 + length] == frame
