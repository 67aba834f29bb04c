from bench.rows.latency import latencies


def test_each_post_waits_for_the_frame_that_has_it() -> None:
    frames = [(2, 1000), (4, 1300), (4, 1400), (5, 2000)]
    accepted = {2: 1050, 3: 1100, 4: 1250}
    assert latencies(frames, accepted) == [0.25, 0.2, 0.75]
